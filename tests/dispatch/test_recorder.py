"""Outcomes are committed in groups beside the workers; a row is let go of only when its outcome is committed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from itertools import pairwise

import pytest

from batcher.core.errors import Exit, LedgerError
from batcher.core.events import JobCreated
from batcher.core.outcome import Reply
from batcher.ledger.records import Outcome, Recorded
from tests.dispatch.conftest import Box
from tests.scripted import Step

Record = Callable[[Sequence[Outcome]], Awaitable[list[Recorded]]]


def _slow_disk(box: Box, seconds: float, before: Callable[[Sequence[Outcome]], None]) -> None:
    """Every group of outcomes takes so long; ``before`` is told of it when that time is over."""
    record: Record = box.ledger.record_outcomes

    async def slowly(group: Sequence[Outcome]) -> list[Recorded]:
        await box.clock.sleep(seconds)
        before(group)
        return await record(group)

    box.ledger.record_outcomes = slowly  # type: ignore[method-assign, assignment]


async def test_workers_send_on_while_outcomes_are_committed(box: Box) -> None:
    await box.load(60)
    box.remote.always = lambda signature: Step(before_s=0.1)
    posted: list[int] = []
    _slow_disk(box, 0.5, lambda group: posted.append(len(box.remote.posts)))

    summary = await box.run(concurrency=4, adaptive=False)

    assert (summary.exit_code, summary.counts) == (Exit.OK, {"created": 60})
    assert max(later - earlier for earlier, later in pairwise(posted)) > 4
    assert box.remote.most_in_flight == 4


async def test_what_was_answered_meanwhile_is_the_next_group(box: Box) -> None:
    await box.load(60)
    box.remote.always = lambda signature: Step(before_s=0.1)
    groups: list[int] = []
    _slow_disk(box, 0.5, lambda group: groups.append(len(group)))

    await box.run(concurrency=4, adaptive=False)

    assert sum(groups) == 60
    assert len(groups) < 20


async def test_no_row_is_told_of_before_its_outcome_is_committed(box: Box) -> None:
    await box.load(20)
    early: list[str] = []

    def look(group: Sequence[Outcome]) -> None:
        told = {event.key for event in box.events if isinstance(event, JobCreated)}
        early.extend(f"k{outcome.number}" for outcome in group if f"k{outcome.number}" in told)

    _slow_disk(box, 0.5, look)

    await box.run()

    assert early == []
    assert len(box.named("job.created")) == 20


async def test_until_the_look_up_is_proven_what_is_not_committed_counts_like_what_is_in_flight(box: Box) -> None:
    """Rule 5: all of it would be in doubt after a crash."""
    await box.load(40)
    box.remote.always = lambda signature: Step(before_s=0.1)
    box.remote.lookup = lambda signature: Reply(http_status=503)
    _slow_disk(box, 0.5, lambda group: None)
    open_rows: list[int] = []
    record = box.ledger.record_intents

    async def count(intents: object) -> object:
        recorded = await record(intents)  # type: ignore[arg-type]
        open_rows.append(sum(state == "sending" for state, _ in (await box.states()).values()))
        return recorded

    box.ledger.record_intents = count  # type: ignore[method-assign, assignment]

    await box.run(concurrency=4, adaptive=False)

    assert max(open_rows) == 4


async def test_a_group_that_cannot_be_written_ends_the_run_and_those_after_it_are_written(box: Box) -> None:
    await box.load(20)
    box.remote.always = lambda signature: Step(before_s=1.0)
    record: Record = box.ledger.record_outcomes
    failures = [LedgerError("no space left")]
    lost: set[int] = set()

    async def fail_once(group: Sequence[Outcome]) -> list[Recorded]:
        if failures and any(outcome.number > 8 for outcome in group):
            lost.update(outcome.number for outcome in group)
            raise failures.pop()
        return await record(group)

    box.ledger.record_outcomes = fail_once  # type: ignore[method-assign, assignment]

    with pytest.raises(LedgerError, match="no space left"):
        await box.run(concurrency=4, adaptive=False)

    posted = {number for number in range(1, 21) if box.signature(number) in box.remote.posts}
    unwritten = {number for number in posted if (await box.states())[number][0] == "sending"}
    assert lost
    assert unwritten == lost
    assert max(posted) > max(lost)
