"""
A send cannot happen late: whatever holds a run up between its intent and its bytes, not one of them leaves.

The command is stopped with SIGSTOP, or its connection hangs, for longer than the send window; then it goes on. It posts
directly, or over aiohttp's session as with an aiohttp that the direct lane does not know.
"""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import Sandbox, emulator
from tests.faults import fate
from tests.faults.audit import compare, read_book
from tests.faults.blows import until
from tests.faults.conftest import WINDOW_S, PatientShell
from tests.faults.fate import Asked, Fate
from tests.faults.line import boottime
from tests.faults.proxy import Proxy, proxied

QUICK = ("--settle", "2", "--connect-timeout", "20", "--backoff", "0.05", "--max-backoff", "0.2")
LEDGER = "batcher.db"
_SYN_SENT = "02"
"""As /proc/net/tcp has it."""


_NEW_AIOHTTP = """
import runpy, aiohttp
aiohttp.__version__ = "3.99.0"
runpy.run_module("batcher", run_name="__main__", alter_sys=True)
"""
SESSION_TOO = pytest.mark.parametrize("shell", ["direct", "session"], indirect=True)
SESSION_BY_HAND = pytest.mark.parametrize(
    "shell", ["direct", pytest.param("session", marks=pytest.mark.slow)], indirect=True
)


class SessionShell(PatientShell):
    @property
    def command(self) -> list[str]:
        return [sys.executable, "-W", "error", "-c", _NEW_AIOHTTP]


