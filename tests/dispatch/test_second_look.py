"""Rows that were sent more than once are looked up again at the end, and jobs too many are named."""

from __future__ import annotations

import asyncio

import pytest

from batcher.core.errors import Exit
from batcher.core.events import JobsDuplicated, RowsRechecked
from batcher.core.outcome import Listing, LookUpAnswer, Reply
from batcher.core.tally import StopReason
from batcher.ledger.records import Campaign, SentAgain
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


async def test_a_run_that_is_stopped_leaves_the_second_look_to_the_next(box: Box) -> None:
    """The stop comes while the look waits for the lag to be over, and that wait is no reason to stay."""
    await sent_twice(box)
    box.remote.lag_s = 100.0
    due, began_at = box.ledger.sent_again, list[float]()

    async def spy(campaign: Campaign) -> list[SentAgain]:
        began_at.append(box.clock.time)
        asyncio.get_running_loop().call_soon(box.stop.request, StopReason.SIGTERM)
        return await due(campaign)

    box.ledger.sent_again = spy  # type: ignore[method-assign]
    summary = await box.run()
    stayed_s, first = box.clock.time - began_at[0], await rechecked(box)
    box.ledger.sent_again = due  # type: ignore[method-assign]

    await box.run()

    assert (summary.counts, stayed_s < 5, first) == ({"created": 4}, True, [])
    assert await rechecked(box) == [RowsRechecked(rows=1, extra_jobs=0, unanswered=0)]
    assert await box.ledger.sent_again(box.campaign) == []  # type: ignore[arg-type]


async def test_a_proof_that_breaks_while_the_second_look_waits_ends_it(box: Box) -> None:
    """The run's last job is a sample; it is found to be another just before the second look would be made."""
    await sent_twice(box)
    box.remote.scripts[box.signature(4)].append(Step(before_s=6.0))
    find = box.remote.find

    async def contradicts(signature: str) -> LookUpAnswer:
        if signature != box.signature(4):
            return await find(signature)
        await box.clock.sleep(0.5)
        return Listing(job_ids=(1,))

    box.remote.find = contradicts  # type: ignore[method-assign]

    summary = await box.run()

    assert (summary.counts, len(box.named("lookup.unproven"))) == ({"created": 4}, 1)
    assert await rechecked(box) == []
    assert len(await box.ledger.sent_again(box.campaign)) == 1  # type: ignore[arg-type]


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


async def test_a_row_found_by_look_up_after_one_attempt_was_sent_once(box: Box) -> None:
    await box.load(4)
    box.remote.scripts[box.signature(2)].append(silence(creates=True))

    await box.run()

    assert await rechecked(box) == []
