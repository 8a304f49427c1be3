"""
One campaign through bad weather and blows, until it is finished.

Run after run is started and struck at a random moment, with a faulty proxy before an emulator that fails on its own.
After each, when nothing of batcher is at work, the ledger is compared with what the emulator really holds. The times
are short and honest: a request is at work in proxy and emulator for less than ``SETTLE_S``, however busy the machine.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from tests.acceptance.conftest import Sandbox, Shell, emulator
from tests.faults.audit import Book, Findings, compare, read_book
from tests.faults.blows import FINISHED, PATIENCE, Blow, draw, end_of, until
from tests.faults.fate import PASS_ALL, Weather
from tests.faults.proxy import ProxyThread, proxied
from tests.faults.trouble import limit_files, locked

_FAULTS = ("error_500", "error_500_after", "reset", "reset_after", "stall", "stall_after", "cut", "garbage", "empty")
_PAGES = ("page_500_after", "page_502", "page_502_after", "page_503_after", "page_504_after", "page_524_after")
_AT_WORK_S = 3.0
"""The oldest request that the proxy still hands on; the emulator is done with it within moments."""
_CALM_RUNS = 8
_OTHER_RUNS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """
    How hard it is.

    Attributes:
        runs: Runs that are struck, at most; the campaign may be finished before.
        worst: The largest share of requests that meets a bad fate in the proxy.
        settle_s: Longer than the remote can be at work on a request that it never answered.
    """

    rows: int = 250
    runs: int = 12
    worst: float = 0.3
    settle_s: float = 5.0
    timeout_s: float = 1.5
    window_s: float = 1.0
    longest_stop_s: float = 4.0
    at_work_s: float = _AT_WORK_S


@dataclass(slots=True)
class Figures:
    """What happened, in numbers; ``wrong`` has what must not be, in words."""

    seed: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    blows: Counter[str] = field(default_factory=Counter)
    trouble: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    proxy: Counter[str] = field(default_factory=Counter)
    remote: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Figures) -> None:
        for name in ("counts", "blows", "trouble", "codes", "proxy", "remote"):
            getattr(self, name).update(getattr(other, name))
        self.wrong += other.wrong


class Ordeal:
    """One campaign in one folder."""

    def __init__(self, folder: Path, seed: str, terms: Terms, over: Event) -> None:
        self._folder = folder
        self._terms = terms
        self._over = over
        self._dice = random.Random(seed)
        self._shell = Shell(folder, {"BATCHER_SEND_WINDOW": str(terms.window_s)})
        self._log = folder / "last.log"
        self._ledger = folder / "batcher.db"
        self._wal = folder / "batcher.db-wal"
        self.figures = Figures()

    def run(self) -> None:
        """Plays it to its end, or to the first thing that is wrong."""
        dice, rows = self._dice, self._terms.rows
        # Documents below 100 do not exist: the emulator rejects these rows.
        rejected = {number: str(n) for n, number in enumerate(dice.sample(range(1, rows + 1), rows // 50), start=40)}
        self._shell.manifest(rows, documentId=rejected)
        # Without --strict-500 a 500 that the vendor reports is sent again where no look-up answers, as was asked for.
        looks_fail = dice.random() < 0.7
        self._strict = ("--strict-500",) if looks_fail else ()
        latency, lag, dice_seed = (
            f"0-{dice.uniform(0.05, 0.3):.2f}",
            str(dice.choice((0, 0.2, 0.5))),
            dice.randrange(10**6),
        )
        flags = ("--latency", latency, "--lag", lag, "--seed", str(dice_seed))
        with emulator(self._folder, *flags, faults=_faults(dice)) as sandbox:
            weather = Weather(
                dice=random.Random(dice.random()),
                posts=dice.uniform(0.0, self._terms.worst),
                looks=dice.uniform(0.0, self._terms.worst) if looks_fail else 0.0,
                connections=dice.uniform(0.0, 0.05) if looks_fail else 0.0,
                longest_s=0.9 * self._terms.at_work_s,
            )
            with proxied(sandbox.url, weather, most_s=self._terms.at_work_s) as thread:
                thread.proxy.welcome = weather.welcome
                self._play(sandbox, thread)
                if not self._over.is_set():
                    self._count(sandbox, thread)

    def _play(self, sandbox: Sandbox, thread: ProxyThread) -> None:
        done = any(self._run(sandbox, thread, strike=True) for _ in range(self._terms.runs))
        done = done or any(self._run(sandbox, thread, strike=False) for _ in range(_OTHER_RUNS))
        thread.proxy.plan, thread.proxy.welcome = PASS_ALL, lambda: None
        # The last run finds a finished campaign, and must leave it so.
        finished = any(self._run(sandbox, thread, strike=False) for _ in range(_CALM_RUNS))
        if not self.figures.wrong and not finished:
            self.figures.wrong.append(f"the campaign did not finish: {self._tail()}")

    def _run(self, sandbox: Sandbox, thread: ProxyThread, *, strike: bool) -> bool:
        """One run; whether there is nothing left to do."""
        if self.figures.wrong or self._over.is_set():
            return True
        blow = draw(self._dice, longest_stop_s=self._terms.longest_stop_s) if strike else PATIENCE
        is_reconcile = strike and self._dice.random() < 0.1 and self._ledger.exists()
        verb = ("reconcile", "letters") if is_reconcile else ("run", "letters.csv")
        seen = len(thread.proxy.asked)
        with self._log.open("w") as log:
            process = subprocess.Popen(
                [*self._shell.command, *verb, "--base-url", thread.proxy.url, *self._flags(is_reconcile)],
                cwd=self._folder,
                env=self._shell.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                text=True,
            )
        self.figures.counts["runs"] += 1
        try:
            if strike:
                blow = self._strike(process, blow, thread, seen)
            code = end_of(process, over=self._over.is_set)
        finally:
            process.kill()
            process.wait()
        if self._over.is_set():
            return True
        self._judge(code, blow)
        book = self._audit(sandbox, thread)
        return not is_reconcile and code in {0, 3} and book is not None

    def _flags(self, is_reconcile: bool) -> tuple[str, ...]:
        terms, dice = self._terms, self._dice
        shared = ("--timeout", f"{terms.timeout_s}", "--settle", f"{terms.settle_s}", *self._strict)
        shared += ("--connect-timeout", "1", "--drain-timeout", f"{dice.uniform(0, 2):.2f}")
        if is_reconcile:
            return shared
        pace = ("--concurrency", f"{dice.choice((1, 4, 8, 8, 16, 64))}", "--backoff", "0.05", "--max-backoff", "0.5")
        rate = ("--rate", "50/s") if dice.random() < 0.3 else ()
        return (*shared, *pace, *rate, "--max-attempts", f"{dice.choice((3, 20))}")

    def _strike(self, process: subprocess.Popen[str], blow: Blow, thread: ProxyThread, seen: int) -> Blow:
        """
        At any moment; most often when the run has begun to talk to the remote. Some meet other trouble before.

        Returns:
            The blow, with the codes that it may lead to together with that trouble.
        """
        dice = self._dice
        if dice.random() < 0.2:
            _wait(process, dice.uniform(0.1, 2.0))
        else:
            until(lambda: len(thread.proxy.asked) > seen or process.poll() is not None, limit_s=30.0)
            _wait(process, dice.expovariate(1 / 0.5))
        trouble = dice.choices(("none", "outage", "lock", "short files", "rival"), (65, 12, 12, 6, 5))[0]
        if process.poll() is not None:
            self.figures.blows["ended before the blow"] += 1
            return blow
        self.figures.blows[blow.name] += 1
        self.figures.trouble[trouble] += 1
        match trouble:
            case "outage":
                thread.refuse()
                _wait(process, dice.uniform(0.1, 1.5))
                thread.listen()
            case "rival":
                self._rival(thread)
                blow = blow.with_code(11)  # where the other one was quicker to take the lock
            case "short files" if sys.platform == "linux":
                with suppress(FileNotFoundError, ProcessLookupError):  # it ends at this very moment
                    limit_files(process, self._wal.stat().st_size)
                blow = blow.with_code(12)
                _wait(process, dice.uniform(0.0, 1.0))
            case "lock" if self._ledger.exists():
                with locked(self._ledger):
                    _wait(process, dice.uniform(0.0, 1.5))
                    blow.strike(process)
                return blow
        blow.strike(process)
        return blow

    def _rival(self, thread: ProxyThread) -> None:
        """A second run beside the first is turned away, or finds the ledger free because the first has just ended."""
        flags = (*self._flags(False), "--limit", "1")
        ended = self._shell.batcher("run", "letters.csv", "--base-url", thread.proxy.url, *flags, timeout=120.0)
        if ended.returncode not in {*FINISHED, 10, 11}:
            self.figures.wrong.append(f"a second run ended with {ended.returncode}: {ended.stderr[-500:]}")

    def _judge(self, code: int | None, blow: Blow) -> None:
        self.figures.codes[str(code)] += 1
        if code is None:
            self.figures.wrong.append(f"the run did not end after {blow.name}: {self._tail()}")
        elif not blow.may_end_with(code):
            self.figures.wrong.append(f"exit {code} after {blow.name}: {self._tail()}")
        text = self._log.read_text(errors="replace")
        if "Traceback" in text or "a bug in batcher" in text:
            self.figures.wrong.append(f"after {blow.name} it said: {self._tail()}")

    def _audit(self, sandbox: Sandbox, thread: ProxyThread) -> Book | None:
        jobs, book = sandbox.jobs(), read_book(self._ledger)
        window_s, slack_s = self._terms.window_s, 0.5 + 2 * thread.proxy.late_s
        findings: Findings = compare(book, jobs, list(thread.proxy.asked), window_s=window_s, slack_s=slack_s)
        for name in ("duplicates", "unrecorded", "lost", "blind"):
            self.figures.counts[name] += getattr(findings, name)
        self.figures.wrong += findings.words
        return book

    def _count(self, sandbox: Sandbox, thread: ProxyThread) -> None:
        figures, stats = self.figures, sandbox.stats()
        book = read_book(self._ledger)
        states = Counter() if book is None else book.states()
        figures.counts.update({"campaigns": 1, "rows": self._terms.rows, "jobs": stats["jobs"]})
        figures.counts.update({"POSTs": stats["calls"].get("create", 0), "created": states["done"]})
        figures.counts.update({"rejected": states["rejected"], "held": states["held"]})
        figures.proxy.update(thread.proxy.counts)
        figures.remote.update(stats["faults"])
        self._judge_end(states, stats)

    def _judge_end(self, states: Counter[str], stats: dict[str, object]) -> None:
        rejected = self._terms.rows // 50
        expected = Counter({"done": self._terms.rows - rejected, "rejected": rejected})
        if states != +expected and not self.figures.wrong:
            self.figures.wrong.append(f"at the end: {dict(states)}, expected {dict(expected)}")
        if stats["jobs"] != expected["done"] and not self.figures.wrong:
            self.figures.wrong.append(f"at the end there are {stats['jobs']} jobs, expected {expected['done']}")

    def _tail(self) -> str:
        return self._log.read_text(errors="replace")[-1500:] if self._log.exists() else ""


def _faults(dice: random.Random) -> str:
    """A plan for the emulator: each kind of fault on some share of the attempts."""
    kinds = dice.sample(_FAULTS, 5) + dice.sample(_PAGES, 2)
    rules = [f'[[fault]]\non = "create"\ndo = "{kind}"\nrate = {dice.uniform(0, 0.05):.3f}\n' for kind in kinds]
    rules.append(f'[[fault]]\non = "create"\ndo = "limit_429"\nretry_after = "1"\nrate = {dice.uniform(0, 0.01):.3f}\n')
    rules.append(f'[[fault]]\non = "create"\ndo = "slow"\nseconds = 2.0\nrate = {dice.uniform(0, 0.03):.3f}\n')
    return "\n".join(rules)


def _wait(process: subprocess.Popen[str], seconds: float) -> None:
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return


def play(folder: Path, seed: str, terms: Terms, over: Event | None = None) -> Figures:
    """One ordeal; its folder stays only when something is wrong. It is broken off, and not judged, when all is over."""
    folder.mkdir(parents=True)
    began = time.monotonic()
    ordeal = Ordeal(folder, seed, terms, over or Event())
    figures = ordeal.figures
    figures.seed = seed
    try:
        ordeal.run()
    except Exception as error:  # noqa: BLE001 - an hour is not to end because the machine was out of something
        figures.wrong.append(f"the ordeal itself failed: {type(error).__name__}: {error}")
    figures.counts["seconds"] += round(time.monotonic() - began)
    figures.wrong = [f"seed {seed}: {words}" for words in figures.wrong]
    if not figures.wrong:
        shutil.rmtree(folder, ignore_errors=True)
    return figures
