"""Another program locks the ledger's file: a run waits, says so, and in the end leaves without harm."""

from __future__ import annotations

import subprocess

from tests.acceptance.conftest import Sandbox, emulator
from tests.faults.audit import compare, read_book
from tests.faults.blows import until
from tests.faults.conftest import WINDOW_S, PatientShell
from tests.faults.proxy import ProxyThread, proxied
from tests.faults.trouble import locked

ROWS = 150
QUICK = ("--concurrency", "8", "--timeout", "3", "--settle", "1", "--log-format", "json", "--drain-timeout", "2")


def start(shell: PatientShell, sandbox: Sandbox, url: str, *flags: str) -> subprocess.Popen[str]:
    """A run that has created some of its jobs and has most of its work before it."""
    shell.manifest(ROWS)
    process = shell.start("run", "letters.csv", "--base-url", url, *QUICK, *flags)
    assert until(lambda: sandbox.stats()["jobs_created"] >= 10)
    return process


def audit(shell: PatientShell, sandbox: Sandbox, thread: ProxyThread) -> list[str]:
    """What is wrong: requests without an intent in the ledger, jobs that no row knows of."""
    book = read_book(shell.folder / "batcher.db")
    return compare(
        book, sandbox.jobs(), thread.proxy.asked, window_s=WINDOW_S, slack_s=1.0 + 2 * thread.proxy.late_s
    ).words


def test_a_run_waits_for_a_lock_says_so_and_goes_on(shell: PatientShell) -> None:
    with emulator(shell.folder, "--latency", "0.1") as sandbox, proxied(sandbox.url) as thread:
        process = start(shell, sandbox, thread.proxy.url)
        with locked(shell.folder / "batcher.db"):
            assert process.stderr is not None
            warned = any('"ledger.locked"' in line for line in process.stderr)
            made = len(sandbox.jobs())
        _, err = process.communicate(timeout=120)
        stats = sandbox.stats()
        findings = audit(shell, sandbox, thread)

    assert (process.returncode, warned, made < ROWS) == (0, True, True), err
    assert findings == []
    assert (stats["jobs_created"], stats["repeated_signatures"]) == (ROWS, 0)


def test_a_run_that_waited_in_vain_says_so_in_one_line_and_loses_nothing(shell: PatientShell) -> None:
    """Its workers are free and its pace is slow, so that it is the next intent that waits."""
    with emulator(shell.folder) as sandbox, proxied(sandbox.url) as thread:
        process = start(shell, sandbox, thread.proxy.url, "--rate", "40/s")
        with locked(shell.folder / "batcher.db"):
            out, err = process.communicate(timeout=120)
        made, findings = len(sandbox.jobs()), audit(shell, sandbox, thread)
        last = shell.here("run", "letters.csv", "--base-url", thread.proxy.url, *QUICK)
        stats = sandbox.stats()

    assert process.returncode == 11, err
    assert [line for line in err.splitlines() if not line.startswith("{")] == [
        "error: the ledger batcher.db is locked by another program; run the same command again later"
    ]
    assert out == ""
    assert (made < ROWS, findings) == (True, [])
    assert last.returncode == 0, last.stderr
    assert (stats["jobs_created"], stats["repeated_signatures"]) == (ROWS, 0)
