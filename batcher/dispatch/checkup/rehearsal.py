"""
One draft made, found by its signature and taken away again: the only way to know whether look-ups can be trusted.

There is no row of a ledger behind it, so the signature is told before the POST: whatever happens then, somebody has a
name to look for, and a draft costs nothing. The rest is done with the care of a run: one POST within its window, and
nothing that only a look-up has named is believed, or deleted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from batcher.core.job import CostAnswer, JobAnswer, JobStatus
from batcher.core.look import Look, Pause, Seen
from batcher.core.outcome import Answer, Fault, FaultKind, LookUpAnswer, Reply
from batcher.core.pace import Pace
from batcher.core.patience import Patience
from batcher.core.proof import NOTHING_CREATED, KnownJob, prove
from batcher.core.search import search
from batcher.core.sending import Deadline, Sending
from batcher.dispatch.ports import Clock
from batcher.dispatch.stop import Stop

from .rehearsed import Rehearsed
from .removal import Removal, removal_of

T = TypeVar("T")

_REMOVALS: Final = (0.0, 1.0, 2.0)
"""Seconds to wait before each try to delete the draft; deleting twice does no harm."""

_BILLING_TYPE: Final = "User Credit"


class DraftRemote(Protocol):
    """What a rehearsal asks of the account; whatever happens there is returned as a value."""

    async def create(
        self, parameters: Mapping[str, str], signature: str, send_by: Deadline, sending: Sending
    ) -> Answer: ...

    async def find(self, signature: str) -> LookUpAnswer: ...

    async def status(self, job_id: int) -> JobAnswer: ...

    async def cost(self, job_id: int, billing_type: str) -> CostAnswer: ...

    async def delete(self, job_id: int, send_by: Deadline) -> Answer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """
    What to make a draft of, and how. Times are seconds.

    ``unused`` is a signature like the draft's own, for the control that must find nothing.
    """

    parameters: Mapping[str, str]
    signature: str
    unused: str
    patience: Patience
    send_window_s: float
    drain_timeout_s: float
    rate_per_s: float | None = None


async def rehearse(
    remote: DraftRemote, clock: Clock, orders: Orders, stop: Stop, tell: Callable[[str], None]
) -> Rehearsed:
    """
    Makes the draft and takes it away again.

    Asked to stop, it looks for nothing any more, waits for a reply that is under way as a run would, and still takes
    the draft away; asked twice, it leaves all as it is.

    Args:
        tell: Hears, line by line, what somebody would have to know if the process died.
    """
    rehearsal = _Rehearsal(remote, clock, orders, stop)
    seen = rehearsal.seen
    seen.control = await rehearsal.unless_stopped(rehearsal.converse(prove(orders.unused, None, orders.patience)))
    if seen.control is None or seen.control.reason != NOTHING_CREATED:
        return seen
    tell(f"one draft is made under the signature {orders.signature}, and deleted again")
    seen.answer = await rehearsal.post()
    if seen.job_id is not None:
        tell(f"it is job {seen.job_id}, and is looked up now, for {orders.patience.settle_s:g} s at most")
        try:
            await rehearsal.unless_stopped(rehearsal.look_at(seen.job_id))
        finally:
            seen.removal = await rehearsal.unless_hurried(rehearsal.remove(seen.job_id))
    elif seen.is_lost and not stop.requested:
        tell(f"its reply was lost; it is looked for now, for {orders.patience.settle_s:g} s at most")
        seen.listed = await rehearsal.unless_stopped(
            rehearsal.converse(search(orders.signature, orders.patience.settle_s))
        )
    return seen


class _Rehearsal:
    def __init__(self, remote: DraftRemote, clock: Clock, orders: Orders, stop: Stop) -> None:
        self._remote = remote
        self._clock = clock
        self._orders = orders
        self._stop = stop
        self._pace = Pace(orders.rate_per_s)
        self._sent_at = 0.0
        self.seen = Rehearsed(signature=orders.signature)

    async def post(self) -> Answer:
        """The one POST. Once somebody has asked to stop, its reply is waited for as long as a run would wait."""
        await self.unless_stopped(self._turn())
        if self._stop.requested:
            return Fault(kind=FaultKind.WITHHELD, detail="stopped before it was sent")
        orders, sending = self._orders, Sending()
        self._sent_at = self._clock.boottime()
        posted = asyncio.create_task(
            self._remote.create(orders.parameters, orders.signature, self._deadline(), sending)
        )
        try:
            await self._first_of(posted, self._stop.wait())
            await self._first_of(posted, self._stop.hurried.wait(), self._clock.sleep(orders.drain_timeout_s))
        finally:
            await _give_up(posted)
        if not posted.cancelled():
            return posted.result()
        kind = FaultKind.CANCELLED if sending.started else FaultKind.WITHHELD
        return Fault(kind=kind, detail="stopped before the reply came")

    async def look_at(self, job_id: int) -> None:
        """Finds the draft, and reads what the remote says of it."""
        known = KnownJob(signature=self._orders.signature, job_id=job_id, sent_at=self._sent_at)
        self.seen.proof = await self.converse(prove(self._orders.unused, known, self._orders.patience))
        await self._turn()
        self.seen.status = await self._remote.status(job_id)
        await self._turn()
        self.seen.cost = await self._remote.cost(job_id, _BILLING_TYPE)

    async def remove(self, job_id: int) -> Removal:
        """Deletes the draft, and looks whether it is gone; tries again where it is not. Waits for no pace."""
        removal, was_shown = Removal(is_gone=False, words=""), isinstance(self.seen.status, JobStatus)
        for pause_s in _REMOVALS:
            await self._clock.sleep(pause_s)
            answer = await self._remote.delete(job_id, self._deadline())
            removal = removal_of(answer, await self._remote.status(job_id), was_shown=was_shown)
            if removal.is_gone:
                break
        return removal

    async def converse(self, conversation: Generator[Look | Pause, Seen | None, T]) -> T:
        """Does what it asks for until it has come to an end."""
        step = next(conversation)
        while True:
            seen = None
            if isinstance(step, Look):
                seen = await self._look(step)
            else:
                await self._clock.sleep(step.seconds)
            try:
                step = conversation.send(seen)
            except StopIteration as end:
                result: T = end.value
                return result

    async def unless_stopped(self, work: Coroutine[Any, Any, T]) -> T | None:
        """What the work comes to; None where it was given up because somebody asked to stop."""
        if self._stop.requested:
            work.close()
            return None
        return await self._unless(work, self._stop.wait())

    async def unless_hurried(self, work: Coroutine[Any, Any, T]) -> T | None:
        """The same where somebody asked twice."""
        return await self._unless(work, self._stop.hurried.wait())

    async def _unless(self, work: Coroutine[Any, Any, T], event: Coroutine[Any, Any, Any]) -> T | None:
        task = asyncio.create_task(work)
        try:
            await self._first_of(task, event)
            return task.result() if task.done() else None
        finally:
            await _give_up(task)

    async def _first_of(self, task: asyncio.Task[Any], *others: Coroutine[Any, Any, Any]) -> None:
        """Returns when the task is done, or the first of the others; those are given up then."""
        rest = [asyncio.create_task(other) for other in others]
        try:
            await asyncio.wait({task, *rest}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in rest:
                each.cancel()
            await asyncio.gather(*rest, return_exceptions=True)

    async def _look(self, look: Look) -> Seen:
        await self._turn()
        asked_at = self._clock.boottime()
        answer = await self._remote.find(look.signature)
        if isinstance(answer, Reply) and answer.retry_after_s is not None:
            self._pace.hold_until(self._clock.monotonic() + answer.retry_after_s)
        return Seen(answer=answer, asked_at=asked_at, answered_at=self._clock.boottime())

    async def _turn(self) -> None:
        """Waits until ``--rate``, and what the remote asks for, allow one request."""
        while not self._pace.take(self._clock.monotonic(), 1):
            await self._clock.sleep(max(self._pace.wait_s(self._clock.monotonic()), 0.001))

    def _deadline(self) -> Deadline:
        window_s = self._orders.send_window_s
        return Deadline(monotonic=self._clock.monotonic() + window_s, boot=self._clock.boottime() + window_s)


async def _give_up(task: asyncio.Task[Any]) -> None:
    """Ends the task where it is not done."""
    if not task.done():
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
