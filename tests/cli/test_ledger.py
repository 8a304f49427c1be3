"""``batcher ledger``: what it says and how it ends, and how a campaign goes on that was pruned."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from batcher.core.states import State
from batcher.ledger.records import Campaign
from batcher.ledger.sqlite import SqliteLedger
from tests.acceptance.conftest import Sandbox, Shell, emulator
from tests.cli.conftest import Ended
from tests.ledger.builders import bring, load, outcome, send, start_run
from tests.ledger.test_lock import holder

Cli = Callable[..., Ended]
QUICK = ("--timeout", "20", "--settle", "0.5", "--backoff", "0.05", "--max-backoff", "0.2", "-q")
REJECT_ROW_2 = """
[[fault]]
on = "create"
match = { documentId = "1002" }
do = "verdict"
http = 400
code = 9
description = "no such document"
times = 1
"""


@pytest.fixture
def ledger(shell: Shell) -> Path:
    """Two finished campaigns, and one with a row in doubt; in the place where commands look for it."""
    path = shell.folder / "batcher.db"

    async def write() -> None:
        opened = await SqliteLedger.open(path)
        for name in ("spring", "summer", "autumn"):
            campaign = await load(opened, 3, name)
            run_id = await start_run(opened, campaign)
            for number in (1, 2, 3):
                is_open = (name, number) == ("autumn", 3)
                state = State.IN_DOUBT if is_open else State.DONE
                await bring(opened, campaign, number, state, **({} if is_open else {"job_id": 100 * run_id + number}))
        await opened.close()
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("UPDATE attempt SET run_id = campaign_id")  # which the builders do not know
            db.execute("UPDATE run SET finished_at = started_at WHERE campaign_id < 3")

    asyncio.run(write())
    return path


def hand(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(statement)


# backup


def test_a_backup_says_what_it_holds_and_how_to_put_it_back(cli: Cli, ledger: Path) -> None:
    ended = cli("ledger", "backup", "copy.db")

    assert (ended.code, ended.err) == (0, "")
    *table, last = ended.out.splitlines()
    size = (ledger.parent / "copy.db").stat().st_size
    assert dict(line.split(None, 1) for line in table) == {
        "ledger": "batcher.db",
        "backup": "copy.db",
        "campaigns": "3",
        "rows": "9",
        "size": f"{size / 1000:.1f} kB",
        "checked": "whole",
    }
    assert last == (
        "to put it back: end every run, move batcher.db, batcher.db-wal and batcher.db-shm away together, and copy the"
        " backup there; not if anything was sent since"
    )


def test_a_backup_as_json(cli: Cli, ledger: Path) -> None:
    ended = cli("ledger", "backup", "copy.db", "--ledger", str(ledger), "--json")

    size = (ledger.parent / "copy.db").stat().st_size
    assert json.loads(ended.out) == {
        "ledger": str(ledger),
        "backup": "copy.db",
        "campaigns": 3,
        "rows": 9,
        "size_bytes": size,
    }


def test_a_backup_of_a_ledger_in_use_needs_no_lock(cli: Cli, ledger: Path) -> None:
    with holder(ledger):
        assert cli("ledger", "backup", "copy.db").code == 0
        assert cli("ledger", "verify").code == 0


def test_a_backup_takes_the_place_of_another_only_with_force(cli: Cli, ledger: Path) -> None:
    codes = [cli("ledger", "backup", "copy.db", *more).code for more in ((), (), ("--force",))]

    assert codes == [0, 2, 0]


# verify


def test_a_sound_ledger_is_said_to_be_sound(cli: Cli, ledger: Path) -> None:
    ended = cli("ledger", "verify")

    *table, last = ended.out.splitlines()
    assert (ended.code, ended.err) == (0, "")
    assert dict(line.split(None, 1) for line in table) == {
        "ledger": "batcher.db",
        "found": "sound",
        "version": table[2].split()[1],
        "campaigns": "3",
        "rows": "9",
        "attempts": "9",
    }
    assert last.startswith("autumn: its last run, of 2026-01-01T00:00:00.000Z, has no end: not finished; process 4711")


def test_a_problem_is_a_line_with_its_place_and_what_to_do_and_the_exit_code_is_1(cli: Cli, ledger: Path) -> None:
    hand(ledger, "UPDATE row SET state = 'pending' WHERE campaign_id = 3 AND number = 3")
    hand(ledger, "UPDATE attempt SET finished_at = NULL WHERE campaign_id = 3 AND row_number = 3")
    ended = cli("ledger", "verify")

    assert (ended.code, ended.err) == (1, "")
    assert ended.out.splitlines()[0] == (
        "autumn, row 3: it is pending, and an attempt has no end: it may have been sent; do not run this campaign"
        " before you have looked for its job in the account; report this line"
    )
    assert "found      1 problem\n" in ended.out


def test_problems_as_json(cli: Cli, ledger: Path) -> None:
    hand(ledger, "DELETE FROM spec WHERE campaign_id = 1 AND number = 2")
    ended = cli("ledger", "verify", "--json")
    told = json.loads(ended.out)

    assert (ended.code, told["sound"], told["problem_count"], told["rows"]) == (1, False, 2, 9)
    assert [(p["kind"], p["campaign"], p["row_number"]) for p in told["problems"]] == [
        ("books_do_not_balance", "spring", None),
        ("contents_missing", "spring", 2),
    ]
    assert [run["campaign"] for run in told["open_runs"]] == ["autumn"]


def test_of_many_problems_the_first_hundred_are_listed(cli: Cli, shell: Shell) -> None:
    async def write() -> None:
        opened = await SqliteLedger.open(shell.folder / "batcher.db")
        await load(opened, 150)
        await opened.close()

    asyncio.run(write())
    hand(shell.folder / "batcher.db", "UPDATE row SET state = 'held'")
    lines = cli("ledger", "verify").out.splitlines()

    assert [line.startswith("c, row ") for line in lines].count(True) == 100
    assert lines[100:103] == ["… and 50 more", "ledger     batcher.db", "found      150 problems"]


def test_a_damaged_file_is_exit_12(cli: Cli, shell: Shell) -> None:
    path = shell.folder / "batcher.db"

    async def write() -> None:
        opened = await SqliteLedger.open(path)
        await load(opened, 2000)
        await opened.close()

    asyncio.run(write())
    body = bytearray(path.read_bytes())
    body[-2 * 4096 :] = b"\xff" * 2 * 4096
    path.write_bytes(body)
    ended = cli("ledger", "verify")

    assert ended.code == 12
    assert "found" not in ended.out
    assert ended.out
    assert ended.err.startswith("error: the ledger batcher.db is damaged; put a backup of after the last run")


# prune


def test_without_yes_it_shows_what_would_go_and_does_nothing(cli: Cli, ledger: Path) -> None:
    before = ledger.read_bytes()
    ended = cli("ledger", "prune", "--older-than", "30d", "--campaigns-older-than", "36500d")

    assert (ended.code, ended.err) == (
        2,
        'error: flag --campaigns-older-than: "36500d" is no age; write it like 90d or 36h\n',
    )
    ended = cli("ledger", "prune", "--older-than", "1s")
    assert (ended.code, ended.err, ledger.read_bytes()) == (9, "", before)
    assert ended.out.splitlines() == [
        "spring  3 rows  last used 2026-01-01  what its rows sent goes",
        "summer  3 rows  last used 2026-01-01  what its rows sent goes",
        "autumn  3 rows  last used 2026-01-01  stays: 1 in doubt",
        "next  nothing was done yet: add --yes",
    ]


def test_with_yes_it_does_it(cli: Cli, ledger: Path) -> None:
    ended = cli("ledger", "prune", "--older-than", "1s", "--yes")
    again = cli("ledger", "prune", "--older-than", "1s")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[:3] == [
        "spring  3 rows  last used 2026-01-01  what its rows sent is gone",
        "summer  3 rows  last used 2026-01-01  what its rows sent is gone",
        "autumn  3 rows  last used 2026-01-01  stays: 1 in doubt",
    ]
    assert ended.out.splitlines()[3].startswith("freed ")
    assert (again.code, again.out) == (0, "autumn  3 rows  last used 2026-01-01  stays: 1 in doubt\n")


def test_whole_campaigns_go_with_a_word_of_warning(cli: Cli, ledger: Path) -> None:
    hand(ledger, "UPDATE run SET finished_at = '2999' WHERE campaign_id = 2")
    shown = cli("ledger", "prune", "--campaigns-older-than", "1s")
    done = cli("ledger", "prune", "--campaigns-older-than", "1s", "--yes", "--json")

    assert shown.code == 9
    assert shown.out.splitlines() == [
        "spring  3 rows  last used 2026-01-01  goes as a whole",
        "autumn  3 rows  last used 2026-01-01  stays: 1 in doubt",
        "mind  the same rows in another manifest would be sent again once their campaign is gone",
        "next  nothing was done yet: add --yes",
    ]
    told = json.loads(done.out)
    assert (done.code, told["done"]) == (0, True)
    assert [(c["campaign"], c["fate"], c["kept_because"]) for c in told["campaigns"]] == [
        ("spring", "whole", None),
        ("summer", "kept", None),
        ("autumn", "kept", "open"),
    ]
    assert [line.split()[0] for line in cli("status").out.splitlines()] == ["summer", "autumn"]


def test_possible_duplicates_keep_a_campaign_and_not_its_parameters(cli: Cli, shell: Shell) -> None:
    async def write() -> Campaign:
        opened = await SqliteLedger.open(shell.folder / "batcher.db")
        campaign = await load(opened, 1)
        await bring(opened, campaign, 1, State.IN_DOUBT)
        await opened.record_outcome(outcome(campaign, 1, State.PENDING, old=State.IN_DOUBT, unchecked=True))
        await send(opened, campaign, 1, attempt=2)
        await opened.record_outcome(outcome(campaign, 1, State.DONE, attempt=2))
        await opened.close()
        return campaign

    asyncio.run(write())
    ended = cli("ledger", "prune", "--older-than", "1s", "--campaigns-older-than", "1s", "--yes")

    assert ended.out.splitlines()[0] == (
        "c  1 row  last used 2026-01-01  what its rows sent is gone; the rest stays: 1 may be more jobs than one"
    )


def test_nothing_old_enough_is_nothing_to_confirm(cli: Cli, ledger: Path) -> None:
    ended = cli("ledger", "prune", "--older-than", "9000d")

    assert (ended.code, ended.out) == (0, "no campaign is old enough for anything to go\n")


@pytest.mark.parametrize("yes", [(), ("--yes",)])
def test_a_ledger_in_use_is_looked_at_and_not_pruned(cli: Cli, ledger: Path, yes: tuple[str, ...]) -> None:
    with holder(ledger) as process:
        ended = cli("ledger", "prune", "--older-than", "1s", *yes)

    assert ended.code == (11 if yes else 9)
    assert (f"in use by process {process.pid}" in ended.err) == bool(yes)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ((), "say what is old: --older-than 90d, --campaigns-older-than 730d, or both"),
        (("--older-than", "90"), 'flag --older-than: "90" are seconds; write the unit, like 90d or 90s'),
        (("--older-than", "soon"), 'flag --older-than: "soon" is no age; write it like 90d or 36h'),
        (("--campaigns-older-than", "1.5"), 'flag --campaigns-older-than: "1.5" are seconds; write the unit'),
        (("--older-than", "1d", "--ledger", "none.db"), "there is no ledger at none.db"),
        (("--older-than", "1d", "--ledger", "none.db", "--yes"), "there is no ledger at none.db"),
    ],
)
def test_a_mistake_gets_one_line(cli: Cli, shell: Shell, arguments: tuple[str, ...], line: str) -> None:
    ended = cli("ledger", "prune", *arguments)

    assert (ended.code, len(ended.err.splitlines())) == (2, 1)
    assert line in ended.err
    assert list(shell.folder.iterdir()) == []


# How a pruned campaign goes on


@pytest.fixture
def sandbox(shell: Shell) -> Iterator[Sandbox]:
    with emulator(shell.folder, faults=REJECT_ROW_2) as running:
        yield running


def test_a_pruned_campaign_carries_on_with_the_same_manifest(cli: Cli, shell: Shell, sandbox: Sandbox) -> None:
    """Created rows are not sent again, nor by another campaign; a rejected one is brought back, retried and sent."""
    notes = {number: f"note {number}" for number in range(1, 5)}
    shell.manifest(4, note=notes)
    run = ("run", "letters.csv", "--base-url", sandbox.url, "--keep", "note", *QUICK)
    assert cli(*run).code == 3
    assert cli("ledger", "prune", "--older-than", "0", "--yes").code == 0

    refused = cli("retry", "letters")
    assert (refused.code, refused.err) == (
        2,
        (
            "error: what 1 row of letters sent was pruned; give the same manifest to `batcher run`, which brings it"
            " back, then retry\n"
        ),
    )
    refused = cli("retry", "letters", "--with", "letters.failed.csv")
    assert (refused.code, "(pruned)" in refused.err) == (4, True)
    assert [row["note"] for row in csv_of(cli("results", "letters").out)] == ["", "", "", ""]
    elsewhere = cli(*run, "--campaign", "another")
    assert (elsewhere.code, "3 of the rows were already sent in another campaign" in elsewhere.err) == (4, True)

    again = cli(*run)
    assert (again.code, sandbox.stats()["jobs_created"]) == (3, 3)
    assert [row["note"] for row in shell.results()] == ["", "note 2", "", ""]
    assert [row["documentId"] for row in shell.results("letters.failed.csv")] == ["1002"]
    assert cli("retry", "letters").out.startswith("1 row of letters is pending again")
    assert (cli(*run).code, sandbox.stats()["jobs_created"]) == (0, 4)
    assert cli("ledger", "verify").code == 0


def test_retry_tells_of_rows_that_it_left_because_they_were_pruned(cli: Cli, shell: Shell) -> None:
    path = shell.folder / "batcher.db"

    async def write() -> None:
        opened = await SqliteLedger.open(path)
        campaign = await load(opened, 3)
        for number in (1, 2, 3):
            await bring(opened, campaign, number, State.REJECTED)
        await opened.close()

    asyncio.run(write())
    hand(path, "UPDATE spec SET parameters = '' WHERE number > 1")
    ended = cli("retry", "c")

    assert (ended.code, ended.out.splitlines()[0]) == (0, "1 row of c is pending again")
    assert ended.err.startswith("warning: what 2 rows of c sent was pruned; give the same manifest to `batcher run`")


def test_prune_and_backup_run_as_commands_from_a_scheduler(shell: Shell, ledger: Path) -> None:
    """Standard input closed, nothing but the exit code asked."""
    codes = [
        subprocess.run(
            [*shell.command, "ledger", *arguments], cwd=shell.folder, env=shell.environment, stdin=subprocess.DEVNULL
        ).returncode
        for arguments in (("backup", "copy.db"), ("prune", "--older-than", "1d", "--yes"), ("verify",))
    ]

    assert codes == [0, 0, 0]


def csv_of(text: str) -> list[dict[str, str]]:
    import csv

    return list(csv.DictReader(text.splitlines()))
