"""As many requests in flight as the remote copes with: enforced, told, and no intent recorded in vain."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from batcher.core.errors import Exit
from batcher.core.events import ConcurrencyChanged, Event, PaceChanged
from batcher.core.outcome import Answer, FaultKind, Reply
from batcher.core.retry import RetryPolicy
from batcher.core.tally import StopReason
from batcher.ledger.records import Intents
from tests.dispatch.conftest import Box, manifest_row
from tests.scripted import Step, failure_500

THROTTLED = Step(Reply(http_status=429))


def limit_now(box: Box) -> int:
    """How many are allowed at once, as the last event says."""
    return next(event.limit for event in reversed(box.events) if isinstance(event, ConcurrencyChanged))


def watch(box: Box) -> list[tuple[float, int, int]]:
    """When each POST came, how many were in flight with it, and how many were allowed."""
    seen: list[tuple[float, int, int]] = []
    create, began = box.remote.create, box.clock.time

    async def spy(*arguments: object) -> Answer:
        seen.append((box.clock.time - began, box.remote.in_flight + 1, limit_now(box)))
        return await create(*arguments)  # type: ignore[arg-type]

    box.remote.create = spy  # type: ignore[method-assign, assignment]
    return seen


def takes_at_once(box: Box, most: int) -> Callable[[str], Step]:
    """A remote that says at once when it has more than so many."""
    return lambda signature: Step(before_s=0.5) if box.remote.in_flight <= most else THROTTLED


def takes_a_second(box: Box, rate: float) -> Callable[[str], Step]:
    """A remote that takes so many a second."""
    tokens, since = rate, box.clock.time

    def answer(signature: str) -> Step:
        nonlocal tokens, since
        tokens, since = min(rate, tokens + (box.clock.time - since) * rate), box.clock.time
        if tokens < 1:
            return THROTTLED
        tokens -= 1
        return Step(before_s=0.1)

    return answer


def told(box: Box) -> list[Event]:
    return [event for event in box.events if isinstance(event, PaceChanged)]


async def test_no_more_are_in_flight_than_allowed_while_that_goes_up_and_down(box: Box) -> None:
    await box.load(600)
    box.remote.always = takes_at_once(box, 6)
    seen = watch(box)

    summary = await box.run(concurrency=32)

    allowed = {limit for _, _, limit in seen}
    # Who was let start before the number was lowered may still be there; whoever starts afterwards finds room.
    assert [at for at in seen if at[1] > at[2]] == []
    assert len(allowed) > 3
    assert summary.exit_code is Exit.OK


async def test_it_begins_with_few_and_grows_to_its_bound(box: Box) -> None:
    await box.load(300)
    box.remote.always = lambda signature: Step(before_s=1.0)
    seen = watch(box)

    await box.run(concurrency=32)

    assert max(in_flight for at, in_flight, _ in seen if at < 0.9) == 5
    assert max(in_flight for _, in_flight, _ in seen) == 32
    assert [event.limit for event in box.named("concurrency.changed")] == [5, 10, 20, 32]  # type: ignore[attr-defined]
    assert told(box) == []


async def test_fixed_it_begins_with_all_and_stays_there(box: Box) -> None:
    await box.load(300)
    box.remote.always = lambda signature: Step(Reply(http_status=429), before_s=1.0) if box.clock.time < 1010 else None
    seen = watch(box)

    await box.run(concurrency=32, adaptive=False, retry=RetryPolicy(max_attempts=50))

    assert max(in_flight for at, in_flight, _ in seen if at < 0.9) == 32
    assert [event.limit for event in box.named("concurrency.changed")] == [32]  # type: ignore[attr-defined]


async def test_a_remote_that_takes_so_many_at_once_refuses_few(box: Box) -> None:
    counts = []
    for name, adaptive in (("a", True), ("f", False)):
        await box.load([manifest_row(number, key=f"{name}{number}") for number in range(1, 301)], name=name)
        box.remote.posts.clear()
        box.remote.always = takes_at_once(box, 6)
        summary = await box.run(concurrency=32, adaptive=adaptive, retry=RetryPolicy(max_attempts=50))
        assert summary.counts == {"created": 300}
        counts.append(len(box.remote.posts) - 300)

    assert counts[0] < 50
    assert counts[1] > 5 * counts[0]


async def test_no_row_fails_at_a_remote_that_takes_few_a_second_and_does_not_say_when_to_come_again(box: Box) -> None:
    """Even one at a time is too much for it; a row has five tries."""
    random.seed(1)  # The waits are drawn, and now and then drawn badly.
    await box.load(200)
    box.remote.always = takes_a_second(box, 3.0)

    summary = await box.run()

    assert (summary.exit_code, summary.counts) == (Exit.OK, {"created": 200})
    assert len(box.remote.posts) < 1.6 * 200


async def test_failures_that_the_remote_reports_of_rows_slow_nobody_down(box: Box) -> None:
    await box.load(200)
    for number in range(30, 200, 3):
        box.remote.scripts[box.signature(number)].append(failure_500())
    box.remote.always = lambda signature: Step(before_s=0.3)

    await box.run(concurrency=16)

    assert [event.limit for event in box.named("concurrency.changed")] == [4, 8, 16]  # type: ignore[attr-defined]


async def test_until_the_look_up_is_proven_no_more_intents_are_open_than_may_be_sent(box: Box) -> None:
    await box.load(300)
    box.remote.always = lambda signature: Step(before_s=1.0)
    box.remote.lookup = lambda signature: Reply(http_status=503)
    groups: list[tuple[int, int]] = []
    record = box.ledger.record_intents

    async def count(intents: Intents) -> frozenset[int]:
        allowed = limit_now(box)
        recorded = await record(intents)
        states = await box.states()
        groups.append((sum(state == "sending" for state, _ in states.values()), allowed))
        return recorded

    box.ledger.record_intents = count  # type: ignore[method-assign]
    await box.run(limit=60, concurrency=16)

    assert [group for group in groups if group[0] > group[1]] == []
    assert groups[0] == (4, 4)


@pytest.mark.parametrize(("takes", "most_stale"), [(20, 0), (1, 256)])
async def test_intents_do_not_go_stale_when_fewer_are_sent_all_at_once(box: Box, takes: int, most_stale: int) -> None:
    """
    A quick run has a second's worth of intents recorded; then the remote is five times as slow, and takes only so many.

    Where it takes but a three-hundredth of what it took, some of those must go stale; later ones must not.
    """
    await box.load(4000)
    began = box.clock.time

    def weather(signature: str) -> Step:
        if box.clock.time - began < 2:
            return Step(before_s=0.1)
        return Step(before_s=0.5) if box.remote.in_flight <= takes else Step(Reply(http_status=429), before_s=0.1)

    box.remote.always = weather

    summary = await box.run(concurrency=64, retry=RetryPolicy(max_attempts=50), max_duration_s=40.0)

    stale = await box.ledger._writer.submit(
        lambda db: db.execute(
            "SELECT count(*), max(finished_at) FROM attempt WHERE error_type = ?", (str(FaultKind.STALE_INTENT),)
        ).fetchone()
    )
    assert summary.counts["created"] > 900
    assert limit_now(box) <= takes + 1
    assert stale[0] <= most_stale
    assert stale[1] is None or stale[1] < f"{box.clock.now() - timedelta(seconds=27):%Y-%m-%dT%H:%M:%S}"


async def test_intents_do_not_go_stale_when_quick_refusals_end(box: Box) -> None:
    """Hundreds a second are refused; then each takes half a second, and four at a time are all there is room for."""
    await box.load(900)

    def answer(signature: str) -> Step:
        number = int(signature.split("-")[1])
        refusal = Reply(http_status=400, code=9, description="no")
        return Step(refusal, before_s=0.01) if 4 < number <= 600 else Step(before_s=0.5)

    box.remote.always = answer

    summary = await box.run(concurrency=4)

    stale = await box.ledger._writer.submit(
        lambda db: db.execute(
            "SELECT count(*) FROM attempt WHERE error_type = ?", (str(FaultKind.STALE_INTENT),)
        ).fetchone()
    )
    assert (summary.counts, stale) == ({"created": 304, "rejected": 596}, (0,))


async def test_once_stopped_nobody_takes_what_waits_for_room(box: Box) -> None:
    """Most workers are idle, and rows with intents wait until they may be sent: a stop makes no room for them."""
    await box.load(600)
    box.remote.always = takes_at_once(box, 6)
    run = asyncio.create_task(box.run(concurrency=32))
    await box.clock.sleep(10.25)
    posts = len(box.remote.posts)
    box.stop.request(StopReason.SIGTERM)

    summary = await run

    withheld = await box.ledger._writer.submit(
        lambda db: db.execute(
            "SELECT count(*) FROM attempt WHERE error_type = ?", (str(FaultKind.WITHHELD),)
        ).fetchone()
    )
    assert withheld > (0,)
    assert (summary.exit_code, len(box.remote.posts)) == (Exit.SIGTERM, posts)


# What is told


async def test_a_burst_of_429_is_told_once(box: Box) -> None:
    await box.load(300)
    began = box.clock.time
    box.remote.always = lambda signature: (
        Step(Reply(http_status=429), before_s=0.5) if 4.9 < box.clock.time - began < 5.4 else Step(before_s=0.5)
    )

    await box.run(concurrency=16)

    assert told(box) == [PaceChanged(reason="HTTP 429", wait_s=0.0, concurrency=11)]
    assert len(box.named("retry.scheduled")) > 5


async def test_a_pause_that_many_rows_are_told_of_is_told_once(box: Box) -> None:
    """Sixteen answers ask to wait until sixteen moments, all within a second."""
    await box.load(200)
    began = box.clock.time

    def weather(signature: str) -> Step:
        if 4.9 < box.clock.time - began < 6:
            return Step(Reply(http_status=429, retry_after_s=30.0), before_s=0.05 * (int(signature.split("-")[1]) % 16))
        return Step(before_s=0.5)

    box.remote.always = weather

    await box.run(concurrency=16)

    assert [(event.wait_s, event.concurrency) for event in told(box)] == [(30.0, 11)]  # type: ignore[attr-defined]


async def test_two_pauses_are_told_twice(box: Box) -> None:
    await box.load(40)
    for number in (1, 30):
        box.remote.scripts[box.signature(number)].append(Step(Reply(http_status=503, retry_after_s=30.0)))

    await box.run(concurrency=1)

    assert [event.wait_s for event in told(box)] == [30.0, 30.0]  # type: ignore[attr-defined]


async def test_strain_that_comes_again_and_again_is_told_now_and_then(box: Box) -> None:
    await box.load(2000)
    began = box.clock.time
    box.remote.always = takes_at_once(box, 3)

    await box.run(concurrency=16, retry=RetryPolicy(max_attempts=50), max_duration_s=100.0)

    lowered = [event.limit for event in box.named("concurrency.changed")]  # type: ignore[attr-defined]
    assert len(told(box)) <= 11
    assert box.clock.time - began >= 90
    assert len(lowered) > 20


async def test_all_who_may_go_at_once_are_gone_before_the_first_reply(box: Box) -> None:
    """More than one group of intents: the next one does not wait until somebody comes back."""
    await box.load(700)
    began: list[float] = []

    def note(signature: str) -> Step:
        began.append(box.clock.monotonic())
        return Step(before_s=5.0)

    box.remote.always = note

    await box.run(concurrency=600, adaptive=False)

    assert began[599] - began[0] < 5.0
