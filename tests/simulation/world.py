"""A campaign and all that happens to it, in verbs: run, crash, reboot, resolve, retry, and the last quiet run."""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from unittest.mock import patch

from batcher.core.errors import Exit, LedgerError
from batcher.core.events import Event
from batcher.core.reconcile import Patience
from batcher.core.retry import RetryPolicy
from batcher.core.states import Stage, State
from batcher.dispatch import run as run_module
from batcher.dispatch.plan import RunPlan
from batcher.dispatch.resolve import resolve_row
from batcher.dispatch.run import RunSummary, run_campaign
from batcher.ledger.records import Campaign
from batcher.ledger.sqlite import SqliteLedger
from batcher.ledger.sqlite.verification import inspect
from tests.dispatch.conftest import TARGET, manifest_row

from .audit import Books, RowEntry
from .computer import Computer
from .fates import SEND_WINDOW_S, SETTLE_S, TIMEOUT_S, Looks
from .vendor import Job

CAMPAIGN = "c"
PLAN = RunPlan(
    concurrency=2,
    retry=RetryPolicy(max_attempts=3),
    patience=Patience(settle_s=SETTLE_S),
    timeout_s=TIMEOUT_S,
    send_window_s=SEND_WINDOW_S,
    drain_timeout_s=5.0,
)
# What a power cut leaves is not played here, so that no disk needs to be waited for.
_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
_NOW = "2026-01-01T00:00:00.000Z"
_NO_TROUBLE: Mapping[int, str] = {}


