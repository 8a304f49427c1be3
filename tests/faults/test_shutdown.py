"""Asked to end at whatever moment, once, twice or thrice: never worse than ``kill -9``, and the next run finishes."""

from __future__ import annotations

import os
import random
import subprocess
from functools import partial
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGTERM, Signals

from tests.acceptance.conftest import Sandbox, emulator
from tests.faults.audit import compare, read_book
from tests.faults.blows import until
from tests.faults.conftest import WINDOW_S, PatientShell
from tests.faults.fate import LOSE_REPLY, PASS, Asked, Fate
from tests.faults.proxy import ProxyThread, proxied

SEED = int(os.environ.get("BATCHER_TEST_SEED", random.randrange(10**6)))
QUICK = ("--timeout", "2", "--settle", "1", "--backoff", "0.05", "--max-backoff", "0.2", "--concurrency", "8")
MANY = 10_000
CODES = {SIGTERM: {143, -SIGTERM}, SIGINT: {130, -SIGINT}}
"""As documented; and as the system has it for a process that does not listen for signals yet, or no more."""


def end(process: subprocess.Popen[str], *signals: Signals) -> tuple[int, str]:
    for number in signals:
        process.send_signal(number)
    _, err = process.communicate(timeout=120)
    return process.returncode, err


def assert_harmless(folder: Path, sandbox: Sandbox, thread: ProxyThread) -> None:
    """What the emulator holds, the ledger knows of; and nothing is there twice."""
    book = read_book(folder / "batcher.db")
    findings = compare(
        book, sandbox.jobs(), thread.proxy.asked, window_s=WINDOW_S, slack_s=1.0 + 2 * thread.proxy.late_s
    )
    assert findings.words == []


def in_the_drain(asked: Asked) -> Fate:
    """Replies to some requests never come, so that a drain has something to wait for."""
    return LOSE_REPLY if asked.creates and int(asked.signature.rpartition("-")[2]) % 10 == 0 else PASS


def test_signals_at_random_moments_of_a_run_s_life_end_it_with_its_code(shell: PatientShell) -> None:
    dice, rows = random.Random(SEED), 80
    shell.manifest(rows)
    ends = []
    with emulator(shell.folder, "--latency", "0.1") as sandbox, proxied(sandbox.url, in_the_drain) as thread:
        run = ("run", "letters.csv", "--base-url", thread.proxy.url, "--drain-timeout", "0.5", *QUICK)
        for signals in ([SIGTERM], [SIGINT, SIGINT], [SIGTERM] * 3, [SIGINT]):
            process = shell.start(*run)
            lives(process, dice.uniform(0.3, 1.5))
            ends.append((signals[0], *end(process, *signals)))
            assert_harmless(shell.folder, sandbox, thread)
        thread.proxy.plan = lambda asked: PASS
        last = shell.here(*run)
        stats = sandbox.stats()

    assert [one for one in ends if one[1] not in CODES[one[0]] | {0}] == [], f"seed {SEED}"
    assert [one for one in ends if "Traceback" in one[2] or "a bug" in one[2]] == [], f"seed {SEED}"
    assert last.returncode == 0, f"seed {SEED}: {last.stderr}"
    assert (stats["jobs_created"], stats["repeated_signatures"]) == (rows, 0), f"seed {SEED}"


def test_a_signal_while_the_manifest_is_read_leaves_nothing_loaded(shell: PatientShell) -> None:
    shell.manifest(MANY)
    with emulator(shell.folder) as sandbox:
        run = ("run", "letters.csv", "--base-url", sandbox.url, "--limit", "1", *QUICK)
        for signals in ([SIGTERM], [SIGINT, SIGINT]):
            process = shell.start(*run)
            assert until(partial(holds_the_ledger, process, shell.folder), pause_s=0.002)
            code, err = end(process, *signals)

            assert code in CODES[signals[0]], err
            assert "nothing was loaded or sent" in err
            assert read_book(shell.folder / "batcher.db") is None
        calls = sandbox.stats()["calls"]
        last = shell.here(*run)
    book = read_book(shell.folder / "batcher.db")

    assert (calls, last.returncode) == ({}, 10), last.stderr
    assert book is not None
    assert book.states() == {"pending": MANY - 1, "done": 1}


def test_a_run_that_is_struck_while_it_writes_its_results_leaves_whole_ones_or_none(shell: PatientShell) -> None:
    shell.manifest(MANY)
    with emulator(shell.folder) as sandbox:
        run = ("run", "letters.csv", "--base-url", sandbox.url, "--limit", "1", *QUICK)
        killed, _ = end(_writing_results(shell, run), SIGKILL)
        is_there = (shell.folder / "letters.results.csv").exists()
        for left in _aside(shell.folder):
            left.unlink()
        asked, err = end(_writing_results(shell, run), SIGTERM, SIGINT)
        states = [row["state"] for row in shell.results()]
        made = sandbox.stats()["jobs_created"]

    assert (killed, is_there) == (-SIGKILL, False)
    # The run was over before it was asked to stop, and says how it ended.
    assert asked == 10, err
    assert (len(states), states.count("created"), made) == (MANY, 2, 2)
    assert _aside(shell.folder) == []


def holds_the_ledger(process: subprocess.Popen[str], folder: Path) -> bool:
    """Whether a run has taken the ledger's lock; it begins to read its manifest then."""
    lock = folder / "batcher.db.lock"
    return lock.exists() and f'"pid": {process.pid},' in lock.read_text()


def _writing_results(shell: PatientShell, run: tuple[str, ...]) -> subprocess.Popen[str]:
    process = shell.start(*run)
    assert until(lambda: _aside(shell.folder), pause_s=0.001)
    return process


def _aside(folder: Path) -> list[Path]:
    return list(folder.glob(".letters.results.csv.*"))


def lives(process: subprocess.Popen[str], seconds: float) -> None:
    """Lets a process work for so long, or to its end."""
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return
