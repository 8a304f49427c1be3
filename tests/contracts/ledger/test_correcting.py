"""Corrected rows take the place of rows that made nothing, and of no others."""

from __future__ import annotations

import pytest

from batcher.core.states import Stage, State
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import (
    HeldJob,
    StoredRow,
)
from tests.ledger.builders import (
    bring,
    load,
    manifest,
)

from .asking import compare, correct, correction, state_of, withdraw


@pytest.mark.parametrize("state", [State.REJECTED, State.FAILED])
@pytest.mark.parametrize("again", [False, True], ids=["as it was", "put back before"])
async def test_a_corrected_row_takes_the_place_of_the_old_one(ledger: Ledger, state: State, again: bool) -> None:
    campaign = await load(ledger, 3)
    await bring(ledger, campaign, 2, state)
    if again:
        await ledger.release(campaign, Stage.CREATE, (state,))
    answer = await correct(ledger, campaign, correction(1, "k2"))

    assert answer == (1, [])
    assert (await ledger.claim(campaign, Stage.CREATE, after=1, limit=1)) == [
        StoredRow(number=2, key="k2", generation=0, parameters={"documentId": "77"}, tries=0, attempts=1)
    ]


async def test_a_row_that_was_never_sent_may_be_corrected(ledger: Ledger) -> None:
    campaign = await load(ledger, 2)
    answer = await correct(ledger, campaign, correction(1, "k2"))

    assert answer == (1, [])
    assert [row.parameters for row in await ledger.claim(campaign, Stage.CREATE, after=1, limit=1)] == [
        {"documentId": "77"}
    ]


async def test_after_a_correction_the_manifest_as_it_was_can_be_run_again(ledger: Ledger) -> None:
    campaign = await load(ledger, 2)
    await bring(ledger, campaign, 2, State.REJECTED)
    await correct(ledger, campaign, correction(1, "k2"))

    assert (await compare(ledger, campaign, manifest(2))).same


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (State.SENDING, "sending"),
        (State.DONE, "created"),
        (State.IN_DOUBT, "in_doubt"),
        (State.HELD, "held"),
    ],
)
async def test_a_row_in_another_state_cannot_be_corrected(ledger: Ledger, state: State, word: str) -> None:
    campaign = await load(ledger, 3)
    await bring(ledger, campaign, 1, State.REJECTED)
    await bring(ledger, campaign, 2, state)
    taken, refused = await correct(ledger, campaign, correction(1, "k1"), correction(2, "k2"))

    assert (taken, [(job.key, job.state) for job in refused]) == (0, [("k2", word)])
    assert await state_of(ledger, campaign, 1) is State.REJECTED


async def test_a_withdrawn_row_cannot_be_corrected(ledger: Ledger) -> None:
    campaign = await load(ledger, 2)
    await withdraw(ledger, campaign, 2, 2)
    taken, refused = await correct(ledger, campaign, correction(1, "k2"))

    assert (taken, [(job.key, job.state) for job in refused]) == (0, [("k2", "withdrawn")])


@pytest.mark.parametrize(("batcher_key", "named"), [("nobody", "nobody"), (None, "h1")])
async def test_a_correction_of_nothing_is_refused(ledger: Ledger, batcher_key: str | None, named: str) -> None:
    campaign = await load(ledger, 1)
    taken, refused = await correct(ledger, campaign, correction(1, batcher_key))

    assert (taken, refused) == (0, [HeldJob(key=named, state="unknown", job_id=None, campaign="", line=2)])


async def test_two_corrections_of_one_row_are_refused(ledger: Ledger) -> None:
    """One of the two would be lost, and nobody knows which."""
    campaign = await load(ledger, 1)
    await bring(ledger, campaign, 1, State.REJECTED)
    taken, refused = await correct(ledger, campaign, correction(1, "k1"), correction(2, "k1"))

    assert (taken, refused) == (0, [HeldJob(key="k1", state="given twice", job_id=None, campaign="", line=3)])
    assert await state_of(ledger, campaign, 1) is State.REJECTED


async def test_a_correction_does_not_reach_into_another_campaign(ledger: Ledger) -> None:
    first, second = await load(ledger, 1, "a"), await load(ledger, 1, "b")
    await bring(ledger, first, 1, State.REJECTED)
    answer = await correct(ledger, second, correction(1, "k1"))

    assert answer == (1, [])
    assert await state_of(ledger, first, 1) is State.REJECTED
