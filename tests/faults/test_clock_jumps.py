"""
A clock that jumps changes nothing but what the rules say of it: late is late, and waiting is waiting.

In one process, with clocks driven by hand: the time of day, the clock that sleeps with the machine and the one that
does not go their own ways.
"""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime, timedelta

import pytest

from batcher.core.outcome import Answer, LookUpAnswer
from batcher.core.reconcile import Patience
from batcher.core.sending import Deadline, Sending
from batcher.dispatch.plan import RunPlan
from batcher.ledger.sqlite import SqliteLedger
from tests.dispatch.conftest import Box
from tests.scripted import HandClock, ScriptedRemote, silence

HOURS = 5 * 3600.0
SETTLE_S = 300.0


class JumpyClock(HandClock):
    """Three clocks: ``slept_s`` is what only the boot-time clock counted, ``set_by`` how the time of day was set."""

    def __init__(self) -> None:
        super().__init__()
        self.slept_s = 0.0
        self.set_by = timedelta()

    def boottime(self) -> float:
        return super().boottime() + self.slept_s

    def now(self) -> datetime:
        return super().now() + self.set_by


class EventfulRemote(ScriptedRemote):
    """``before_create`` happens between a row's intent and its first byte, ``after_look`` when a look-up answers."""

    before_create: Callable[[str], None] = staticmethod(lambda signature: None)
    after_look: Callable[[str], None] = staticmethod(lambda signature: None)

    async def create(
        self, parameters: Mapping[str, str], signature: str, send_by: Deadline, sending: Sending
    ) -> Answer:
        self.before_create(signature)
        return await super().create(parameters, signature, send_by, sending)

    async def find(self, signature: str) -> LookUpAnswer:
        answer = await super().find(signature)
        self.after_look(signature)
        return answer


@dataclasses.dataclass
class Jumpy(Box):
    clock: JumpyClock
    remote: EventfulRemote


async def opened() -> tuple[Jumpy, SqliteLedger]:
    ledger, clock = await SqliteLedger.open(None), JumpyClock()
    submit = ledger._writer.submit
    ledger._writer.submit = lambda work: clock.track(submit(work))  # type: ignore[method-assign]
    box = Jumpy(ledger=ledger, clock=clock, remote=EventfulRemote(clock, latency_s=0.1))
    box.plan = RunPlan(concurrency=1, patience=Patience(settle_s=SETTLE_S))
    return box, ledger


@pytest.fixture
async def box() -> AsyncIterator[Jumpy]:
    made, ledger = await opened()
    yield made
    await ledger.close()


@pytest.mark.parametrize("hours", [HOURS, -HOURS], ids=["forth", "back"])
async def test_the_time_of_day_decides_nothing(box: Jumpy, hours: float) -> None:
    """It jumps before every request and every look-up; row 2 is lost, and settled as on a quiet day."""
    lost = 2
    control, ledger = await opened()
    for each in (control, box):
        await each.load(3)
        each.remote.scripts[each.signature(lost)].append(silence(creates=False))

    def jump(signature: str) -> None:
        box.clock.set_by += timedelta(seconds=hours)

    box.remote.before_create = box.remote.after_look = jump
    summaries = [await each.run() for each in (control, box)]
    await ledger.close()

    assert [summary.exit_code for summary in summaries] == [0, 0]
    assert (box.remote.posts, box.remote.looks[1:]) == (control.remote.posts, control.remote.looks[1:])
    assert box.remote.duplicates == {}


async def test_a_machine_that_slept_between_intent_and_send_sends_nothing_before_a_new_intent(box: Jumpy) -> None:
    await box.load(2)
    asleep = {box.signature(1)}

    def sleep(signature: str) -> None:
        if signature in asleep:
            asleep.discard(signature)
            box.clock.slept_s += HOURS

    box.remote.before_create = sleep
    summary = await box.run()
    told = [(line["sent"], line["error_type"]) for line in await box.attempts(1)]

    assert summary.exit_code == 0
    assert told == [(0, "stale_intent"), (1, None)]
    assert sorted(box.remote.posts) == [box.signature(1), box.signature(2)]


async def test_a_machine_that_slept_through_the_settling_time_looks_before_it_sends_again(box: Jumpy) -> None:
    """The remote was not asleep: the job that it was still at work on is there by now, and is found."""
    await box.load(2)
    lost = box.signature(2)
    box.remote.scripts[lost].append(silence(creates=False))

    def sleep(signature: str) -> None:
        if signature == lost and box.clock.slept_s == 0.0:
            box.clock.slept_s = HOURS
            box.remote.make_job(signature)

    box.remote.after_look = sleep
    summary = await box.run()

    assert (summary.exit_code, summary.counts) == (0, {"created": 2})
    assert box.remote.posts.count(lost) == 1


async def test_a_machine_that_slept_through_the_settling_time_need_not_wait_for_it_again(box: Jumpy) -> None:
    """What the remote has not made in hours it will not make: the second look counts. A third is taken at the end."""
    await box.load(2)
    lost = box.signature(2)
    box.remote.scripts[lost].append(silence(creates=False))

    def sleep(signature: str) -> None:
        if signature == lost:
            box.clock.slept_s = HOURS

    box.remote.after_look = sleep
    summary = await box.run()

    assert (summary.exit_code, summary.counts) == (0, {"created": 2})
    assert (box.remote.posts.count(lost), box.remote.looks.count(lost)) == (2, 3)
