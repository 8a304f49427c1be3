"""Outcomes of many rows, written together: each row ends where it would have ended alone."""

from __future__ import annotations

from typing import Any

import pytest

from batcher.core.errors import IllegalMove
from batcher.core.states import State
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import Campaign, Recorded
from tests.ledger.builders import bring, load, outcome, send

from .asking import state_of


async def _states(ledger: Ledger, campaign: Campaign, rows: int) -> list[State]:
    return [await state_of(ledger, campaign, number) for number in range(1, rows + 1)]


async def test_rows_that_became_jobs_are_all_done(ledger: Ledger) -> None:
    campaign = await load(ledger, 100)
    await send(ledger, campaign, *range(1, 101))
    recorded = await ledger.record_outcomes([outcome(campaign, n, State.DONE) for n in range(1, 101)])

    assert (recorded, await ledger.counts(campaign)) == ([Recorded.MOVED] * 100, (100, {"created": 100}))


async def test_what_is_said_comes_in_the_order_of_the_outcomes(ledger: Ledger) -> None:
    campaign = await load(ledger, 4)
    await send(ledger, campaign, 1, 2, 3)
    recorded = await ledger.record_outcomes(
        [
            outcome(campaign, 3, State.REJECTED),
            outcome(campaign, 4, State.DONE),
            outcome(campaign, 1, State.DONE),
            outcome(campaign, 2, State.IN_DOUBT),
        ]
    )

    assert recorded == [Recorded.MOVED, Recorded.LOST, Recorded.MOVED, Recorded.MOVED]
    assert await _states(ledger, campaign, 4) == [State.DONE, State.IN_DOUBT, State.REJECTED, State.PENDING]


@pytest.mark.parametrize("state", [State.PENDING, State.FAILED, State.DONE])
async def test_one_row_that_is_elsewhere_takes_nothing_from_the_others(ledger: Ledger, state: State) -> None:
    campaign = await load(ledger, 3)
    await bring(ledger, campaign, 2, state)
    await send(ledger, campaign, 1, 3)
    recorded = await ledger.record_outcomes([outcome(campaign, n, State.DONE) for n in (1, 2, 3)])

    assert recorded == [Recorded.MOVED, Recorded.LOST, Recorded.MOVED]
    assert await _states(ledger, campaign, 3) == [State.DONE, state, State.DONE]


async def test_a_job_that_comes_after_its_row_was_given_up_on_is_taken(ledger: Ledger) -> None:
    campaign = await load(ledger, 2)
    await send(ledger, campaign, 1)
    await bring(ledger, campaign, 2, State.IN_DOUBT)
    recorded = await ledger.record_outcomes([outcome(campaign, n, State.DONE) for n in (1, 2)])

    assert (recorded, await ledger.counts(campaign)) == ([Recorded.MOVED] * 2, (2, {"created": 2}))


async def test_of_two_rows_with_one_job_id_the_first_gets_the_job(ledger: Ledger) -> None:
    campaign = await load(ledger, 3)
    await send(ledger, campaign, 1, 2, 3)
    recorded = await ledger.record_outcomes([outcome(campaign, n, State.DONE, job_id=7 + n // 3) for n in (1, 2, 3)])

    assert recorded == [Recorded.MOVED, Recorded.ID_TAKEN, Recorded.MOVED]
    assert await _states(ledger, campaign, 3) == [State.DONE, State.IN_DOUBT, State.DONE]


async def test_a_job_id_that_an_earlier_row_holds_is_not_taken(ledger: Ledger) -> None:
    campaign = await load(ledger, 3)
    await bring(ledger, campaign, 1, State.DONE)
    await send(ledger, campaign, 2, 3)
    recorded = await ledger.record_outcomes(
        [outcome(campaign, 2, State.DONE), outcome(campaign, 3, State.DONE, job_id=5001)]
    )

    assert recorded == [Recorded.MOVED, Recorded.ID_TAKEN]
    assert await _states(ledger, campaign, 3) == [State.DONE, State.DONE, State.IN_DOUBT]


@pytest.mark.parametrize(
    "bad", [{"job_id": None}, {"job_id": 0}, {"old": State.PENDING}], ids=["no job", "job 0", "no move"]
)
async def test_one_illegal_outcome_keeps_the_whole_group_from_being_written(
    ledger: Ledger, bad: dict[str, object]
) -> None:
    campaign = await load(ledger, 2)
    await send(ledger, campaign, 1, 2)
    with pytest.raises(IllegalMove, match="row 2"):
        await ledger.record_outcomes([outcome(campaign, 1, State.DONE), outcome(campaign, 2, State.DONE, **bad)])

    assert await _states(ledger, campaign, 2) == [State.SENDING, State.SENDING]


async def test_an_outcome_of_an_earlier_attempt_moves_nothing(ledger: Ledger) -> None:
    campaign = await load(ledger, 2)
    await send(ledger, campaign, 1, 2)
    await ledger.record_outcome(outcome(campaign, 2, State.PENDING))
    await send(ledger, campaign, 2, attempt=2)
    recorded = await ledger.record_outcomes([outcome(campaign, n, State.DONE) for n in (1, 2)])

    assert recorded == [Recorded.MOVED, Recorded.LOST]
    assert await _states(ledger, campaign, 2) == [State.DONE, State.SENDING]


async def test_the_attempts_of_a_group_are_closed_like_those_of_one(ledger: Ledger) -> None:
    campaign = await load(ledger, 2)
    await send(ledger, campaign, 1, 2)
    facts = {"http_status": 201, "return_code": 0, "description": "Success", "duration_ms": 12}
    await ledger.record_outcomes([outcome(campaign, 1, State.DONE, **facts)])
    await ledger.record_outcome(outcome(campaign, 2, State.DONE, **facts))
    together, alone = await ledger.load(_attempts)

    assert together["job_id"] == 5001
    assert {**together, "row_number": 2, "job_id": 5002} == alone


def _attempts(staging: Any) -> list[dict[str, Any]]:
    cursor = staging._db.execute("SELECT * FROM attempt ORDER BY row_number")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
