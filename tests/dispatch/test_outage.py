"""An outage: the run pauses, asks whether somebody is there, tries with one row, and goes on; rows lose nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise

import pytest

from batcher.core.errors import Exit
from batcher.core.outcome import Answer, Fault, FaultKind, Reply
from batcher.core.retry import RetryPolicy
from batcher.core.tally import StopReason
from tests.dispatch.conftest import Box
from tests.scripted import CREDIT, Step, silence

REFUSED = Fault(kind=FaultKind.CONNECT, detail="refused")
STEADY = RetryPolicy(backoff_s=1.0, max_backoff_s=8.0)


def away(box: Box, *, posts: bool = True, probes: Answer | None = REFUSED) -> Callable[[], None]:
    """Takes the remote away, for rows and for probes; returns what brings it back."""
    if posts:
        box.remote.always = lambda signature: Step(REFUSED, sent=False)
    box.remote.credit_answer = probes or Reply(http_status=200)

    def back() -> None:
        box.remote.always = lambda signature: None
        box.remote.credit_answer = Reply(http_status=200)

    return back


async def at(box: Box, seconds: float, act: Callable[[], None]) -> None:
    await box.clock.sleep(seconds)
    act()


def note_times(box: Box) -> list[float]:
    """When the remote is asked for its credit."""
    times: list[float] = []
    credit = box.remote.credit

    async def spy() -> Answer:
        times.append(box.clock.time)
        return await credit()

    box.remote.credit = spy  # type: ignore[method-assign]
    return times


async def hangs() -> Answer:
    return await asyncio.Future()


async def test_after_a_pause_the_harmless_question_comes_first_then_one_row_then_all(box: Box) -> None:
    await box.load(50)
    back = away(box)
    later = asyncio.create_task(at(box, 20.0, back))

    summary = await box.run()
    await later

    first = box.remote.asked.index(CREDIT)
    last = len(box.remote.asked) - box.remote.asked[::-1].index(CREDIT)
    assert set(box.remote.asked[first:last]) == {CREDIT}
    assert len(box.remote.asked[last:]) == 50
    assert (summary.exit_code, summary.counts) == (Exit.OK, {"created": 50})
    assert len(box.named("breaker.closed")) == 1


async def test_while_nobody_answers_no_row_is_touched_and_pauses_grow_up_to_their_limit(box: Box) -> None:
    await box.load(50)
    back = away(box)
    times = note_times(box)
    later = asyncio.create_task(at(box, 50.0, back))

    await box.run(retry=STEADY, concurrency=5)
    await later

    gaps = [round(after - before, 2) for before, after in pairwise(times)]
    assert gaps[:6] == [2.0, 4.0, 8.0, 8.0, 8.0, 8.0]
    rows = [await box.attempts(number) for number in range(1, 51)]
    assert sum(len(attempts) for attempts in rows) <= 50 + 5 + 4
    assert sum(attempt["sent"] for attempts in rows for attempt in attempts) == 50


async def test_no_try_is_used_up_by_an_outage(box: Box) -> None:
    await box.load(20)
    later = asyncio.create_task(at(box, 300.0, away(box)))

    summary = await box.run(retry=RetryPolicy(max_attempts=1))
    await later

    assert (summary.exit_code, summary.counts) == (Exit.OK, {"created": 20})


@pytest.mark.parametrize("nobody", [REFUSED, Reply(http_status=502), Reply(http_status=302), None], ids=str)
async def test_an_outage_without_end_ends_the_run_in_time_with_every_untried_row_pending(
    box: Box, nobody: Answer | None
) -> None:
    """Also where the probe is not answered at all."""
    await box.load(200)
    box.remote.always = lambda signature: Step(REFUSED, sent=False) if int(signature.split("-")[1]) > 20 else None
    box.remote.credit_answer = nobody or REFUSED
    if nobody is None:
        box.remote.credit = hangs  # type: ignore[method-assign]
    began = box.clock.time

    summary = await box.run(max_outage_s=100.0)

    assert (summary.exit_code, summary.stopped_by) == (Exit.FAILED, StopReason.OUTAGE)
    assert summary.counts == {"created": 20, "pending": 180}
    assert 100 <= box.clock.time - began <= 110
    assert [await box.attempts(number) for number in range(100, 201)] == [[]] * 101


async def test_a_probe_that_is_refused_for_its_credentials_stops_the_run(box: Box) -> None:
    await box.load(30)
    away(box, probes=Reply(http_status=401))

    summary = await box.run()

    assert (summary.exit_code, summary.counts) == (Exit.REFUSED, {"pending": 30})
    assert box.remote.asked.count(CREDIT) == 1


@pytest.mark.parametrize("status", [200, 400, 403, 404])
async def test_whoever_answers_the_probe_is_there(box: Box, status: int) -> None:
    """Some accounts may not ask for their credit; and 404 says nothing of the address of the jobs."""
    await box.load(30)
    until = box.clock.time + 10
    box.remote.always = lambda signature: Step(REFUSED, sent=False) if box.clock.time < until else None
    box.remote.credit_answer = Reply(http_status=status)

    summary = await box.run()

    assert (summary.exit_code, summary.counts) == (Exit.OK, {"created": 30})


@pytest.mark.parametrize("status", [429, 503])
async def test_a_probe_that_is_told_to_wait_makes_everybody_wait(box: Box, status: int) -> None:
    await box.load(30)
    later = asyncio.create_task(at(box, 5.0, away(box, probes=Reply(http_status=status, retry_after_s=60.0))))
    times = note_times(box)

    summary = await box.run()
    await later

    assert times[1] - times[0] > 59.9
    assert (summary.exit_code, len(box.named("pace.changed"))) == (Exit.OK, 1)


async def test_a_probe_takes_a_permit_of_the_rate(box: Box) -> None:
    await box.load(20)
    times = note_times(box)
    create, posts = box.remote.create, list[float]()

    async def spy(*arguments: object) -> Answer:
        posts.append(box.clock.time)
        return await create(*arguments)  # type: ignore[arg-type]

    box.remote.create = spy  # type: ignore[method-assign, assignment]
    later = asyncio.create_task(at(box, 60.0, away(box)))

    await box.run(rate_per_s=0.5)
    await later

    gaps = [after - before for before, after in pairwise(sorted(posts + times))]
    assert times
    assert min(gaps) >= 1.99


async def test_a_name_that_is_no_longer_resolved_is_a_wrong_address_before_the_first_success(box: Box) -> None:
    await box.load(30)
    unknown = Fault(kind=FaultKind.DNS, detail="no such name")
    box.remote.always = lambda signature: Step(unknown, sent=False)
    box.remote.credit_answer = unknown
    began = box.clock.time

    summary = await box.run()

    assert (summary.exit_code, summary.counts) == (Exit.USAGE, {"pending": 30})
    assert box.clock.time - began < 30


async def test_a_run_can_be_stopped_while_it_asks(box: Box) -> None:
    """And nobody is left asking."""
    await box.load(30)
    away(box)
    box.remote.credit = hangs  # type: ignore[method-assign]
    later = asyncio.create_task(at(box, 10.0, lambda: box.stop.request(StopReason.SIGTERM)))
    began = box.clock.time

    summary = await box.start()
    await later

    assert (summary.exit_code, summary.counts) == (Exit.SIGTERM, {"pending": 30})
    assert box.clock.time - began <= 11
    assert [task for task in asyncio.all_tasks() if "Probe" in repr(task) or "hangs" in repr(task)] == []


async def test_while_it_asks_doubts_are_settled(box: Box) -> None:
    """The probe holds nobody up but those who want to start."""
    await box.load(40)
    box.remote.scripts[box.signature(1)].append(silence(creates=True))
    box.remote.always = lambda signature: Step(REFUSED, sent=False) if int(signature.split("-")[1]) > 20 else None
    box.remote.credit = hangs  # type: ignore[method-assign]

    summary = await box.run(max_outage_s=25.0)

    assert (summary.exit_code, summary.counts) == (Exit.FAILED, {"created": 20, "pending": 20})


async def test_a_bug_in_the_probe_ends_the_run(box: Box) -> None:
    await box.load(30)
    away(box)

    async def broken() -> Answer:
        raise ZeroDivisionError("a bug")

    box.remote.credit = broken  # type: ignore[method-assign]

    with pytest.raises(ZeroDivisionError, match="a bug"):
        await box.run()


@pytest.mark.parametrize("adaptive", [True, False])
async def test_an_outage_in_the_middle_leaves_few_doubts_and_one_more_a_trial(box: Box, adaptive: bool) -> None:
    """The remote is there, and rows still come to nothing: what may have been received is one row a trial."""
    await box.load(500)
    began = box.clock.time

    def weather(signature: str) -> Step:
        out = 3 <= box.clock.time - began < 200
        return silence(creates=False) if out else Step(before_s=0.5)

    box.remote.always = weather

    summary = await box.run(concurrency=64, adaptive=adaptive)

    doubts, trials = len(box.named("job.in_doubt")), box.remote.asked.count(CREDIT)
    assert (summary.exit_code, summary.counts, box.remote.duplicates) == (Exit.OK, {"created": 500}, {})
    assert trials >= 8
    assert doubts <= 64 + 16 + trials


async def test_those_still_in_flight_when_it_opens_are_no_answer_to_the_trial(box: Box) -> None:
    """Sixty hang while the others are refused; when they time out, the remote is back already, and stays so."""
    await box.load(300)
    began = box.clock.time

    def weather(signature: str) -> Step:
        hangs, out = box.clock.time - began < 5, box.clock.time - began < 20
        if hangs and int(signature.split("-")[1]) % 4:
            return Step(Fault(kind=FaultKind.TIMEOUT), after_s=120.0)
        return Step(REFUSED, sent=False) if out else Step(before_s=0.5)

    box.remote.always = weather
    later = asyncio.create_task(at(box, 20.0, lambda: None))

    summary = await box.run(concurrency=64, adaptive=False)
    await later

    assert (summary.exit_code, summary.counts) == (Exit.OK, {"created": 300})
    assert len(box.named("breaker.closed")) == 1


async def test_after_an_outage_few_go_at_once_and_soon_all(box: Box) -> None:
    await box.load(600)
    began, most = box.clock.time, list[tuple[float, int]]()

    def weather(signature: str) -> Step:
        now = box.clock.time - began
        most.append((now, box.remote.in_flight))
        return Step(REFUSED, sent=False) if 3 <= now < 30 else Step(before_s=0.5)

    box.remote.always = weather
    box.remote.credit_answer = Reply(http_status=200)

    await box.run(concurrency=32)

    again = next(now for now, in_flight in most if now >= 30)
    assert max(in_flight for now, in_flight in most if again < now < again + 0.9) <= 5
    assert max(in_flight for now, in_flight in most if now > 30) == 32


async def test_a_redirect_after_the_first_success_is_an_outage(box: Box) -> None:
    """A page that says "under maintenance" leaves every row that meets it in doubt; so few may."""
    await box.load(200)
    began = box.clock.time

    def weather(signature: str) -> Step:
        out = 5 <= box.clock.time - began < 100
        return Step(Reply(http_status=302)) if out else Step(before_s=0.5)

    box.remote.always = weather

    summary = await box.run()

    assert (summary.exit_code, summary.counts) == (Exit.OK, {"created": 200})
    assert len(box.named("job.in_doubt")) <= 20
