"""
A computer that processes run on, one after the other, and the file of the ledger that is all they leave behind.

Each process opens the file anew. One that crashes leaves the files as they are at that moment: the next one gets a copy
of them, with what SQLite has written by then and no more.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

from batcher.core.tally import StopReason
from batcher.dispatch.stop import Stop
from batcher.ledger.sqlite import SqliteLedger
from batcher.ledger.sqlite.connection import open_for_writing

from .audit import Audit, Books
from .disk import Disk, Work, kill, ledger_on
from .jumping import JumpingLoop, LoopClock
from .steps import Steps, kind_of
from .vendor import Vendor

T = TypeVar("T")

TROUBLES: Final = ("crash", "term", "term twice", "cancel", "full disk", "freeze")
FROZEN_S = 60.0
COMMIT_S = 0.01


class WitnessedDisk(Disk):
    """A disk whose commits are steps of a process; a crash before one leaves its transaction open. Reading is one."""

    def __init__(self, path: Path, steps: Steps) -> None:
        super().__init__(lambda: COMMIT_S, path)
        # A process may die here, not the machine: what was written need not reach the platter.
        self.db.execute("PRAGMA synchronous = OFF")
        self._steps = steps
        self._name = ""
        self._changes = self.db.total_changes
        self._states = self._read_states()

    def before_commit(self, group: list[Work]) -> bool:
        self._name = self._moves() or ", ".join(sorted({work.__qualname__.split(".")[1] for work in group}))
        return self._steps.take(f"{'commit' if self._has_changes() else 'read'}: {self._name}")

    def after_commit(self) -> bool:
        if not self._has_changes():
            return True
        self._changes, self._states = self.db.total_changes, self._read_states()
        return self._steps.take(f"committed: {self._name}")

    def _has_changes(self) -> bool:
        return self.db.total_changes > self._changes

    def _moves(self) -> str:
        """Which rows the open transaction moves."""
        new = self._read_states()
        moves = [(row, self._states.get(row), state) for row, state in new.items() if self._states.get(row) != state]
        return ", ".join(f"{row} {old or 'new'} → {state}" for row, old, state in moves)

    def _read_states(self) -> dict[str, str]:
        rows = self.db.execute("SELECT token || '-' || number, state FROM row JOIN campaign USING (campaign_id)")
        return dict(rows.fetchall())


@cache
def _empty_ledger() -> bytes:
    """The file with its tables, made once: that takes longer than most stories."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "empty.db")
        open_for_writing(path).close()
        return path.read_bytes()


@dataclass(slots=True)
class Lurking:
    """Trouble that comes at the n-th step of a kind from now on, in whichever process that is."""

    kind: str
    steps_left: int
    what: str


class Computer:
    """
    Runs processes against one vendor, and writes down what they do in ``history``.

    ``trouble`` says which of ``TROUBLES`` happens at which of a process's steps, beside what is ``lurking``: ``term``
    is SIGTERM, ``full disk`` lasts to the process's end, ``freeze`` is SIGSTOP, and SIGCONT a minute later.
    """

    def __init__(self, folder: Path, lag_s: float) -> None:
        self._folder = folder
        self._runner = asyncio.Runner(loop_factory=JumpingLoop)
        self.path = folder / "0.db"
        self.path.write_bytes(_empty_ledger())
        self._crashes = 0
        self.clock = LoopClock()
        self.audit = Audit()
        self.vendor = Vendor(self.clock, lag_s, received=self.audit.receive, has_job=self.audit.has_job, note=self.note)
        self.audit.vendor = self.vendor
        self.history: list[str] = []
        self.loop.set_exception_handler(lambda loop, context: self.audit.complain(str(context)))
        self.steps: list[str] = []
        self.lurking: list[Lurking] = []
        self.crashed = False
        self.disk_was_full = False
        self.stop: Stop

    def note(self, line: str) -> None:
        self.history.append(f"{self.loop.time() - 1000:8.1f} s  {line}")

    @property
    def loop(self) -> JumpingLoop:
        loop = self._runner.get_loop()
        assert isinstance(loop, JumpingLoop)
        return loop

    def play(self, work: Coroutine[Any, Any, T]) -> T:
        """Lets something happen that is no step of a process."""
        return self._runner.run(work)

    def close(self) -> None:
        self._runner.close()

    def run(self, work: Callable[[SqliteLedger], Awaitable[T]], trouble: Mapping[int, str]) -> T | None:
        """
        Runs a process to its end, or to its crash.

        Returns:
            What the work returned; None where the process did not live to return it.

        Raises:
            AssertionError: the promise was broken.
        """
        return self.play(self._live(work, trouble))

    async def _live(self, work: Callable[[SqliteLedger], Awaitable[T]], trouble: Mapping[int, str]) -> T | None:
        self.loop.allow()
        self.stop, self.crashed, self.disk_was_full = Stop(), False, False

        def meet(number: int, name: str) -> None:
            self._witness(number, name)
            for what in self._trouble_at(number, name, trouble):
                self._meet(what, disk, process)

        steps = Steps(meet)
        disk = WitnessedDisk(self.path, steps)
        self.audit.books = Books(self.path)
        self.vendor.steps = steps

        async def live() -> T:
            return await work(ledger_on(disk))

        process = asyncio.create_task(live())
        death = asyncio.create_task(steps.died.wait())
        await asyncio.wait({process, death}, return_when=asyncio.FIRST_COMPLETED)
        if steps.dead:
            await kill(process, disk)
        death.cancel()
        self._end(steps, disk)
        if process.cancelled():
            return None
        return process.result()

    def _end(self, steps: Steps, disk: Disk) -> None:
        self.steps = steps.names
        steps.die()
        self.vendor.end_of_process()
        self.audit.books.close()
        disk.db.close()
        assert self.audit.complaints == []

    def _witness(self, number: int, name: str) -> None:
        self.note(f"#{number:<3} {name}")
        self.audit.check()
        for complaint in self.audit.complaints:
            self.note(f"BROKEN: {complaint}")

    def _trouble_at(self, number: int, name: str, trouble: Mapping[int, str]) -> Iterator[str]:
        if number in trouble:
            yield trouble[number]
        kind = kind_of(name)
        for lurking in [each for each in self.lurking if each.kind == kind]:
            lurking.steps_left -= 1
            if not lurking.steps_left:
                self.lurking.remove(lurking)
                yield lurking.what
                return

    def _meet(self, what: str, disk: Disk, process: asyncio.Task[object]) -> None:
        self.note(f"     {what.upper()}")
        match what:
            case "crash":
                self._crash(disk)
            case "term":
                self.stop.request(StopReason.SIGTERM)
            case "term twice":
                self.stop.request(StopReason.SIGTERM)
                self.stop.hurry()
            case "cancel":
                process.cancel()
            case "full disk":
                disk.full = self.disk_was_full = True
            case "freeze":
                self.loop.skip(FROZEN_S)
            case _:
                raise ValueError(what)

    def _crash(self, disk: Disk) -> None:
        self.vendor.steps.die()
        disk.die()
        self.crashed = True
        self._crashes += 1
        left, self.path = self.path, self._folder / f"{self._crashes}.db"
        for suffix in ("", "-wal"):
            with suppress(FileNotFoundError):
                shutil.copyfile(f"{left}{suffix}", f"{self.path}{suffix}")
