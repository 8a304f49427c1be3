"""
What the look-up contract holds to the same: the client against the emulator, and the remotes that tests play with.

What a test learns from a scripted remote is worth as much as the likeness of that remote to the real client. Another
one is a ``Bench`` and a name in ``BENCHES``.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Protocol

from aiohttp.test_utils import TestServer

from batcher.click2mail.client import Click2MailClient
from batcher.core.outcome import Fault as RemoteFault
from batcher.core.outcome import FaultKind as RemoteFaultKind
from batcher.core.outcome import LookUpAnswer, Reply
from batcher.core.sending import Deadline
from batcher.dispatch.ports import Remote
from batcher.sandbox import SandboxSettings, create_app, world_of
from batcher.sandbox.fault import Fault, FaultKind
from batcher.sandbox.fault_plan import FaultPlan
from batcher.sandbox.job import JobState
from tests.click2mail.builders import HandClock as ClientClock
from tests.click2mail.builders import remote as settings_of
from tests.dispatch.storm import StormRemote, Weather
from tests.ledger.builders import load, send
from tests.scripted import HandClock, ScriptedRemote, Step
from tests.simulation.disk import Disk, ledger_on
from tests.simulation.fates import Looks
from tests.simulation.jumping import LoopClock, play
from tests.simulation.steps import Steps
from tests.simulation.vendor import Vendor

TOKEN = "k3f9a2bq7x"
LAG_S = 8.0


class Bench(Protocol):
    """A remote at work and its clock, and what a test may do behind its back."""

    remote: Remote

    @classmethod
    def run(cls, test: Callable[[Bench], Awaitable[None]]) -> None:
        """Plays a test on a new one of this kind, in an event loop that suits it."""

    def now(self) -> tuple[float, float]:
        """The monotonic and the boot-time clock that deadlines are on."""

    async def pass_time(self, seconds: float) -> None: ...

    async def moment(self) -> None:
        """Lets others work for as short as there is."""

    def made(self, signature: str) -> list[int]:
        """The jobs that there are, the oldest first, whether a listing shows them or not."""

    def lose_replies(self, *, made: bool) -> None:
        """From now on a POST gets no reply; the job is made nevertheless, or not."""

    def stall(self) -> None:
        """From now on a POST gets no reply for a long time."""

    def refuse_looks(self, number: int) -> None:
        """From now on look-ups are refused, in one of the ways that this remote knows."""

    def recover(self) -> None:
        """All is well again."""


REFUSALS = 4
"""Ways to refuse a look-up that every bench knows."""


class EmulatorBench:
    """The client over a socket, and the emulator."""

    def __init__(self, clock: ClientClock) -> None:
        self._clock = clock
        self.faults: dict[str, Fault] = {}

    @classmethod
    def run(cls, test: Callable[[Bench], Awaitable[None]]) -> None:
        async def run() -> None:
            async with cls._opened() as bench:
                await test(bench)

        asyncio.run(run())

    @classmethod
    @asynccontextmanager
    async def _opened(cls) -> AsyncIterator[EmulatorBench]:
        bench = cls(ClientClock())
        settings = SandboxSettings(lag=LAG_S, faults=_Switched(bench.faults))
        app = create_app(settings, clock=lambda: bench._clock.boot_s)
        bench._world = world_of(app)
        async with TestServer(app) as server:
            client = Click2MailClient(settings_of(f"http://127.0.0.1:{server.port}/molpro"), bench._clock.clocks())
            async with client:
                bench.remote = client
                yield bench

    def now(self) -> tuple[float, float]:
        return self._clock.monotonic_s, self._clock.boot_s

    async def pass_time(self, seconds: float) -> None:
        self._clock.monotonic_s += seconds
        self._clock.boot_s += seconds

    async def moment(self) -> None:
        await asyncio.sleep(0.005)

    def made(self, signature: str) -> list[int]:
        jobs = self._world.jobs.values()
        return [job.id for job in jobs if job.signature == signature and job.state is not JobState.DELETED]

    def lose_replies(self, *, made: bool) -> None:
        self.faults["create"] = Fault(kind=FaultKind.RESET_AFTER if made else FaultKind.RESET)

    def stall(self) -> None:
        self.faults["create"] = Fault(kind=FaultKind.STALL_AFTER)

    def refuse_looks(self, number: int) -> None:
        kinds = (FaultKind.UNAUTHORIZED, FaultKind.NOT_FOUND, FaultKind.PAGE_503, FaultKind.RESET)
        self.faults["lookup"] = Fault(kind=kinds[number])

    def recover(self) -> None:
        self.faults.clear()


class _Switched(FaultPlan):
    """A plan that a test changes while it is played."""

    def __init__(self, faults: Mapping[str, Fault]) -> None:
        super().__init__()
        self._faults = faults

    def next(self, endpoint: str, parameters: Mapping[str, str]) -> Fault | None:
        return self._faults.get(endpoint)


class ScriptedBench:
    """``ScriptedRemote``, which most tests of the dispatch send to."""

    def __init__(self) -> None:
        self._clock = HandClock()
        self.remote = ScriptedRemote(self._clock)
        self.remote.lag_s = LAG_S

    @classmethod
    def run(cls, test: Callable[[Bench], Awaitable[None]]) -> None:
        async def run() -> None:
            await test(cls())

        asyncio.run(run())

    def now(self) -> tuple[float, float]:
        return self._clock.monotonic(), self._clock.boottime()

    async def pass_time(self, seconds: float) -> None:
        await self._clock.sleep(seconds)

    async def moment(self) -> None:
        await asyncio.sleep(0)

    def made(self, signature: str) -> list[int]:
        return list(self.remote.jobs[signature])

    def lose_replies(self, *, made: bool) -> None:
        self.remote.always = lambda signature: Step(RemoteFault(kind=RemoteFaultKind.RESET), creates=made)

    def stall(self) -> None:
        self.remote.always = lambda signature: Step(after_s=1000.0)

    def refuse_looks(self, number: int) -> None:
        answers: tuple[LookUpAnswer, ...] = (
            Reply(http_status=401),
            Reply(http_status=404),
            Reply(http_status=503),
            RemoteFault(kind=RemoteFaultKind.RESET),
        )
        self.remote.lookup = lambda signature: answers[number]

    def recover(self) -> None:
        self.remote.always = lambda signature: None
        self.remote.lookup = lambda signature: None


class _Jumping:
    """What benches have in common whose time is the loop's own."""

    def __init__(self, clock: LoopClock) -> None:
        self._clock = clock

    def now(self) -> tuple[float, float]:
        return self._clock.monotonic(), self._clock.boottime()

    async def pass_time(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def moment(self) -> None:
        await asyncio.sleep(0.01)


class StormBench(_Jumping):
    """``StormRemote``, which the storms send to."""

    def __init__(self, clock: LoopClock, disk: Disk) -> None:
        super().__init__(clock)
        self.remote = StormRemote("contract", disk, clock, lag_s=LAG_S, timeout_s=20.0)

    @classmethod
    def run(cls, test: Callable[[Bench], Awaitable[None]]) -> None:
        async def run() -> None:
            disk = Disk(lambda: 0.01)
            # It asks the ledger whether a row may be sent; here every row may, again and again.
            ledger = ledger_on(disk)
            campaign = await load(ledger, 30, token=TOKEN)
            await send(ledger, campaign, *range(1, 31))
            await test(cls(LoopClock(), disk))
            await ledger.close()

        play(run())

    def made(self, signature: str) -> list[int]:
        return list(self.remote.ids.get(signature, []))

    def lose_replies(self, *, made: bool) -> None:
        self.remote.weather = Weather(fates={"lost_reply" if made else "lost": 1.0})

    def stall(self) -> None:
        self.remote.weather = Weather(latency_s=15.0)

    def refuse_looks(self, number: int) -> None:
        self.remote.weather = Weather(failing_looks=1.0)

    def recover(self) -> None:
        self.remote.weather = Weather()


class VendorBench(_Jumping):
    """``Vendor``, which the state machine and the crash table send to."""

    def __init__(self, clock: LoopClock) -> None:
        super().__init__(clock)
        self.remote = Vendor(
            clock, LAG_S, received=lambda signature: None, has_job=lambda signature: False, note=lambda said: None
        )
        self.remote.steps = Steps(lambda number, name: None)

    @classmethod
    def run(cls, test: Callable[[Bench], Awaitable[None]]) -> None:
        async def run() -> None:
            await test(cls(LoopClock()))

        play(run())

    def made(self, signature: str) -> list[int]:
        return self.remote.ids(signature)

    def lose_replies(self, *, made: bool) -> None:
        self._doom("created; its reply is lost" if made else "lost; nothing is made")

    def stall(self) -> None:
        self._doom("created long after it timed out")

    def _doom(self, fate: str) -> None:
        self.remote.fates = defaultdict(lambda: deque([fate]))

    def refuse_looks(self, number: int) -> None:
        self.remote.looks = (Looks.SILENT, Looks.REFUSED)[number % 2]

    def recover(self) -> None:
        self.remote.fates = defaultdict(deque)
        self.remote.looks = Looks.FAITHFUL


BENCHES: dict[str, type[Bench]] = {
    "client": EmulatorBench,
    "scripted": ScriptedBench,
    "storm": StormBench,
    "vendor": VendorBench,
}


def deadline_in(bench: Bench, *, monotonic_s: float = 60.0, boot_s: float = 60.0) -> Deadline:
    """A deadline so many seconds from now, on either clock."""
    monotonic, boot = bench.now()
    return Deadline(monotonic=monotonic + monotonic_s, boot=boot + boot_s)
