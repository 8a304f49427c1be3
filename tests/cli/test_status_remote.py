"""``status --remote``: where submitted jobs stand, from the remote into the ledger and from there to people."""

from __future__ import annotations

import csv
import io
import json
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from batcher.ledger.sqlite.lock import LedgerLock
from tests.acceptance.conftest import Sandbox, Shell, emulator, send_signal, wait_until

from .conftest import Ended

Cli = Callable[..., Ended]

ROWS = 6
SUBMIT = ("submit", "letters", "--billing-type", "User Credit", "--confirm")
ASK = ("status", "letters", "--remote")
ERROR_MESSAGE = "The document could not be prepared for production."


class World:
    """One remote that is started again and again at its address, with its jobs: at another speed, say."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._port = "0"
        self.sandbox = self.start("--speed", "0")

    def start(self, *flags: str, faults: str = "", empty: bool = False) -> Sandbox:
        """Without jobs if it is to be ``empty``."""
        self.stop()
        kept = () if empty else ("--state", str(self._folder / "jobs.jsonl"))
        remote = emulator(self._folder, "--port", self._port, *kept, *flags, faults=faults)
        self.sandbox = self._stack.enter_context(remote)
        self._port = self.sandbox.url.split(":")[2].split("/")[0]
        self._forgotten = 0
        return self.sandbox

    def stop(self) -> None:
        self._stack.close()

    def reads(self) -> int:
        """How many states were asked for since it was started, or since they were forgotten."""
        return self._calls() - self._forgotten

    def forget_reads(self) -> None:
        """Submitting asks for states, too."""
        self._forgotten = self._calls()

    def _calls(self) -> int:
        calls: dict[str, int] = self.sandbox.stats()["calls"]
        return calls.get("status", 0)


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("remote"))
    yield made
    made.stop()


@pytest.fixture
def submitted(shell: Shell, cli: Cli, world: World, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """``cli``, with six submitted letters, the sixth of a document that goes wrong in production."""
    monkeypatch.setenv("BATCHER_BASE_URL", world.sandbox.url)
    monkeypatch.setenv("BATCHER_BACKOFF", "0.01")
    shell.manifest(ROWS, documentId={ROWS: "999"})
    assert cli("run", "letters.csv", "-q").code == 0
    assert cli(*SUBMIT, str(ROWS), "-q").code == 0
    world.forget_reads()
    return cli


def told(cli: Cli, *arguments: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(cli(*arguments, "--json").out)
    return answer


def facts(out: str) -> dict[str, str]:
    """The table of names and values in two columns."""
    lines = [line.partition("  ") for line in out.splitlines() if not line.startswith(" ")]
    return {name: value.strip() for name, _, value in lines}


def test_states_move_on_and_are_kept_in_the_ledger(submitted: Cli, world: World) -> None:
    fresh = submitted("status", "letters")
    ordered = submitted(*ASK)
    world.start("--speed", "1e9")
    mailed = submitted(*ASK)
    plain = submitted("status", "letters")

    assert (ordered.code, mailed.code, plain.code) == (0, 0, 0)
    assert facts(fresh.out)["at the remote"] == "not read yet 6"
    assert "last asked" not in fresh.out
    assert facts(ordered.out)["at the remote"] == "ordered 6"
    assert facts(ordered.out)["asked now"] == "6 jobs"
    assert facts(mailed.out)["at the remote"] == facts(plain.out)["at the remote"] == "mailed 5, error 1"
    assert facts(mailed.out)["last asked"] == facts(plain.out)["last asked"]
    assert facts(plain.out)["submitted"] == "6"
    assert "asked now" not in plain.out


def test_a_row_in_error_is_named_in_the_vendors_words_which_are_not_kept(
    submitted: Cli, world: World, shell: Shell
) -> None:
    world.start("--speed", "1e9")
    asked = submitted(*ASK, "--log-level", "debug")
    plain = submitted("status", "letters")

    (line,) = [line for line in asked.out.splitlines() if line.startswith("  row")]
    (without,) = [line for line in plain.out.splitlines() if line.startswith("  row")]
    assert line == f"{without}: {ERROR_MESSAGE}"
    assert without.startswith("  row 6 (")
    assert without.endswith("is in error at the remote")
    kept = b"".join(path.read_bytes() for path in shell.folder.iterdir() if path.is_file())
    assert ERROR_MESSAGE.encode() not in kept
    assert ERROR_MESSAGE not in asked.err


def test_what_is_at_rest_is_not_asked_for_again(submitted: Cli, world: World) -> None:
    world.start("--speed", "1e9")
    submitted(*ASK)
    before = world.reads()
    again = submitted(*ASK)

    assert (before, world.reads()) == (ROWS, ROWS + 1)
    assert facts(again.out)["asked now"] == "1 job"


def test_so_many_a_call_and_all_in_the_end(submitted: Cli, world: World) -> None:
    first = submitted(*ASK, "--limit", "4")
    second = submitted(*ASK, "--limit", "4")

    assert (first.code, second.code) == (0, 0)
    assert facts(first.out)["at the remote"] == "ordered 4, not read yet 2"
    assert facts(first.out)["not asked"] == "2 jobs: the same command again asks for the next"
    assert facts(second.out)["at the remote"] == "ordered 6"
    assert world.reads() == 8


def test_programs_are_told_the_same(submitted: Cli, world: World, cli: Cli) -> None:
    before = told(submitted, "status", "letters")
    world.start("--speed", "1e9")
    asked = told(submitted, *ASK, "--limit", "6")
    after = told(submitted, "status", "letters")
    (listed,) = told(submitted, "status")["campaigns"]

    assert before["remote"] == {"counts": {}, "unread": 6, "asked_at": None}
    assert asked["remote"]["counts"] == {"mailed": 5, "error": 1}
    assert asked["remote"] == after["remote"] == listed["remote"]
    assert asked["asking"] == {
        "asked": 6,
        "unanswered": 0,
        "not_asked": 0,
        "exit_code": 0,
        "stopped_by": None,
        "stopped": None,
        "next": None,
    }
    assert "asking" not in after
    ((error,), (same,)) = asked["remote_errors"], after["remote_errors"]
    assert (error["row_number"], error["remote_state"], error["words"]) == (6, "error", ERROR_MESSAGE)
    assert same == error | {"words": None}
    assert asked["remote_drafts"] == []


def test_the_results_have_the_state(submitted: Cli, world: World) -> None:
    world.start("--speed", "1e9")
    before = submitted("results", "letters").out
    submitted(*ASK)
    after = submitted("results", "letters").out

    assert {row["remote_state"] for row in csv.DictReader(io.StringIO(before))} == {""}
    assert [row["remote_state"] for row in csv.DictReader(io.StringIO(after))] == ["mailed"] * 5 + ["error"]
    assert {row["state"] for row in csv.DictReader(io.StringIO(after))} == {"submitted"}


def test_a_submitted_job_that_is_a_draft_is_an_alarm_and_nothing_is_done(
    submitted: Cli, world: World, shell: Shell
) -> None:
    """The account was set back, say: its numbers now stand for drafts."""
    world.start(empty=True)
    shell.manifest(2, "other.csv")
    assert submitted("run", "other.csv", "--ledger", "other.db", "-q").code == 0

    asked = submitted(*ASK)

    lines = [line for line in asked.out.splitlines() if line.startswith("  row")]
    drafts = [line for line in lines if "ALARM" in line]
    assert asked.code == 0
    assert facts(asked.out)["at the remote"] == "editing 2, not found 4"
    assert facts(asked.out)["submitted"] == "6"
    assert lines[:2] == drafts
    assert "it was submitted, and job 1300000" in drafts[0]
    assert "ask again in five minutes" in drafts[0]
    assert all("is not known at the remote: HTTP 200, code 1: Job ID not found" in line for line in lines[2:])
    assert len(told(submitted, "status", "letters")["remote_drafts"]) == 2
    assert world.sandbox.stats()["calls"].get("submit", 0) == 0


def test_many_rows_are_counted_and_some_are_named(submitted: Cli, world: World, shell: Shell) -> None:
    shell.manifest(30, "many.csv")
    submitted("run", "many.csv", "--again", "-q")
    submitted("submit", "many", *SUBMIT[2:], "30", "-q")
    world.start(empty=True)

    asked = submitted("status", "many", "--remote")

    assert asked.out.count("\n  row ") == 20
    assert "  … and 10 rows more of that kind; `batcher results` has them, column remote_state" in asked.out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("status", "--remote"), 2, "name it, `batcher status CAMPAIGN --remote`"),
        ((*ASK, "--watch"), 2, "--remote asks once, and --watch shows what the ledger has"),
        ((*ASK, "--limit", "0"), 2, "--limit"),
        (("status", "nobody", "--remote"), 2, "the ledger has no campaign 'nobody'; it has: letters"),
        ((*ASK, "--staging"), 4, "campaign 'letters' belongs to http://127.0.0.1"),
    ],
)
def test_every_refusal_is_one_line_and_asks_nobody(
    submitted: Cli, world: World, arguments: tuple[str, ...], code: int, says: str
) -> None:
    ended = submitted(*arguments)

    assert (ended.code, ended.out) == (code, "")
    assert len(ended.err.splitlines()) == 1
    assert says in ended.err
    assert world.reads() == 0


def test_another_user_name_is_another_account(submitted: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATCHER_USERNAME", "somebody else")

    ended = submitted(*ASK)

    assert ended.code == 4
    assert "belongs to another user name" in ended.err


def test_it_wants_a_target_and_credentials(submitted: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BATCHER_PASSWORD")
    without_password = submitted(*ASK)
    monkeypatch.delenv("BATCHER_BASE_URL")
    without_target = submitted(*ASK)

    assert (without_password.code, without_target.code) == (2, 2)
    assert "no credentials" in without_password.err
    assert "where to?" in without_target.err
    assert submitted("status", "letters").code == 0


def test_it_needs_the_ledger_for_itself_and_a_plain_status_does_not(submitted: Cli, world: World) -> None:
    lock = LedgerLock(Path("batcher.db"))
    lock.acquire()
    try:
        ended = submitted(*ASK)
        plain = submitted("status", "letters")
    finally:
        lock.release()

    assert (ended.code, plain.code) == (11, 0)
    assert world.reads() == 0


@pytest.mark.parametrize(
    ("kind", "code", "says"),
    [
        ("unauthorized", 7, "refused by the remote (HTTP 401"),
        ("forbidden", 7, "refused by the remote (HTTP 403"),
        ("not_found", 2, "wrong address (HTTP 404"),
        ("redirect", 2, "wrong address (HTTP 30"),
    ],
)
def test_where_the_account_is_not_open_no_job_is_asked_for(
    submitted: Cli, world: World, kind: str, code: int, says: str
) -> None:
    world.start(faults=f'[[fault]]\non = "any"\ndo = "{kind}"\n')

    ended = submitted(*ASK)

    assert ended.code == code
    assert says in facts(ended.out)["stopped"]
    assert facts(ended.out)["at the remote"] == "not read yet 6"
    assert facts(ended.out)["not asked"] == "6 jobs"
    assert facts(ended.out)["next"]
    assert world.reads() == 0


def test_a_remote_that_is_away_is_waited_for_so_long(submitted: Cli, world: World) -> None:
    submitted(*ASK, "--limit", "2")
    world.stop()

    ended = submitted(*ASK, "--max-outage", "0.3s", "--json")

    asking = json.loads(ended.out)["asking"]
    assert (ended.code, asking["exit_code"], asking["stopped_by"], asking["asked"]) == (5, 5, "outage", 0)
    assert json.loads(ended.out)["remote"]["counts"] == {"ordered": 2}


def test_jobs_that_are_not_answered_are_counted_and_keep_their_state(submitted: Cli, world: World) -> None:
    submitted(*ASK)
    world.start("--speed", "1e9", faults='[[fault]]\non = "status"\nmatch = { id = "13000002" }\ndo = "garbage"\n')

    ended = submitted(*ASK, "--max-attempts", "2", "--concurrency", "1")

    assert ended.code == 0
    assert facts(ended.out)["at the remote"].startswith("ordered 1, mailed ")
    assert facts(ended.out)["not answered"].startswith("1 job (HTTP 20")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_it_ends_at_once_and_what_was_read_is_kept(
    submitted: Cli, world: World, shell: Shell, number: signal.Signals, code: int
) -> None:
    """The third question would hang for as long as an answer may take."""
    world.start("--speed", "0", faults='[[fault]]\non = "status"\ncall = 3\ndo = "stall"\n')
    process = shell.start(*ASK, "--base-url", world.sandbox.url, "--concurrency", "1", "--json")
    wait_until(lambda: world.reads() >= 3)

    ended, out, _ = send_signal(process, number)

    asking = json.loads(out)["asking"]
    kept = told(submitted, "status", "letters")["remote"]
    assert (ended, asking["exit_code"]) == (code, code)
    assert (asking["asked"], asking["not_asked"]) == (2, 4)
    assert (kept["counts"], kept["unread"]) == ({"ordered": 2}, 4)
