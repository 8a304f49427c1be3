"""``batcher doctor``: the ledger. Nothing of it is changed, whatever state it is in."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tests.acceptance.conftest import Shell, emulator
from tests.cli.conftest import Ended
from tests.cli.test_doctor import checks, levels
from tests.ledger.test_inspection import contents
from tests.ledger.test_lock import holder

Cli = Callable[..., Ended]
LEDGER = ("ledger", "lock", "doubts", "last run")


def looked_at(cli: Cli, path: Path, *flags: str) -> Ended:
    """What the doctor finds; it must leave all as it is."""
    before = contents(path.parent)
    ended = cli("doctor", "--json", *flags)
    assert contents(path.parent) == before
    return ended


def test_a_ledger_that_has_run(cli: Cli, ran: Path) -> None:
    ended = looked_at(cli, ran)

    assert (ended.code, levels(ended, *LEDGER)) == (0, ["ok"] * 4)
    assert checks(ended)["ledger"]["facts"]["campaigns"] == 1
    assert checks(ended)["last run"]["what"].startswith("letters: exit 0, 2")


def test_one_that_is_named_elsewhere(cli: Cli, ran: Path) -> None:
    ended = looked_at(cli, ran, "--ledger", "other.db")

    assert (ended.code, checks(ended)["ledger"]["what"]) == (0, "none at other.db yet; `batcher run` makes it")


def test_one_in_use(cli: Cli, ran: Path) -> None:
    with holder(ran) as process:
        ended = looked_at(cli, ran)

    assert (ended.code, levels(ended, *LEDGER)) == (0, ["ok", "warning", "ok", "ok"])
    assert f"in use by process {process.pid} on " in checks(ended)["lock"]["what"]


def test_a_damaged_one(cli: Cli, ran: Path) -> None:
    ran.write_bytes(b"rubbish" + ran.read_bytes()[7:])
    ended = looked_at(cli, ran)

    assert (ended.code, levels(ended, *LEDGER)) == (12, ["failed", "ok", "skipped", "skipped"])
    assert "put a backup" in checks(ended)["ledger"]["what"] + checks(ended)["ledger"]["next"]


def test_a_newer_one(cli: Cli, ran: Path) -> None:
    with closing(sqlite3.connect(ran)) as db:
        db.execute("PRAGMA user_version = 99")
    ended = looked_at(cli, ran)

    assert (ended.code, levels(ended, "ledger")) == (12, ["failed"])
    assert checks(ended)["ledger"]["next"] == "update batcher"


def test_an_older_one(cli: Cli, ran: Path) -> None:
    with closing(sqlite3.connect(ran)) as db:
        db.execute("PRAGMA user_version = 1")
    ended = looked_at(cli, ran)

    assert (ended.code, levels(ended, *LEDGER)) == (0, ["ok", "ok", "skipped", "skipped"])


def test_a_folder_that_is_not_there(cli: Cli, shell: Shell) -> None:
    ended = cli("doctor", "--ledger", "none/b.db", "--json")

    assert (ended.code, levels(ended, "ledger", "disk")) == (12, ["ok", "failed"])
    assert "there is no folder" in checks(ended)["disk"]["what"]


def test_a_damaged_ledger_outweighs_a_wrong_address(cli: Cli, ran: Path) -> None:
    ran.write_bytes(b"rubbish")
    ended = looked_at(cli, ran, "--base-url", "http://127.0.0.1:1/molpro")

    assert (ended.code, levels(ended, "connection", "ledger")) == (12, ["failed", "failed"])


def test_doubts_that_wait(cli: Cli, shell: Shell) -> None:
    shell.manifest(3)
    lost = '[[fault]]\non = "create"\ncall = 2\ndo = "reset_after"\n'
    quick = ("--timeout", "20", "--settle", "0.2", "--backoff", "0.05", "-q")
    with emulator(shell.folder, "--lookup-mode", "missing", faults=lost) as sandbox:
        assert cli("run", "letters.csv", "--base-url", sandbox.url, *quick).code == 6
    ended = cli("doctor", "--json")

    doubts = checks(ended)["doubts"]
    assert (ended.code, doubts["level"], doubts["facts"]) == (0, "warning", {"rows": 1, "held": 1})
    assert doubts["what"] == "1 rows in doubt or held: letters (1)"
