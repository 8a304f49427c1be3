"""
The remote by script: for each POST its fate, for each run what look-ups are worth.

It keeps what a program may count on: a failure that it reports itself comes after the job was made, if one was; after
silence a job appears within the settling time, in which time that look-ups were not answered does not count; a job is
listed within its lag, and lags differ by a factor of two.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from batcher.core.outcome import Answer, Fault, FaultKind, Listing, LookUpAnswer, Reply
from batcher.core.sending import Deadline, Sending

from .fates import ANSWER_S, FATES, Fate, Looks, Makes
from .jumping import LoopClock
from .steps import Steps

_LOOK_S = 0.1
_REFUSED = Fault(kind=FaultKind.CONNECT, detail="refused")


@dataclass(slots=True)
class Job:
    """``origin``: the fate of the POST that made it. The last: when it is listed, had the remote not stood still."""

    job_id: int
    origin: Fate
    listed_from: float
    promptly_listed_from: float


@dataclass(slots=True)
class _Work:
    """A job that the remote is about to make; ``promptly_at`` is when, had the remote not stood still."""

    signature: str
    fate: Fate
    at: float
    promptly_at: float
    timer: asyncio.TimerHandle | None = None


class Vendor:
    """
    The remote of all processes of a story. ``steps`` are those of the process that talks to it now, or did last.

    ``received`` hears of every POST at the moment in which its first byte leaves. ``has_job`` tells which rows the
    ledger already has a job of, and ``note`` takes down what it does while no process is there to see it.
    """

    def __init__(
        self,
        clock: LoopClock,
        lag_s: float,
        *,
        received: Callable[[str], None],
        has_job: Callable[[str], bool],
        note: Callable[[str], None],
    ) -> None:
        self._clock = clock
        self._lag_s = lag_s
        self._received = received
        self._has_job = has_job
        self._note = note
        self._work: list[_Work] = []
        self.steps: Steps
        self.looks = Looks.FAITHFUL
        self.outage = (0.0, 0.0)
        self.fates: dict[str, deque[str]] = defaultdict(deque)
        self.jobs: dict[str, list[Job]] = defaultdict(list)
        self.latest: dict[str, Fate] = {}
        self.in_flight: list[str] = []
        self.misled: set[str] = set()

    async def create(
        self, parameters: Mapping[str, str], signature: str, send_by: Deadline, sending: Sending
    ) -> Answer:
        await self.steps.come_past(f"POST {signature}: nothing sent yet")
        name = self.fates[signature].popleft() if self.fates[signature] else "created"
        fate = FATES[name]
        await asyncio.sleep(fate.connect_s)
        if not fate.is_sent or self._is_out():
            return _REFUSED
        if send_by.has_passed(monotonic=self._clock.monotonic(), boot=self._clock.boottime()):
            return Fault(kind=FaultKind.STALE_INTENT)
        sending.started = True
        self._received(signature)
        self.in_flight.append(signature)
        try:
            await self.steps.come_past(f"POST {signature}: the first byte has left")
            return await self._serve(signature, fate, name)
        finally:
            self.in_flight.remove(signature)

    async def _serve(self, signature: str, fate: Fate, name: str) -> Answer:
        self.latest[signature] = fate
        if fate.makes is Makes.AT_ONCE:
            self._begin(signature, fate, ANSWER_S / 2)
        try:
            await self.steps.come_past(f"POST {signature}: sent whole: {name}")
            await asyncio.sleep(fate.takes_s)
        finally:
            if fate.makes in {Makes.SOON_AFTER, Makes.LONG_AFTER}:
                self._begin(signature, fate, fate.makes.delay_s)
        job_id = self.jobs[signature][-1].job_id if fate.makes is Makes.AT_ONCE else 0
        answer = fate.answer(self._of_another(signature, job_id) if fate.names_another else job_id)
        await self.steps.come_past(f"POST {signature}: answered: {name}")
        return answer

    async def find(self, signature: str) -> LookUpAnswer:
        await self.steps.come_past(f"look for {_shown(signature)}")
        asked_at = _now()
        await asyncio.sleep(_LOOK_S)
        answer = self._listed(signature, asked_at)
        await self.steps.come_past(f"look for {_shown(signature)}: {_said(answer)}")
        return answer

    async def credit(self) -> Answer:
        await self.steps.come_past("credit is asked for")
        await asyncio.sleep(_LOOK_S)
        return _REFUSED if self._is_out() else Reply(http_status=200)

    def end_of_process(self) -> None:
        """
        What a run saw of standstills is forgotten: so the remote has had none.

        (The real one may have. A run does not hand on to the next how long look-ups were not answered.)
        """
        self.outage, self.looks = (0.0, 0.0), Looks.FAITHFUL
        for job in (job for jobs in self.jobs.values() for job in jobs):
            job.listed_from = job.promptly_listed_from
        for work in self._work:
            assert work.timer is not None
            work.timer.cancel()
            work.at = max(_now(), work.promptly_at)
            work.timer = asyncio.get_running_loop().call_at(work.at, self._make, work)

    def ids(self, signature: str) -> list[int]:
        return [job.job_id for job in self.jobs[signature]]

    def is_at_work_on(self, signature: str) -> bool:
        """Whether a job will still appear without another POST."""
        return any(work.signature == signature for work in self._work)

    async def at_rest(self) -> None:
        """Returns when the remote is at work on nothing any more."""
        while self._work:
            await asyncio.sleep(1)

    def _listed(self, signature: str, asked_at: float) -> LookUpAnswer:
        jobs = [job.job_id for job in self.jobs[signature] if job.listed_from <= asked_at]
        if self._is_out() or self.looks is Looks.SILENT:
            return Reply(http_status=503)
        match self.looks:
            case Looks.EMPTY:
                jobs = []
            case Looks.REFUSED:
                return Reply(http_status=404)
            case Looks.ALL:
                jobs = [job.job_id for listed in self.jobs.values() for job in listed]
            case Looks.ANOTHERS if signature in self.latest and not self._has_job(signature):
                another = self._of_another(signature, 0)
                jobs = [another] if another else jobs
            case Looks.FORGETFUL if signature.endswith("-1") and jobs:
                self.misled.add(signature)
                jobs = []
        return Listing(job_ids=tuple(sorted(jobs, reverse=True)))

    def _of_another(self, signature: str, default: int) -> int:
        """The job of another row that the ledger has already."""
        others = (
            ids[0] for other in self.jobs if other != signature and self._has_job(other) and (ids := self.ids(other))
        )
        return next(others, default)

    def _begin(self, signature: str, fate: Fate, after_s: float) -> None:
        promptly_at = _now() + after_s
        begins, ends = self.outage
        stands_still_s = max(0.0, ends - max(begins, _now())) if begins < promptly_at else 0.0
        at = promptly_at + (0.0 if fate.makes is Makes.AT_ONCE else stands_still_s)
        work = _Work(signature, fate, at, promptly_at)
        work.timer = asyncio.get_running_loop().call_at(at, self._make, work)
        self._work.append(work)

    def _make(self, work: _Work) -> None:
        self._work.remove(work)
        job_id = 5001 + sum(map(len, self.jobs.values()))
        lag_s = self._lag_s if job_id % 2 else self._lag_s / 2
        self.jobs[work.signature].append(Job(job_id, work.fate, _now() + lag_s, work.promptly_at + lag_s))
        said = f"the remote makes job {job_id} of {work.signature}"
        if self.steps.dead:
            self._note(said)
        else:
            self.steps.take(said)

    def _is_out(self) -> bool:
        return self.outage[0] <= _now() < self.outage[1]


def _shown(signature: str) -> str:
    """A signature never used is another one in every run."""
    return "a signature never used" if "-x" in signature else signature


def _said(answer: LookUpAnswer) -> str:
    match answer:
        case Listing(job_ids=ids):
            return f"{', '.join(map(str, ids)) or 'nothing'}"
        case Reply(http_status=status):
            return f"HTTP {status}"
        case Fault(kind=kind):
            return str(kind)


def _now() -> float:
    return asyncio.get_running_loop().time()
