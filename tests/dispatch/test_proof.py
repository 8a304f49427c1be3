"""What a look-up is believed, and when: the lag, silence, and controls that can prove it."""

from __future__ import annotations

import asyncio

import pytest

from batcher.core.errors import Exit
from batcher.core.outcome import Fault, FaultKind, Listing, Reply
from batcher.dispatch import feed as feed_module
from tests.dispatch.conftest import Box
from tests.scripted import Step, failure_500, silence


async def test_the_lag_of_a_job_whose_reply_was_slow_is_not_taken_for_short(box: Box) -> None:
    """A reply may come long after its job was made: that the job is listed at once then says nothing of the lag."""
    await box.load(5)
    box.remote.lag_s = 20.0
    box.remote.scripts[box.signature(1)].append(Step(after_s=30.0, creates=True, answer=_first_job()))
    box.remote.scripts[box.signature(2)].append(failure_500(creates=True))

    summary = await box.run(concurrency=1)

    assert (summary.exit_code, box.remote.duplicates) == (Exit.OK, {})


async def test_the_lag_of_an_earlier_run_does_not_count_while_this_run_measures_its_own(box: Box) -> None:
    await box.load(2, name="d")
    await box.run()
    await box.load(6)
    box.remote.lag_s = 30.0
    box.remote.always = lambda signature: Step(before_s=0.5)
    box.remote.scripts[box.signature(1)].append(failure_500(creates=True))

    summary = await box.run()

    assert (summary.exit_code, box.remote.duplicates) == (Exit.OK, {})


async def test_silence_while_the_look_up_was_being_proven_counts_too(box: Box) -> None:
    """What the remote was at work on stands still with it: 250 seconds of outage are 250 seconds more."""
    await box.load(1, name="d")
    await box.run()
    await box.load(1)
    began = box.clock.time
    box.remote.scripts[box.signature(1)].append(silence(FaultKind.RESET, creates=False))
    box.remote.lookup = lambda signature: Reply(http_status=503) if box.clock.time < began + 250 else None
    late = asyncio.create_task(_make_later(box, 500.0, box.signature(1)))

    summary = await box.run()
    await late

    assert (summary.exit_code, box.remote.duplicates) == (Exit.OK, {})


async def test_rejected_credentials_at_a_look_up_stop_the_run_and_hold_no_row(box: Box) -> None:
    """Rule 8: a run that only looks up meets a changed password there first."""
    await box.load(1, name="d")
    await box.run()
    await box.load(2)
    box.remote.scripts[box.signature(1)].append(silence(creates=False))
    await box.run(wait=False)
    box.remote.lookup = lambda signature: Reply(http_status=401)

    summary = await box.run()

    assert (summary.exit_code, summary.counts) == (Exit.REFUSED, {"created": 1, "in_doubt": 1})


async def test_hope_that_was_given_up_for_some_rows_is_not_given_up_for_later_ones(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "_MOST_TROUBLED", 2)
    await box.load(8)
    for number in (1, 2, 4):
        box.remote.scripts[box.signature(number)].append(silence(creates=True))
    box.remote.lag_s = 10.0

    summary = await box.run(concurrency=2)

    assert (summary.counts, box.remote.duplicates) == ({"created": 6, "held": 2}, {})


async def test_an_outage_of_look_ups_does_not_break_their_proof_for_the_whole_run(box: Box) -> None:
    """A job that is made later proves them, and a failure that the remote reports is looked up, not believed."""
    await box.load(30)
    until = box.clock.time + 400
    box.remote.lookup = lambda signature: Reply(http_status=503) if box.clock.time < until else None
    box.remote.scripts[box.signature(28)].append(failure_500(creates=True))

    summary = await box.run(rate_per_s=0.05)

    assert (summary.exit_code, box.remote.duplicates) == (Exit.OK, {})


async def test_a_row_that_reached_nobody_at_first_may_still_be_the_control(box: Box) -> None:
    """After an outage all rows have an attempt behind them that was never sent."""
    await box.load(4)
    for number in range(1, 5):
        refused = Fault(kind=FaultKind.CONNECT, detail="refused")
        box.remote.scripts[box.signature(number)].append(Step(refused, sent=False))
    box.remote.scripts[box.signature(4)].append(silence(creates=True))

    summary = await box.run()

    assert (summary.exit_code, summary.counts) == (Exit.OK, {"created": 4})


async def test_a_young_job_of_an_earlier_run_may_be_as_slow_to_be_listed_as_the_lag(box: Box) -> None:
    """The earlier run was killed just now: that its last job is not listed yet says nothing against the look-up."""
    await box.load(3, name="d")
    box.remote.lag_s = 60.0
    box.remote.scripts[box.signature(3)].append(silence(creates=True))
    await box.run()
    await box.load(2)
    await box.run(limit=1)
    box.remote.scripts[box.signature(2)].append(silence(creates=True))

    summary = await box.run()

    assert (summary.exit_code, summary.counts) == (Exit.OK, {"created": 2})


