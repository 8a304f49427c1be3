"""Rows that another campaign of the ledger holds."""

from __future__ import annotations

import pytest

from batcher.core.states import State
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import (
    HeldJob,
)
from tests.ledger.builders import (
    TARGET,
    bring,
    load,
    manifest,
)

from .asking import ELSEWHERE, MADE_NOTHING, MAY_BE_JOBS_SHOWN, staged


async def held_elsewhere(ledger: Ledger, name: str, base_url: str = TARGET.base_url) -> tuple[list[HeldJob], int]:
    held: tuple[list[HeldJob], int] = await staged(
        ledger, manifest(3), lambda staging: staging.held_elsewhere(name, base_url, 9)
    )
    return held


@pytest.mark.parametrize(("state", "word"), MAY_BE_JOBS_SHOWN)
async def test_a_row_that_may_be_a_job_in_another_campaign_is_named(ledger: Ledger, state: State, word: str) -> None:
    campaign = await load(ledger, 3, "last night")
    await bring(ledger, campaign, 2, state)
    job_id = 5002 if state is State.DONE else None

    assert await held_elsewhere(ledger, "tonight") == (
        [HeldJob(key="k2", state=word, job_id=job_id, campaign="last night", line=3)],
        1,
    )


@pytest.mark.parametrize("state", MADE_NOTHING)
async def test_a_row_that_made_nothing_in_another_campaign_is_free(ledger: Ledger, state: State) -> None:
    await bring(ledger, await load(ledger, 3, "last night"), 2, state)

    assert await held_elsewhere(ledger, "tonight") == ([], 0)


async def test_a_row_of_the_same_campaign_is_not_held_elsewhere(ledger: Ledger) -> None:
    await bring(ledger, await load(ledger, 3), 2, State.DONE)

    assert await held_elsewhere(ledger, "c") == ([], 0)


async def test_a_row_that_is_a_job_in_both_campaigns_does_not_stand_in_the_way(ledger: Ledger) -> None:
    """It was made again because somebody meant it; that the first campaign carries on asks for no second word."""
    for name in ("c", "again"):
        await bring(ledger, await load(ledger, 3, name), 2, State.DONE, job_id=5000 + len(name))

    assert await held_elsewhere(ledger, "c") == ([], 0)


@pytest.mark.parametrize("state", [State.PENDING, State.IN_DOUBT, State.HELD])
async def test_a_row_that_may_still_be_sent_here_is_held_elsewhere(ledger: Ledger, state: State) -> None:
    await bring(ledger, await load(ledger, 3), 2, state)
    await bring(ledger, await load(ledger, 3, "again"), 2, State.DONE)

    assert (await held_elsewhere(ledger, "c"))[1] == 1


async def test_a_row_in_several_other_campaigns_is_one_row(ledger: Ledger) -> None:
    for name in ("a", "bb"):
        await bring(ledger, await load(ledger, 3, name), 2, State.DONE, job_id=5000 + len(name))
    held, count = await held_elsewhere(ledger, "tonight")

    assert ([(job.key, job.campaign) for job in held], count) == ([("k2", "a"), ("k2", "bb")], 1)


async def test_a_job_at_another_base_url_does_not_stand_in_the_way(ledger: Ledger) -> None:
    await bring(ledger, await load(ledger, 3, target=ELSEWHERE), 2, State.DONE)

    assert await held_elsewhere(ledger, "tonight") == ([], 0)


async def test_of_many_rows_held_elsewhere_the_first_are_named_and_all_counted(ledger: Ledger) -> None:
    campaign = await load(ledger, 3, "last night")
    for number in (1, 2, 3):
        await bring(ledger, campaign, number, State.DONE)
    held, count = await staged(
        ledger, manifest(3), lambda staging: staging.held_elsewhere("tonight", TARGET.base_url, 2)
    )

    assert ([job.key for job in held], count) == (["k1", "k2"], 3)
