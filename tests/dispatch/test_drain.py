"""How a run ends before its rows do: nothing is left in between, whenever it was asked to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from batcher.core.errors import Exit, LedgerError
from batcher.core.outcome import Answer, Reply
from batcher.core.tally import StopReason
from batcher.dispatch.stop import Stop
from batcher.ledger.records import Outcome, Recorded
from tests.dispatch.conftest import Box
from tests.scripted import Step


async def test_a_forbidden_row_whose_account_could_not_be_asked_in_time_goes_back_to_pending(box: Box) -> None:
    await box.load(1)
    box.remote.always = lambda signature: Step(Reply(http_status=403))

    async def slow() -> Answer:
        box.stop.request(StopReason.SIGTERM)
        await box.clock.sleep(100)
        return Reply(http_status=200)

    box.remote.credit = slow  # type: ignore[method-assign]

    summary = await box.start(drain_timeout_s=5.0)

    assert (summary.exit_code, summary.counts) == (Exit.SIGTERM, {"pending": 1})


async def test_a_ledger_that_fails_while_intents_are_taken_back_leaves_nobody_at_work(box: Box) -> None:
    await box.load(100)
    box.remote.always = lambda signature: Step(before_s=2.0)
    record, failures = box.ledger.record_outcomes, [LedgerError("no space left")]

    async def fails_for_what_is_taken_back(group: Sequence[Outcome]) -> list[Recorded]:
        if failures and any(outcome.error_type == "withheld" for outcome in group):
            raise failures.pop()
        return await record(group)

    box.ledger.record_outcomes = fails_for_what_is_taken_back  # type: ignore[method-assign]
    stopper = asyncio.create_task(_stop_later(box, 20.5))

    with pytest.raises(LedgerError, match="no space left"):
        await box.start()
    await stopper

    assert not failures
    assert [task for task in asyncio.all_tasks() if "Pool" in repr(task)] == []
    assert box.remote.in_flight == 0
    assert "sending" not in (await box.states())[1]


async def test_a_row_that_somebody_else_moved_while_it_was_sent_stops_the_run(box: Box) -> None:
    """Rule 2: an outcome that moves nothing is news; the run must not go on as if it had moved."""
    await box.load(3)

    def steal(signature: str) -> Step:
        return Step(before_s=1.0)

    box.remote.always = steal
    thief = asyncio.create_task(_move_later(box, "UPDATE row SET state = 'withdrawn' WHERE state = 'sending'"))

    summary = await box.run(concurrency=1)
    await thief

    assert summary.exit_code is Exit.LEDGER_BROKEN
    assert [event.name for event in box.events].count("move.lost") == 1
    assert box.named("job.created") == []


async def test_intents_far_ahead_of_slow_workers_do_not_go_stale(box: Box) -> None:
    """Rule 5: an intent that waits longer than its window is one too many, and one more row in doubt after a crash."""
    await box.load(60)
    box.remote.always = lambda signature: Step(before_s=30.0)

    summary = await box.run()

    unsent = sum([attempt["sent"] == 0 for number in range(1, 61) for attempt in await box.attempts(number)])
    assert summary.exit_code is Exit.OK
    # How many exactly is a matter of which outcomes share a commit. Without a limit there are hundreds.
    assert unsent <= 4 * box.plan.concurrency


def test_the_first_error_is_the_one_that_is_raised() -> None:
    stop, error = Stop(), LedgerError("no space left")
    stop.fail(error)
    stop.request(StopReason.LEDGER, detail="row 3 was moved by somebody else")
    stop.fail(LedgerError("closed"))

    assert (stop.error, stop.detail) == (error, "no space left")


async def _stop_later(box: Box, after_s: float) -> None:
    await box.clock.sleep(after_s)
    box.stop.request(StopReason.SIGTERM)


async def _move_later(box: Box, sql: str) -> None:
    await box.clock.sleep(0.5)
    await box.change(sql)
