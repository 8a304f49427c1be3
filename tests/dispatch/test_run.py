"""A run as a whole: what each kind of answer leads to, and what is left in the ledger."""

from __future__ import annotations

from batcher.core.errors import Exit
from batcher.core.outcome import Fault, FaultKind, Listing, Reply
from tests.dispatch.conftest import Box
from tests.scripted import Step, failure_500, silence


async def test_every_row_becomes_one_job(box: Box) -> None:
    await box.load(50)

    summary = await box.run()

    assert (summary.exit_code, summary.counts) == (Exit.OK, {"created": 50})
    assert box.remote.duplicates == {}
    assert len(box.remote.posts) == 50


async def test_a_second_run_sends_nothing(box: Box) -> None:
    await box.load(5)
    await box.run()
    posts = len(box.remote.posts)

    summary = await box.run()

    assert (summary.exit_code, len(box.remote.posts)) == (Exit.OK, posts)


async def test_a_500_that_passes_is_looked_up_and_retried(box: Box) -> None:
    await box.load(10)
    box.remote.scripts[box.signature(3)].append(failure_500())

    summary = await box.run()

    assert (summary.exit_code, summary.counts) == (Exit.OK, {"created": 10})
    assert box.remote.posts.count(box.signature(3)) == 2
    assert box.signature(3) in box.remote.looks


async def test_a_500_after_creation_is_found_and_not_sent_again(box: Box) -> None:
    await box.load(10)
    box.remote.scripts[box.signature(3)].append(failure_500(creates=True))

    summary = await box.run()

    assert (summary.exit_code, box.remote.duplicates) == (Exit.OK, {})
    assert box.remote.posts.count(box.signature(3)) == 1


async def test_a_lost_reply_is_found_by_look_up(box: Box) -> None:
    await box.load(10)
    box.remote.scripts[box.signature(4)].append(silence(creates=True))

    summary = await box.run()

    assert (summary.exit_code, summary.counts, box.remote.duplicates) == (Exit.OK, {"created": 10}, {})


async def test_a_request_that_was_lost_is_sent_again_after_the_settling_time(box: Box) -> None:
    await box.load(10)
    box.remote.scripts[box.signature(4)].append(silence(creates=False))
    began = box.clock.time

    summary = await box.run()

    assert (summary.exit_code, summary.counts) == (Exit.OK, {"created": 10})
    assert box.clock.time - began >= box.plan.patience.settle_s


async def test_500s_that_do_not_pass_end_as_failed_and_the_next_run_tries_again(box: Box) -> None:
    await box.load(5)
    box.remote.scripts[box.signature(2)].extend(failure_500() for _ in range(5))

    first = await box.run()
    second = await box.run()

    assert (first.exit_code, first.counts) == (Exit.FAILED, {"created": 4, "failed": 1})
    assert box.remote.posts.count(box.signature(2)) == 6
    assert (second.exit_code, second.counts) == (Exit.OK, {"created": 5})


async def test_500s_are_retried_where_no_look_up_can_be_proven(box: Box) -> None:
    await box.load(3)
    box.remote.always = lambda signature: failure_500()

    summary = await box.run()

    assert (summary.exit_code, summary.counts) == (Exit.FAILED, {"failed": 3})
    assert len(box.remote.posts) == 15


async def test_a_rejection_is_final(box: Box) -> None:
    await box.load(3)
    box.remote.scripts[box.signature(1)].append(Step(Reply(http_status=200, code=1, description="no document")))

    summary = await box.run()

    assert (summary.exit_code, summary.counts) == (Exit.REJECTED, {"created": 2, "rejected": 1})
    assert len(box.remote.posts) == 3


async def test_a_reply_that_cannot_be_read_is_told_as_such(box: Box) -> None:
    await box.load(2)
    box.remote.scripts[box.signature(1)].append(Step(Reply(http_status=201), creates=True))

    await box.run()

    reasons = [event.reason for event in box.named("job.in_doubt")]  # type: ignore[attr-defined]
    assert reasons == ["HTTP 201 without a readable body"]
    assert [event.state for event in box.named("doubt.resolved")] == ["created"]  # type: ignore[attr-defined]


async def test_wrong_credentials_stop_the_run_at_once(box: Box) -> None:
    await box.load(100)
    box.remote.always = lambda signature: Step(Reply(http_status=401), before_s=1)

    summary = await box.run()

    assert (summary.exit_code, summary.counts) == (Exit.REFUSED, {"pending": 100})
    assert len(box.remote.posts) <= box.plan.concurrency


async def test_doubts_are_held_when_the_look_up_ignores_the_query(box: Box) -> None:
    await box.load(10)
    box.remote.scripts[box.signature(4)].append(silence(creates=True))
    box.remote.lookup = lambda signature: _newest(box)

    summary = await box.run()

    assert (summary.exit_code, summary.counts) == (Exit.IN_DOUBT, {"created": 9, "held": 1})
    assert box.remote.duplicates == {}


async def test_a_redirect_before_the_first_success_is_a_wrong_address(box: Box) -> None:
    await box.load(10)
    box.remote.always = lambda signature: Step(Reply(http_status=302))

    summary = await box.run()

    assert summary.exit_code is Exit.USAGE


async def test_an_outage_pauses_the_run_and_fails_no_row(box: Box) -> None:
    await box.load(20)
    until = box.clock.time + 60
    refused = Fault(kind=FaultKind.CONNECT, detail="refused")
    box.remote.always = lambda signature: Step(refused, sent=False) if box.clock.time < until else None

    summary = await box.run()

    assert (summary.exit_code, summary.counts) == (Exit.OK, {"created": 20})
    assert len(box.named("breaker.opened")) > 1
    assert len(box.remote.posts) < 60


async def test_an_outage_without_end_leaves_every_row_pending(box: Box) -> None:
    await box.load(20)
    box.remote.always = lambda signature: Step(Fault(kind=FaultKind.CONNECT, detail="refused"), sent=False)

    summary = await box.run(max_outage_s=120.0)

    assert (summary.exit_code, summary.counts) == (Exit.FAILED, {"pending": 20})


def _newest(box: Box) -> Listing:
    return Listing(job_ids=tuple(sorted(box.remote.born, reverse=True)[:100]))
