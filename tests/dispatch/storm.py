"""
A world with bad weather, played from a seed: a remote, a network, a ledger and a clock that do what dice say.

Time jumps from one thing to the next, and the same seed plays the same storm again. The remote keeps the vendor's part
of the bargain (``StormRemote`` says which), and complains when a row is sent that may be a job already.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from batcher.core.outcome import Answer, Fault, FaultKind, Listing, LookUpAnswer, Reply
from batcher.core.sending import Deadline, Sending
from tests.simulation.disk import Disk
from tests.simulation.jumping import LoopClock

SETTLE_S = 300.0
_STILL_COUNTS = 0.95
"""The remote ends its work within its time, and a bit to spare for the moment in which a fault is noticed."""


@dataclass(kw_only=True)
class Weather:
    """
    How bad it is, while one run goes on.

    ``fates`` are weights of what may become of a POST; outages are spans of the loop's time.
    """

    fates: Mapping[str, float] = field(default_factory=lambda: {"created": 1.0})
    post_outage: tuple[float, float] = (0.0, 0.0)
    look_outage: tuple[float, float] = (0.0, 0.0)
    failing_looks: float = 0.0
    slow_connects: float = 0.0
    latency_s: float = 1.0
    unauthorized: bool = False


FATES = {
    "created": 10.0,
    "slow": 1.0,
    "lost_reply": 1.0,
    "late": 1.0,
    "lost": 1.0,
    "reported_500": 1.0,
    "reported_500_created": 1.0,
    "contradiction": 0.5,
    "throttled": 0.7,
    "not_sent": 0.7,
    "not_found": 0.1,
}
_SILENCES = (
    Fault(kind=FaultKind.RESET),
    Fault(kind=FaultKind.CUT, http_status=200),
    Fault(kind=FaultKind.UNREADABLE),
    Fault(kind=FaultKind.WRITE),
    Reply(http_status=500),
    Reply(http_status=502),
    Reply(http_status=503),
    Reply(http_status=504),
    Reply(http_status=524),
    Reply(http_status=408),
)
_UNSENT = (FaultKind.CONNECT, FaultKind.POOL, FaultKind.NOT_SENT, FaultKind.DNS)


@dataclass
class _Birth:
    """A job that the remote is going to make. ``at`` counts standstills of the remote, ``without_standstill`` not."""

    signature: str
    at: float
    without_standstill: float
    timer: asyncio.TimerHandle | None = None


class StormRemote:
    """
    The remote, as far as a program may count on it.

    A failure that it reports itself comes after the job was made, if one was. After silence a job may appear for
    ``SETTLE_S`` more, in which the time that look-ups are not answered does not count. A job is listed within its lag;
    lags differ by a factor of two. A connection that was given up delivers nothing more than it has.
    """

    def __init__(self, seed: object, disk: Disk, clock: LoopClock, *, lag_s: float, timeout_s: float) -> None:
        self._seed = seed
        self._disk = disk
        self._clock = clock
        self._lag_s = lag_s
        self._timeout_s = timeout_s
        self._posts: dict[str, int] = defaultdict(int)
        self._in_flight: dict[str, int] = defaultdict(int)
        self._births: list[_Birth] = []
        self._seen_from: dict[int, float] = {}
        self._last_id = 5000
        self.weather = Weather()
        self.rejected: frozenset[str] = frozenset()
        self.forbidden: frozenset[str] = frozenset()
        self.jobs: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self.complaints: list[str] = []
        self.posts = 0

    async def create(
        self, parameters: Mapping[str, str], signature: str, send_by: Deadline, sending: Sending
    ) -> Answer:
        self._posts[signature] += 1
        dice = random.Random(f"{self._seed} {signature} {self._posts[signature]}")
        weather = self.weather
        await asyncio.sleep(dice.uniform(5, 15) if dice.random() < weather.slow_connects else dice.uniform(0, 0.05))
        fate = dice.choices(list(weather.fates), list(weather.fates.values()))[0]
        if _within(weather.post_outage):
            fate = dice.choice(["not_sent", "not_sent", "lost"])
        if fate == "not_sent":
            return Fault(kind=dice.choice(_UNSENT), detail="not sent")
        if send_by.has_passed(monotonic=self._clock.monotonic(), boot=self._clock.boottime()):
            return Fault(kind=FaultKind.STALE_INTENT)
        sending.started = True
        self._in_flight[signature] += 1
        self._complain(signature)
        self.posts += 1
        try:
            return await self._serve(signature, fate, dice)
        except asyncio.CancelledError:
            self._hurry(signature, _now() + _STILL_COUNTS * SETTLE_S)
            raise
        finally:
            self._in_flight[signature] -= 1

    async def _serve(self, signature: str, fate: str, dice: random.Random) -> Answer:
        latency_s = dice.uniform(0, 1.3 * self._timeout_s if fate == "slow" else self.weather.latency_s)
        answer = self._judge(signature, fate, dice)
        if answer is not None:
            await asyncio.sleep(min(latency_s, self._timeout_s))
            return answer
        answers_in_time = latency_s <= self._timeout_s
        if fate == "late":
            born_after_s = min(latency_s, self._timeout_s) + dice.uniform(0, _STILL_COUNTS * SETTLE_S)
        else:
            born_after_s = dice.uniform(0, latency_s)
        if not answers_in_time and dice.random() < 0.3:
            born_after_s = None
        if born_after_s is not None:
            self._conceive(signature, born_after_s, may_stand_still=fate == "late")
        await asyncio.sleep(min(latency_s, self._timeout_s))
        if not answers_in_time:
            return Fault(kind=FaultKind.TIMEOUT)
        if fate in {"late", "lost_reply"}:
            return dice.choice(_SILENCES)
        if fate == "reported_500_created":
            return Reply(http_status=500, code=9, description="custom error")
        job_id = self.jobs[signature][-1][0]
        if fate == "contradiction":
            return Reply(http_status=201, code=0, job_id=0) if dice.random() < 0.5 else _warned(job_id)
        return Reply(http_status=dice.choice((200, 201)), code=0, job_id=job_id, description="Created")

    def _judge(self, signature: str, fate: str, dice: random.Random) -> Answer | None:
        """The answer where no job is made; None where one will be."""
        if self.weather.unauthorized:
            return Reply(http_status=401)
        if signature in self.rejected:
            return Reply(http_status=400, code=9, description="no such document")
        if signature in self.forbidden:
            return Reply(http_status=403)
        match fate:
            case "lost":
                return dice.choice((*_SILENCES, Fault(kind=FaultKind.TIMEOUT)))
            case "reported_500":
                return Reply(http_status=500, code=9, description="custom error")
            case "throttled":
                status = dice.choice((429, 503))
                after_s = dice.uniform(0, 20) if status == 503 or dice.random() < 0.5 else None
                return Reply(http_status=status, retry_after_s=after_s)
            case "not_found":
                return Reply(http_status=404)
        return None

    async def find(self, signature: str) -> LookUpAnswer:
        dice = random.Random(f"{self._seed} {signature} {_now()}")
        asked_at, fails = _now(), dice.random() < self.weather.failing_looks
        out = _within(self.weather.look_outage)
        await asyncio.sleep(dice.uniform(0, 5 if out else 1))
        if out or fails:
            return dice.choice((Fault(kind=FaultKind.CONNECT), Fault(kind=FaultKind.TIMEOUT), Reply(http_status=503)))
        newest_first = reversed(self.jobs[signature])
        return Listing(job_ids=tuple(job_id for job_id, seen_from in newest_first if seen_from <= asked_at))

    async def credit(self) -> Answer:
        dice = random.Random(f"{self._seed} {_now()}")
        await asyncio.sleep(dice.uniform(0, 5))
        if _within(self.weather.post_outage) and dice.random() < 0.8:
            return dice.choice((Fault(kind=FaultKind.CONNECT), Fault(kind=FaultKind.TIMEOUT), Reply(http_status=503)))
        return Reply(http_status=401 if self.weather.unauthorized else 200)

    def clear_up(self) -> None:
        """
        A run has ended, and what it saw of standstills is forgotten: so the remote has had none.

        (The real one may have. A run does not hand on to the next how long look-ups were not answered.)
        """
        for birth in list(self._births):
            self._hurry(birth.signature, birth.without_standstill)
        for signature, jobs in self.jobs.items():
            self.jobs[signature] = [(job_id, self._seen_from.pop(job_id, seen_from)) for job_id, seen_from in jobs]
        self.weather = Weather()

    @property
    def ids(self) -> dict[str, list[int]]:
        return {signature: [job_id for job_id, _ in jobs] for signature, jobs in self.jobs.items() if jobs}

    async def at_rest(self) -> None:
        """Returns when the remote is at work on nothing any more."""
        while self._births:
            await asyncio.sleep(1)

    def _complain(self, signature: str) -> None:
        number = int(signature.rpartition("-")[2])
        token = signature.rpartition("-")[0]
        state = self._disk.db.execute(
            "SELECT state FROM row JOIN campaign USING (campaign_id) WHERE token = ? AND number = ?", (token, number)
        ).fetchone()[0]
        if state != "sending":
            self.complaints.append(f"{_now():.1f}: {signature} was sent while {state}")
        if self._in_flight[signature] > 1:
            self.complaints.append(f"{_now():.1f}: {signature} was sent twice at the same time")
        if self.jobs[signature]:
            self.complaints.append(f"{_now():.1f}: {signature} was sent, and is a job already")
        if any(birth.signature == signature for birth in self._births):
            self.complaints.append(f"{_now():.1f}: {signature} was sent, and the remote was still at work on it")

    def _conceive(self, signature: str, after_s: float, *, may_stand_still: bool) -> None:
        at = _now() + after_s
        begins, ends = self.weather.look_outage
        standstill_s = max(0.0, ends - max(begins, _now())) if may_stand_still and begins < at else 0.0
        birth = _Birth(signature, at + standstill_s, at)
        birth.timer = asyncio.get_running_loop().call_at(birth.at, self._bear, birth)
        self._births.append(birth)

    def _bear(self, birth: _Birth) -> None:
        self._births.remove(birth)
        self._last_id += 1
        dice = random.Random(f"{self._seed} {self._last_id}")
        lag_s = self._lag_s * dice.uniform(0.5, 1)
        self.jobs[birth.signature].append((self._last_id, birth.at + lag_s))
        self._seen_from[self._last_id] = min(birth.at, birth.without_standstill) + lag_s

    def _hurry(self, signature: str, latest: float) -> None:
        """Brings the jobs that are on their way forward to ``latest``."""
        for birth in self._births:
            if birth.signature == signature and birth.at > latest:
                assert birth.timer is not None
                birth.timer.cancel()
                birth.at = latest
                birth.timer = asyncio.get_running_loop().call_at(birth.at, self._bear, birth)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _within(span: tuple[float, float]) -> bool:
    return span[0] <= _now() < span[1]


def _warned(job_id: int) -> Reply:
    return Reply(http_status=201, code=7, job_id=job_id, description="made with a warning")