class World:
    """
    One story. Close it when it is over.

    With ``known`` an earlier campaign of the account has left one created row, so that the look-up can be proven.
    """

    def __init__(self, *, rows: int, known: bool = True, lag_s: float = 0.0) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="batcher-story-", dir=_MEMORY)
        self.rows = rows
        self.computer = Computer(Path(self._folder.name), lag_s)
        self.vendor, self.audit = self.computer.vendor, self.computer.audit
        self.campaigns: dict[str, Campaign] = {}
        if known:
            self._begin_after(_known_world())
        random.seed(0)  # tenacity's jitter

    def _begin_after(self, known: _Known) -> None:
        self.computer.path.write_bytes(known.ledger)
        self.vendor.jobs["known-1"].append(known.job)
        self.campaigns["known"] = known.campaign

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.computer.close()
        self._folder.cleanup()
        if error is not None:
            error.add_note(self.history())

    def history(self) -> str:
        return "\n".join(self.computer.history)

    def make_known(self) -> None:
        """Another campaign of the account creates a job."""
        self.load("known", 1)
        self.run(name="known")

    def load(self, name: str = CAMPAIGN, rows: int | None = None, trouble: Mapping[int, str] = _NO_TROUBLE) -> None:
        """Reads the manifest into the ledger, or finds it there."""
        manifest = [manifest_row(number, key=f"{name}{number}") for number in range(1, (rows or self.rows) + 1)]

        def stage(staging: Any) -> Campaign:
            staging.add(manifest)
            return staging.create(
                name=name,
                token=name,
                target=TARGET,
                manifest="m.csv",
                columns=(),
                kept_columns=(),
                reading={},
                own_signatures=False,
                now=_NOW,
            )

        async def load(ledger: SqliteLedger) -> Campaign:
            return await ledger.campaign(name) or await ledger.load(stage)

        campaign = self._process(f"load {name}", load, trouble)
        if campaign is not None:
            self.campaigns[name] = campaign

    def run(
        self,
        trouble: Mapping[int, str] = _NO_TROUBLE,
        *,
        looks: Looks = Looks.FAITHFUL,
        name: str = CAMPAIGN,
        strict_500: bool = False,
        **changes: Any,
    ) -> RunSummary | None:
        """One run, and what holds at its end; None where it did not come to its end."""
        plan = replace(PLAN, retry=replace(PLAN.retry, strict_500=strict_500), **changes)
        self.audit.strict_500, self.audit.is_proven, self.vendor.looks = strict_500, False, looks

        async def run(ledger: SqliteLedger) -> RunSummary:
            return await run_campaign(
                ledger=ledger,
                remote=self.vendor,
                clock=self.computer.clock,
                emit=self._hear,
                campaign=self.campaigns[name],
                plan=plan,
                stop=self.computer.stop,
            )

        with patch.object(run_module, "boot_id", lambda: f"boot {self.computer.clock.boot}"):
            summary = self._process(f"run {name}, look-up {looks.name}", run, trouble)
        if summary is not None:
            self._check_end(summary, plan, name)
        return summary

    def retry(self) -> None:
        """``batcher retry``: rejected rows go back to pending."""

        async def release(ledger: SqliteLedger) -> int:
            return await ledger.release(self.campaigns[CAMPAIGN], Stage.CREATE, (State.REJECTED,))

        self._process("retry", release, _NO_TROUBLE)

    def resolve(self, number: int, trouble: Mapping[int, str] = _NO_TROUBLE) -> None:
        """A person who has waited, and asked the vendor, says what became of a row in doubt or held."""
        self.computer.play(self.vendor.at_rest())
        ids = self.vendor.ids(f"{CAMPAIGN}-{number}")

        async def resolve(ledger: SqliteLedger) -> None:
            job_id = ids[0] if ids else None
            await resolve_row(ledger, self.campaigns[CAMPAIGN], number=number, key=None, job_id=job_id, now=_NOW)

        self._process(f"resolve row {number}", resolve, trouble)

    def reboot(self, uptime_s: float) -> None:
        """Another boot, or another host: the boot-time clock begins anew."""

        async def boot() -> None:
            self.computer.clock.boot_again(uptime_s)
            self.computer.note("reboot")

        self.computer.play(boot())

    def wait(self, seconds: float) -> None:
        self.computer.play(asyncio.sleep(seconds))

    def outage(self, after_s: float, seconds: float) -> None:
        """From ``after_s`` on nobody answers for a while, as far as the next process lives to see it."""
        now = self.computer.loop.time()
        self.vendor.outage = (now + after_s, now + after_s + seconds)

    def entries(self) -> dict[int, RowEntry]:
        """What the ledger holds of the campaign's rows, by number."""
        books = Books(self.computer.path)
        try:
            rows = books.rows()
        finally:
            books.close()
        return {
            number: rows[f"{CAMPAIGN}-{number}"] for number in range(1, self.rows + 1) if f"{CAMPAIGN}-{number}" in rows
        }

    def end_well(self) -> RunSummary:
        """The remote behaves from here on: one last run brings every row to rest, and the promise is kept."""
        self.vendor.fates.clear()
        self.computer.lurking.clear()
        self.vendor.outage = (0.0, 0.0)
        self.load()
        if "known" not in self.campaigns:
            self.make_known()
        summary = self.run()
        assert summary is not None
        self.computer.play(self.vendor.at_rest())
        self.audit.books = Books(self.computer.path)
        self.audit.check()
        self.audit.books.close()
        assert self.audit.complaints == []
        states = {number: entry.state for number, entry in self.entries().items()}
        unsettled = {number: state for number, state in states.items() if state not in {State.DONE, State.REJECTED}}
        assert unsettled == {}
        assert len(states) == self.rows
        return summary

    def _process(self, what: str, work: Any, trouble: Mapping[int, str]) -> Any:
        self.computer.note(f"===  {what}")
        try:
            return self.computer.run(work, trouble)
        except LedgerError:
            assert self.computer.disk_was_full
            return None
        finally:
            if self.campaigns:
                # However a process ends: what it leaves behind is nothing that `batcher ledger verify` would find.
                assert inspect(self.computer.path, 10).findings == ()

    def _hear(self, event: Event) -> None:
        if event.name in {"lookup.proven", "lookup.unproven"}:
            self.audit.is_proven = event.name == "lookup.proven"
        if event.name not in {"intent.recorded", "attempt.finished"}:
            self.computer.note(f"     {event.name}")

    def _check_end(self, summary: RunSummary, plan: RunPlan, name: str) -> None:
        """What holds after any run that came to its end, whatever happened in it."""
        self.computer.note(f"     exit {summary.exit_code.name}, {summary.counts}")
        if name != CAMPAIGN:
            return
        states = Counter(entry.state for entry in self.entries().values())
        shown = {"created" if state is State.DONE else state.value: count for state, count in states.items()}
        assert summary.counts == shown
        assert sum(states.values()) == summary.rows == self.rows
        assert State.SENDING not in states
        if summary.stopped_by is not None:
            assert summary.exit_code not in {Exit.OK, Exit.BUG, Exit.LEDGER_BROKEN}
            return
        assert summary.exit_code is _exit_of(shown)
        assert State.PENDING not in states or not plan.send
        assert State.IN_DOUBT not in states or not plan.wait


@dataclass(frozen=True, slots=True)
class _Known:
    """What a campaign of one created row leaves behind."""

    ledger: bytes
    job: Job
    campaign: Campaign


@cache
def _known_world() -> _Known:
    with World(rows=1, known=False) as world:
        world.make_known()
        (job,) = world.vendor.jobs["known-1"]
        return _Known(world.computer.path.read_bytes(), job, world.campaigns["known"])


def _exit_of(shown: Mapping[str, int]) -> Exit:
    if shown.keys() & {"in_doubt", "held"}:
        return Exit.IN_DOUBT
    if "rejected" in shown:
        return Exit.REJECTED
    return Exit.FAILED if "failed" in shown else Exit.OK
