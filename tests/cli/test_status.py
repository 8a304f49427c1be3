"""How a campaign stands: at work, ended, broken off; for people and for programs."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from batcher.cli.status import run_words
from batcher.ledger.records import RunInfo
from tests.acceptance.conftest import Shell, emulator, send_signal
from tests.cli.conftest import Ended

OPEN = {"run_id": 1, "started_at": "2026-03-01T12:00:00Z", "finished_at": None, "exit_code": None, "stopped_by": None}


def gone_pid() -> int:
    child = subprocess.Popen(["true"])
    child.wait()
    return child.pid


def words_of(host: str, pid: int) -> str | None:
    return run_words(RunInfo(**OPEN, host=host, pid=pid))  # type: ignore[arg-type]


def test_a_run_without_an_end_is_at_work_or_broken_off() -> None:
    here, us = socket.gethostname(), os.getpid()

    assert words_of(here, us) == f"at work, process {us}"
    assert words_of(here, gone_pid()) == "broken off; the same command again carries on"
    assert words_of("elsewhere", 7) == "not finished; process 7 on elsewhere"


def test_a_run_that_ended_says_how_and_when() -> None:
    ended = OPEN | {"finished_at": "2026-03-01T12:30:00Z", "exit_code": 10, "stopped_by": "limit"}

    assert run_words(RunInfo(**ended, host="h", pid=1)) == "exit 10 (--limit reached), 2026-03-01T12:30:00Z"  # type: ignore[arg-type]


@pytest.mark.usefixtures("ran")
def test_all_campaigns_are_one_object(cli: Callable[..., Ended]) -> None:
    told = json.loads(cli("status", "--json").out)

    assert [(one["campaign"], one["counts"], one["exit_code"]) for one in told["campaigns"]] == [
        ("letters", {"created": 3}, 0)
    ]


def test_rows_beyond_the_first_are_counted(cli: Callable[..., Ended], shell: Shell) -> None:
    """Nobody wants to read hundreds of them."""
    shell.manifest(30)
    faults = '[[fault]]\non = "create"\ndo = "reset_after"\n'
    with emulator(shell.folder, "--lookup-mode", "missing", faults=faults) as sandbox:
        cli("run", "letters.csv", "--base-url", sandbox.url, "--settle", "0.5", "--max-outage", "2s", "-q")

    told = cli("status", "letters").out
    held = json.loads(cli("status", "letters", "--json").out)["counts"]
    doubtful = held.get("held", 0) + held.get("in_doubt", 0)

    assert told.count("\n  row ") == min(20, doubtful)
    assert ("more; `batcher results`" in told) == (doubtful > 20)


@pytest.mark.usefixtures("ran")
def test_watching_goes_on_until_interrupted(shell: Shell) -> None:
    """Each picture stands for itself where there is no terminal."""
    process = shell.start("status", "letters", "--watch", "--json")
    assert process.stdout is not None
    first = json.loads(process.stdout.readline())
    second = json.loads(process.stdout.readline())

    code, _, err = send_signal(process, signal.SIGINT)

    assert first == second
    assert (code, err) == (130, "")


@pytest.mark.parametrize(("column", "word", "shown"), [("stage", "archive", "archive done"), ("state", "lost", "lost")])
def test_a_word_that_nobody_knows_is_shown_as_it_stands(
    cli: Callable[..., Ended], ran: Path, column: str, word: str, shown: str
) -> None:
    """A ledger that was tampered with is looked at; that is no bug."""
    with closing(sqlite3.connect(ran)) as ledger, ledger:
        ledger.execute(f"UPDATE row SET {column} = ? WHERE number = 2", (word,))

    told, listed, results = cli("status", "letters"), cli("status"), cli("results", "letters")

    assert (told.code, listed.code, results.code) == (0, 0, 0)
    assert [line.split("  ")[-1].strip() for line in told.out.splitlines() if line.startswith(shown)] == ["1"]
    assert f"2 created, 1 {shown}" in listed.out
    assert f",{shown}," in results.out