@pytest.fixture
def shell(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[PatientShell]:
    opened = SessionShell(tmp_path) if request.param == "session" else PatientShell(tmp_path)
    yield opened
    opened.end()


def sending(folder: Path) -> list[float]:
    """The deadlines of the intents that are open."""
    book = read_book(folder / LEDGER)
    if book is None:
        return []
    return [book.deadlines[number][-1] for number, (state, _, _) in book.rows.items() if state == "sending"]


def attempts(folder: Path) -> dict[int, list[dict[str, Any]]]:
    """Every attempt of every row, in order."""
    db = sqlite3.connect(folder / LEDGER)
    db.row_factory = sqlite3.Row
    found: dict[int, list[dict[str, Any]]] = {}
    for line in db.execute("SELECT * FROM attempt ORDER BY row_number, number"):
        found.setdefault(line["row_number"], []).append(dict(line))
    db.close()
    return found


def hanging_connections(port: int) -> int:
    """Connections to a port of this machine that have been asked for and not been answered."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(line[2].endswith(f":{port:04X}") and line[3] == _SYN_SENT for line in lines)


def stop_until_late(process: subprocess.Popen[str], folder: Path) -> None:
    """Stops a run whose intents are committed until the last of them is late."""
    process.send_signal(signal.SIGSTOP)
    deadline = max(sending(folder))
    assert until(lambda: boottime() > deadline + 0.3)


def ended_well(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, err = process.communicate(timeout=120)
    return process.returncode, err


def assert_each_sent_in_its_window(shell: PatientShell, sandbox: Sandbox, proxy: Proxy, rows: int) -> None:
    """One job a row, every request under an intent that was good when its first byte came; none in pieces."""
    book, jobs = read_book(shell.folder / LEDGER), sandbox.jobs()
    findings = compare(book, jobs, proxy.asked, window_s=WINDOW_S, slack_s=0.2 + 2 * proxy.late_s)
    assert findings.words == []
    assert (len(jobs), proxy.counts["torn requests"]) == (rows, 0)
    assert book is not None
    assert book.states() == {"done": rows}


@SESSION_BY_HAND
@pytest.mark.parametrize(
    "stopped",
    [
        pytest.param(False, id="it only hangs", marks=pytest.mark.slow),
        pytest.param(True, id="the run is stopped as well"),
    ],
)
def test_a_connection_that_hangs_for_longer_than_the_window_carries_no_late_request(
    shell: PatientShell, stopped: bool
) -> None:
    shell.manifest(2)
    with emulator(shell.folder) as sandbox, proxied(sandbox.url) as thread:
        thread.refuse()
        thread.hang()
        run = ("run", "letters.csv", "--base-url", thread.proxy.url, "--timeout", "20", *QUICK)
        process = shell.start(*run)
        assert until(lambda: len(sending(shell.folder)) == 2 and hanging_connections(thread.proxy.port) == 2)
        if stopped:
            stop_until_late(process, shell.folder)
        else:
            assert until(lambda: boottime() > max(sending(shell.folder)) + 0.3)
        thread.listen()
        # The systems of both sides connect by themselves, also while the run is stopped.
        assert until(lambda: hanging_connections(thread.proxy.port) == 0)
        assert not (stopped and thread.proxy.asked)
        process.send_signal(signal.SIGCONT)
        code, err = ended_well(process)
        posts = Counter(asked.signature for asked in thread.proxy.asked if asked.creates)
        assert_each_sent_in_its_window(shell, sandbox, thread.proxy, 2)

    assert code == 0, err
    assert sorted(posts.values()) == [1, 1]
    for *refused, sent in attempts(shell.folder).values():
        assert {(attempt["sent"], attempt["error_type"]) for attempt in refused} == {(0, "stale_intent")}
        assert (sent["sent"], sent["error_type"]) == (1, None)


@SESSION_TOO
def test_intents_that_wait_for_a_worker_while_the_run_is_stopped_are_not_sent(shell: PatientShell) -> None:
    """The one worker waits for a reply that was lost; behind it wait rows whose intents are committed."""
    rows, lost = 60, 30
    shell.manifest(rows)
    posts: list[Asked] = []

    def lose_one(asked: Asked) -> Fate:
        if not asked.creates:
            return fate.PASS
        posts.append(asked)
        return fate.LOSE_REPLY if len(posts) == lost else fate.PASS

    def all_but_the_lost_one_are_done() -> bool:
        """Else rows that were answered would count as waiting, until that is committed."""
        book = read_book(shell.folder / LEDGER)
        return book is not None and book.states()["done"] == lost - 1

    with emulator(shell.folder) as sandbox, proxied(sandbox.url, lose_one) as thread:
        run = ("run", "letters.csv", "--base-url", thread.proxy.url, "--timeout", "5", "--concurrency", "1", *QUICK)
        process = shell.start(*run)
        assert until(lambda: len(posts) == lost and all_but_the_lost_one_are_done())
        assert until(lambda: len(sending(shell.folder)) > 1)
        stop_until_late(process, shell.folder)
        waited = len(sending(shell.folder))
        process.send_signal(signal.SIGCONT)
        code, err = ended_well(process)
        assert_each_sent_in_its_window(shell, sandbox, thread.proxy, rows)

    assert code == 0, err
    assert len({asked.signature for asked in posts}) == len(posts) == rows
    told = Counter(line["error_type"] for lines in attempts(shell.folder).values() for line in lines)
    assert told["stale_intent"] >= waited - 1 > 0
    assert told["timeout"] == 1


@SESSION_BY_HAND
def test_a_run_that_is_stopped_while_requests_are_out_makes_no_job_twice(shell: PatientShell) -> None:
    """For longer than the timeout, one row for each thing that can become of a request meanwhile."""
    fates = [
        fate.PASS,
        Fate(name="reply waits for it", delay_s=1.0),
        Fate(name="reply after its timeout", delay_s=2.5),
        Fate(name="request is late at the remote", hold_s=2.0),
        fate.LOSE_REPLY,
        fate.CUT_BEFORE_REPLY,
        fate.STALL_IN_REPLY,
        fate.SWALLOW,
        fate.CUT_BEFORE,
    ]
    shell.manifest(len(fates) + 1)
    left: list[Fate] = []

    def deal(asked: Asked) -> Fate:
        return left.pop() if asked.creates and left else fate.PASS

    with emulator(shell.folder, "--latency", "0.3") as sandbox, proxied(sandbox.url, deal) as thread:
        run = ("run", "letters.csv", "--base-url", thread.proxy.url, "--timeout", "1.5", *QUICK)
        first = shell.here(*run, "--limit", "1")  # a job that can prove the look-up to the next run
        left += fates
        process = shell.start(*run)
        assert until(lambda: not left, pause_s=0.001)
        process.send_signal(signal.SIGSTOP)
        late = boottime() + 3.0
        assert until(lambda: boottime() > late)
        process.send_signal(signal.SIGCONT)
        code, err = ended_well(process)
        posts = Counter(asked.signature for asked in thread.proxy.asked if asked.creates)
        assert_each_sent_in_its_window(shell, sandbox, thread.proxy, len(fates) + 1)

    assert (first.returncode, code) == (10, 0), err
    assert sorted(posts.values()) == [1] * 8 + [2] * 2
