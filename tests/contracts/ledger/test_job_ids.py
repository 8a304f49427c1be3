"""Two rows never share a job id."""

from __future__ import annotations

import asyncio

import pytest

from batcher.core.states import State
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import (
    Recorded,
    Via,
)
from tests.ledger.builders import (
    bring,
    load,
    outcome,
    send,
)

from .asking import ELSEWHERE, state_of


async def test_a_job_id_that_another_row_holds_is_not_taken_from_a_reply(ledger: Ledger) -> None:
    campaign = await load(ledger, 2)
    await bring(ledger, campaign, 1, State.DONE)
    await send(ledger, campaign, 2)
    recorded = await ledger.record_outcome(outcome(campaign, 2, State.DONE, job_id=5001))

    assert (recorded, await state_of(ledger, campaign, 2)) == (Recorded.ID_TAKEN, State.IN_DOUBT)


@pytest.mark.parametrize("old", [State.IN_DOUBT, State.HELD])
async def test_a_job_id_that_another_row_holds_is_not_taken_from_a_look_up(ledger: Ledger, old: State) -> None:
    campaign = await load(ledger, 2)
    await bring(ledger, campaign, 1, State.DONE)
    await bring(ledger, campaign, 2, old)
    recorded = await ledger.record_outcome(outcome(campaign, 2, State.DONE, old=old, job_id=5001, via=Via.LOOK_UP))

    assert (recorded, await state_of(ledger, campaign, 2)) == (Recorded.ID_TAKEN, State.HELD)


async def test_a_job_id_that_a_row_of_another_campaign_holds_is_not_taken(ledger: Ledger) -> None:
    first, second = await load(ledger, 1, "a"), await load(ledger, 1, "b")
    await bring(ledger, first, 1, State.DONE)
    await send(ledger, second, 1)

    assert await ledger.record_outcome(outcome(second, 1, State.DONE)) is Recorded.ID_TAKEN


async def test_a_job_id_at_another_base_url_is_another_job(ledger: Ledger) -> None:
    first, second = await load(ledger, 1, "a"), await load(ledger, 1, "b", target=ELSEWHERE)
    await bring(ledger, first, 1, State.DONE)
    await send(ledger, second, 1)

    assert await ledger.record_outcome(outcome(second, 1, State.DONE)) is Recorded.MOVED


async def test_of_two_rows_that_get_one_job_id_at_once_one_gets_the_job(ledger: Ledger) -> None:
    campaign = await load(ledger, 2)
    await send(ledger, campaign, 1, 2)
    recorded = await asyncio.gather(
        *(ledger.record_outcome(outcome(campaign, n, State.DONE, job_id=7)) for n in (1, 2))
    )

    assert sorted(recorded) == [Recorded.ID_TAKEN, Recorded.MOVED]
    assert await ledger.counts(campaign) == (2, {"created": 1, "in_doubt": 1})
