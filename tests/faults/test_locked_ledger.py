"""Another program locks the ledger's file: a run waits, says so, and in the end leaves without harm."""

from __future__ import annotations

import json
import subprocess

from tests.acceptance.conftest import Sandbox, Shell, emulator
from tests.faults.audit import compare, read_book
from tests.faults.blows import until
from tests.faults.conftest import WINDOW_S
from tests.faults.proxy import proxied
from tests.faults.trouble import locked

ROWS = 150
QUICK = ("--concurrency", "8", "--timeout", "3", "--settle", "1", "--log-format", "json", "--drain-timeout", "2")


def start(shell: Shell, sandbox: Sandbox, url: str, *flags: str) -> subprocess.Popen[str]:
    """A run that has created some of its jobs and has most of its work before it."""
    shell.manifest(ROWS)
    process = shell.start("run", "letters.csv", "--base-url", url, *QUICK, *flags)
    assert until(lambda: sandbox.stats()["jobs_created"] >= 10)
    return process


def events(stderr: str) -> list[str]:
    return [json.loads(line)["event"] for line in stderr.splitlines() if line.startswith("{")]


def test_a_run_waits_for_a_lock_says_so_and_goes_on(shell: Shell) -> None:
    with emulator(shell.folder, "--latency", "0.1") as sandbox:
        process = start(shell, sandbox, sandbox.url)
        with locked(shell.folder / "batcher.db"):
            # The requests that were out come to their end, and none begins: its intent cannot be committed.
            assert until(lambda: _stands_still(sandbox))
            made = sandbox.stats()["jobs_created"]
            assert process.poll() is None
        _, err = process.communicate(timeout=50)
        stats = sandbox.stats()

    assert process.returncode == 0, err
    assert made < ROWS
    assert (stats["jobs_created"], stats["repeated_signatures"]) == (ROWS, 0)
    assert events(err).count("ledger.locked") == 1


def test_a_run_that_waited_in_vain_says_so_in_one_line_and_loses_nothing(shell: Shell) -> None:
    """Its workers are free and its pace is slow, so that it is the next intent that waits."""
    with emulator(shell.folder) as sandbox, proxied(sandbox.url) as thread:
        process = start(shell, sandbox, thread.proxy.url, "--rate", "40/s")
        with locked(shell.folder / "batcher.db"):
            out, err = process.communicate(timeout=60)
        book = read_book(shell.folder / "batcher.db")
        made, findings = (
            len(sandbox.jobs()),
            compare(book, sandbox.jobs(), thread.proxy.asked, window_s=WINDOW_S, slack_s=1.0),
        )
        last = shell.batcher("run", "letters.csv", "--base-url", thread.proxy.url, *QUICK)
        stats = sandbox.stats()

    assert process.returncode == 11, err
    assert [line for line in err.splitlines() if not line.startswith("{")] == [
        "error: the ledger batcher.db is locked by another program; run the same command again later"
    ]
    assert out == ""
    # No request without an intent in the ledger, no job without a row that knows of it.
    assert (made < ROWS, findings.words) == (True, [])
    assert last.returncode == 0, last.stderr
    assert (stats["jobs_created"], stats["repeated_signatures"]) == (ROWS, 0)


def _stands_still(sandbox: Sandbox) -> bool:
    """No request comes for longer than any takes, and for longer than a lock goes unmentioned."""
    before = sandbox.stats()["calls"]["create"]
    return not until(lambda: sandbox.stats()["calls"]["create"] != before, limit_s=1.5, pause_s=0.1)
