"""Rows that were sent more than once are looked up again at the end, and jobs too many are named."""

from __future__ import annotations

import pytest

from batcher.core.errors import Exit
from batcher.core.events import JobsDuplicated, RowsRechecked
from batcher.core.outcome import Reply
from tests.dispatch.conftest import Box
from tests.scripted import ScriptedRemote, Step, failure_500, silence


async def sent_twice(box: Box) -> None:
    """A campaign whose second row fails once, and then goes well."""
    await box.load(4)
    box.remote.scripts[box.signature(2)].append(failure_500())


async def rechecked(box: Box) -> list[RowsRechecked]:
    return [event for event in box.events if isinstance(event, RowsRechecked)]


async def test_a_row_that_was_sent_twice_and_is_one_job_is_looked_up_once_more(box: Box) -> None:
    await sent_twice(box)

    summary = await box.run()

    assert (summary.exit_code, summary.duplicates.known) == (Exit.OK, 0)
    assert await rechecked(box) == [RowsRechecked(rows=1, extra_jobs=0, unanswered=0)]
    assert box.remote.looks[-1] == box.signature(2)


async def test_a_job_too_many_is_named_and_counted(box: Box) -> None:
    """The remote was slower than everybody waited: no rule can undo that, but nobody may hide it."""
    await sent_twice(box)

    def make_the_first_one_after_all(signature: str) -> None:
        if signature == box.signature(2):
            box.remote.make_job(signature)

    box.remote.always = make_the_first_one_after_all

    summary = await box.run()

    (duplicated,) = [event for event in box.events if isinstance(event, JobsDuplicated)]
    ids = box.remote.jobs[box.signature(2)]
    assert {duplicated.adopted, *duplicated.extra} == set(ids)
    assert len(ids) == 2
    assert summary.duplicates.known == 1


async def test_a_row_that_was_looked_at_again_is_not_looked_at_by_the_next_run(box: Box) -> None:
    await sent_twice(box)
    await box.run()
    box.events.clear()

    await box.run()

    assert await rechecked(box) == []


async def test_a_run_that_was_stopped_leaves_the_second_look_to_the_next(box: Box) -> None:
    await sent_twice(box)
    await box.run(limit=2)
    first = await rechecked(box)
    box.events.clear()
    box.remote.lookup = lambda signature: Reply(http_status=503)
    await box.run(wait=False)
    second = await rechecked(box)
    box.remote.lookup = lambda signature: None

    await box.run()

    assert (len(first), second) == (1, [])
    assert await box.ledger.sent_again(box.campaign) == []  # type: ignore[arg-type]


async def test_without_a_proof_nothing_is_believed_and_the_next_run_looks(box: Box) -> None:
    await sent_twice(box)
    box.remote.lookup = lambda signature: Reply(http_status=404)
    await box.run()
    unproven = await rechecked(box)
    box.remote.lookup = lambda signature: None

    await box.run()

    assert (unproven, await rechecked(box)) == ([], [RowsRechecked(rows=1, extra_jobs=0, unanswered=0)])


async def test_a_row_that_cannot_be_seen_just_now_is_left_to_the_next_run(box: Box) -> None:
    await sent_twice(box)
    away = ScriptedRemote.find

    async def find(signature: str) -> object:
        made = len(box.remote.jobs[box.signature(2)])
        return Reply(http_status=503) if made and signature == box.signature(2) else await away(box.remote, signature)

    box.remote.find = find  # type: ignore[method-assign, assignment]

    summary = await box.run()

    assert (summary.exit_code, await rechecked(box)) == (Exit.OK, [RowsRechecked(rows=1, extra_jobs=0, unanswered=1)])
    assert len(await box.ledger.sent_again(box.campaign)) == 1  # type: ignore[arg-type]


async def test_it_waits_for_as_long_as_a_job_may_be_missing_from_listings(box: Box) -> None:
    await sent_twice(box)
    box.remote.lag_s = 40.0

    await box.run()

    (event,) = await rechecked(box)
    assert (event.unanswered, box.remote.duplicates) == (0, {})


@pytest.mark.parametrize("throttled", [429, 503])
async def test_a_row_that_was_throttled_was_sent_as_well(box: Box, throttled: int) -> None:
    await box.load(4)
    box.remote.scripts[box.signature(2)].append(Step(Reply(http_status=throttled, retry_after_s=1.0)))

    await box.run()

    assert await rechecked(box) == [RowsRechecked(rows=1, extra_jobs=0, unanswered=0)]


async def test_a_stop_ends_the_second_look(box: Box) -> None:
    """Its wait is no reason to stay."""
    await sent_twice(box)
    box.remote.lag_s = 100.0

    summary = await box.run(max_duration_s=250.0)

    assert summary.exit_code in {Exit.STOPPED, Exit.OK}
    assert box.clock.time < 1000.0 + 300.0


async def test_a_row_found_by_look_up_after_one_attempt_was_sent_once(box: Box) -> None:
    await box.load(4)
    box.remote.scripts[box.signature(2)].append(silence(creates=True))

    await box.run()

    assert await rechecked(box) == []
