"""
A remote and a clock that do what a test tells them to.

The remote keeps jobs by signature and answers by script; the clock moves only when everybody waits for it, so that
minutes of patience pass in no time and in a fixed order.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from batcher.core.outcome import Answer, Fault, FaultKind, Listing, LookUpAnswer, Reply
from batcher.core.sending import Deadline, Sending

T = TypeVar("T")

CREDIT = "GET /credit"


class HandClock:
    """
    Sleepers wake in the order of their times; time jumps to the next one as soon as nothing else is to do.

    ``busy`` counts what other threads are doing for the loop (the ledger's commits): time stands still meanwhile.
    """

    def __init__(self) -> None:
        self.time = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._driver: asyncio.Task[None] | None = None
        self._rest: asyncio.Future[None] | None = None
        self.busy = 0

    def boottime(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.time)

    async def sleep(self, seconds: float) -> None:
        waker: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.time + max(0.0, seconds), next(self._order), waker))
        if self._driver is None or self._driver.done():
            self._driver = asyncio.create_task(self._drive())
        await waker

    def track(self, future: asyncio.Future[T]) -> asyncio.Future[T]:
        """Lets no time pass until the future is done."""
        self.busy += 1
        future.add_done_callback(self._done)
        return future

    def _done(self, future: asyncio.Future[T]) -> None:
        self.busy -= 1
        if not (self.busy or self._rest is None or self._rest.done()):
            self._rest.set_result(None)

    async def _until_nothing_else_is_to_do(self) -> None:
        loop: Any = asyncio.get_running_loop()
        while True:
            if self.busy:
                self._rest = loop.create_future()
                await self._rest
            await asyncio.sleep(0)
            if not (self.busy or loop._ready):  # nobody but this is about to run
                return

    async def _drive(self) -> None:
        while self._sleepers:
            await self._until_nothing_else_is_to_do()
            moment, _, waker = heapq.heappop(self._sleepers)
            if not waker.done():
                self.time = max(self.time, moment)
                waker.set_result(None)


class ScriptedRemote:
    """
    Creates a job for every POST, unless ``scripts`` say otherwise. ``asked`` holds its signature, or ``CREDIT``.

    ``scripts[signature]`` holds one answer a call, in order; None (or none left) creates. A ``Step`` below decides
    whether the job exists afterwards.
    """

    def __init__(self, clock: HandClock, *, latency_s: float = 0.0) -> None:
        self.clock = clock
        self.latency_s = latency_s
        self.jobs: dict[str, list[int]] = defaultdict(list)
        self.born: dict[int, float] = {}
        self.posts: list[str] = []
        self.looks: list[str] = []
        self.scripts: dict[str, deque[Step]] = defaultdict(deque)
        self.always: Callable[[str], Step | None] = lambda signature: None
        self.lag_s = 0.0
        self.lookup: Callable[[str], LookUpAnswer | None] = lambda signature: None
        self.credit_answer: Answer = Reply(http_status=200)
        self.asked: list[str] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self._ids = itertools.count(5001)

    async def create(
        self, parameters: Mapping[str, str], signature: str, send_by: Deadline, sending: Sending
    ) -> Answer:
        if send_by.has_passed(monotonic=self.clock.monotonic(), boot=self.clock.boottime()):
            return Fault(kind=FaultKind.STALE_INTENT, detail="too late")
        self.posts.append(signature)
        self.asked.append(signature)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await self._answer(signature, sending)
        finally:
            self.in_flight -= 1

    async def _answer(self, signature: str, sending: Sending) -> Answer:
        queue = self.scripts[signature]
        step = queue.popleft() if queue else self.always(signature) or Step()
        sending.started = step.sent
        if step.before_s or self.latency_s:
            await self.clock.sleep(step.before_s + self.latency_s)
        job_id = self.make_job(signature) if step.creates else 0
        if step.after_s:
            await self.clock.sleep(step.after_s)
        return step.answer or Reply(http_status=201, code=0, job_id=job_id, description="Created")

    def make_job(self, signature: str) -> int:
        job_id = next(self._ids)
        self.jobs[signature].append(job_id)
        self.born[job_id] = self.clock.time
        return job_id

    async def find(self, signature: str) -> LookUpAnswer:
        self.looks.append(signature)
        await asyncio.sleep(0)
        scripted = self.lookup(signature)
        if scripted is not None:
            return scripted
        seen = (job_id for job_id in self.jobs[signature] if self.born[job_id] + self.lag_s <= self.clock.time)
        return Listing(job_ids=tuple(sorted(seen, reverse=True)))

    async def credit(self) -> Answer:
        self.asked.append(CREDIT)
        return self.credit_answer

    @property
    def duplicates(self) -> dict[str, list[int]]:
        return {signature: ids for signature, ids in self.jobs.items() if len(ids) > 1}


class Step:
    """One scripted answer: what comes back, and whether the job exists afterwards."""

    def __init__(
        self,
        answer: Answer | None = None,
        *,
        creates: bool | None = None,
        sent: bool = True,
        before_s: float = 0.0,
        after_s: float = 0.0,
    ) -> None:
        self.answer = answer
        self.creates = answer is None if creates is None else creates
        self.sent = sent
        self.before_s = before_s
        self.after_s = after_s


def failure_500(*, creates: bool = False) -> Step:
    """The vendor's own 500: its XML, code 9."""
    return Step(Reply(http_status=500, code=9, description="custom error"), creates=creates)


def silence(kind: FaultKind = FaultKind.TIMEOUT, *, creates: bool) -> Step:
    """No answer; the job may exist."""
    return Step(Fault(kind=kind, detail="no answer"), creates=creates)