async def test_the_control_is_a_signature_of_no_row_and_new_in_every_run(box: Box) -> None:
    """Rule 4 (a): a row's own signature would find its job, and one that was asked before may come from a cache."""
    await box.load(6)
    box.remote.always = lambda signature: Step(before_s=1.0)
    controls: list[str] = []
    for limit in (3, 3):
        box.remote.looks.clear()
        await box.run(limit=limit, concurrency=1)
        controls += box.remote.looks[:1]

    assert {*controls}.isdisjoint(box.signature(number) for number in range(1, 7))
    assert len({*controls}) == 2


async def test_a_run_that_creates_none_uses_the_lag_of_earlier_runs(box: Box) -> None:
    """Rule 4: it is kept in the ledger, and is neither forgotten nor taken for more than it is."""
    await box.load(3, name="d")
    box.remote.lag_s = 20.0
    box.remote.scripts[box.signature(3)].append(silence(creates=True))
    await box.run()
    await box.load(1)
    box.remote.scripts[box.signature(1)].append(failure_500(creates=True))
    began = box.clock.time

    summary = await box.run()

    assert (summary.exit_code, box.remote.duplicates) == (Exit.OK, {})
    await box.load(1, name="e")
    box.remote.scripts[box.signature(1)].append(failure_500())
    began = box.clock.time
    await box.run()
    assert 40 <= box.clock.time - began < 150


async def test_the_larger_of_two_lags_counts(box: Box) -> None:
    """Rule 4: the job that measured the lag today may have been a quick one."""
    await box.load(3, name="d")
    box.remote.lag_s = 40.0
    box.remote.scripts[box.signature(3)].append(silence(creates=True))
    await box.run()
    await box.load(3)
    box.remote.lag_s = 0.0
    box.remote.scripts[box.signature(3)].append(failure_500(creates=True))
    slow, born = box.signature(3), box.remote.born
    box.remote.lookup = lambda signature: (
        Listing(job_ids=())
        if signature == slow and all(box.clock.time < born[job_id] + 40 for job_id in box.remote.jobs[slow])
        else None
    )

    summary = await box.run(concurrency=1)

    assert (summary.exit_code, box.remote.duplicates) == (Exit.OK, {})


async def test_the_time_of_a_doubt_goes_on_in_the_next_run(box: Box) -> None:
    """Rule 4: it counts from the end of the attempt, not from when a run first sees it, nor is it over at once."""
    await box.load(2)
    box.remote.scripts[box.signature(2)].append(silence(creates=False))
    await box.run(wait=False, concurrency=1)
    in_doubt_since = box.clock.time
    await box.clock.sleep(200)
    late = asyncio.create_task(_make_later(box, 90.0, box.signature(2)))

    summary = await box.run()
    await late

    assert (summary.exit_code, box.remote.duplicates) == (Exit.OK, {})
    assert box.clock.time - in_doubt_since < 350


async def test_a_job_of_another_row_that_is_replied_breaks_the_proof(box: Box) -> None:
    """Rule 4: held, alarm; although the look-up was proven, and would find the row's own job."""
    await box.load(4)
    mistaken = Reply(http_status=201, code=0, job_id=5001)
    box.remote.scripts[box.signature(3)].append(Step(mistaken, creates=True))

    summary = await box.run(concurrency=1)

    assert [event.key for event in box.named("job_id.taken")] == ["k3"]  # type: ignore[attr-defined]
    assert "was named for two rows" in box.named("lookup.unproven")[-1].reason  # type: ignore[attr-defined]
    assert (summary.counts, (await box.states())[3]) == ({"created": 3, "held": 1}, ("held", None))


async def test_a_job_of_another_row_that_is_found_breaks_the_proof(box: Box) -> None:
    """Rule 4: held, alarm; and nothing that the look-up says afterwards is believed."""
    await box.load(6)
    for number in (3, 5):
        box.remote.scripts[box.signature(number)].append(silence(creates=True))
    misled, taken_at = box.signature(3), box.clock.time + 60
    box.remote.lag_s = 60.0
    box.remote.lookup = lambda signature: (
        Listing(job_ids=(5001,)) if signature == misled and box.clock.time >= taken_at else None
    )

    summary = await box.run(concurrency=1)

    assert [event.key for event in box.named("job_id.taken")] == ["k3"]  # type: ignore[attr-defined]
    assert "was found for two rows" in box.named("lookup.unproven")[-1].reason  # type: ignore[attr-defined]
    assert (summary.exit_code, (await box.states())[3]) == (Exit.IN_DOUBT, ("held", None))


async def _make_later(box: Box, after_s: float, signature: str) -> None:
    await box.clock.sleep(after_s)
    box.remote.make_job(signature)


def _first_job() -> Reply:
    return Reply(http_status=201, code=0, job_id=5001, description="Created")
