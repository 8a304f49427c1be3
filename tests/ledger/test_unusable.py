"""Ledgers that cannot be used: each says in one line what to do, ends with exit 12, and is left as it is."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from batcher.core.errors import Exit, LedgerBusy, LedgerError, LedgerMissing
from batcher.core.states import State
from batcher.ledger.sqlite import SqliteLedger, SqliteReader
from batcher.ledger.sqlite.connection import open_for_writing
from batcher.ledger.sqlite.failure import ledger_error
from batcher.ledger.sqlite.group_commit import GroupCommit
from tests.ledger.builders import bring, load, manifest_row


async def filled(path: Path, rows: int) -> None:
    ledger = await SqliteLedger.open(path)
    await load(ledger, rows)
    await ledger.close()


def read_all(path: Path) -> None:
    with closing(SqliteReader(path)) as reader:
        for overview in reader.overviews():
            list(reader.results(overview.campaign))


@pytest.mark.parametrize("size", [10, 4096, 100_000])
async def test_a_file_of_rubbish_is_no_ledger_and_stays_as_it_is(path: Path, size: int) -> None:
    path.write_bytes(b"rubbish..." * (size // 10))
    before = path.read_bytes()

    with pytest.raises(LedgerError, match=r"damaged.* name another file") as caught:
        await SqliteLedger.open(path)
    assert (caught.value.exit_code, path.read_bytes()) == (Exit.LEDGER_BROKEN, before)


def test_a_reader_refuses_a_file_of_rubbish_in_the_same_words(path: Path) -> None:
    path.write_bytes(b"rubbish..." * 100)

    with pytest.raises(LedgerError, match="is not a ledger of batcher"):
        SqliteReader(path)


async def test_a_garbled_header_is_no_ledger(path: Path) -> None:
    await filled(path, 10)
    path.write_bytes(b"\x00" * 100 + path.read_bytes()[100:])

    with pytest.raises(LedgerError, match="is not a ledger of batcher"):
        await SqliteLedger.open(path)


async def test_a_truncated_ledger_is_damaged_for_whoever_writes(path: Path) -> None:
    await filled(path, 500)
    os.truncate(path, 8192)

    with pytest.raises(
        LedgerError, match=r"is damaged; put a backup of after the last run .+, and do not delete it"
    ) as caught:
        await SqliteLedger.open(path)
    assert caught.value.exit_code == Exit.LEDGER_BROKEN


async def test_a_truncated_ledger_is_damaged_for_whoever_reads(path: Path) -> None:
    await filled(path, 500)
    os.truncate(path, 8192)

    with pytest.raises(LedgerError, match="is damaged"):
        read_all(path)


async def test_damage_that_shows_only_while_it_is_read_is_told_in_the_same_words(path: Path) -> None:
    await filled(path, 2000)
    body = bytearray(path.read_bytes())
    body[5 * 4096 :] = b"\xff" * (len(body) - 5 * 4096)
    path.write_bytes(body)

    with pytest.raises(LedgerError, match="is damaged"):
        read_all(path)


async def test_a_folder_is_no_ledger_and_gets_no_lock_file(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()

    with pytest.raises(LedgerError, match="is a folder; name a file with --ledger"):
        await SqliteLedger.open(folder)
    assert list(tmp_path.iterdir()) == [folder]


async def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """A mistyped path must not begin a second, empty ledger."""
    with pytest.raises(LedgerError, match="check that its folder exists"):
        await SqliteLedger.open(tmp_path / "nowhere" / "batcher.db")
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_that_is_not_there_cannot_be_read(path: Path) -> None:
    with pytest.raises(LedgerMissing, match=r"there is no ledger at .+; name it with --ledger"):
        SqliteReader(path)
    assert not path.exists()


@pytest.fixture
async def read_only() -> AsyncIterator[Path]:
    """A ledger in a folder that nobody may write to; a folder of its own, because others may not enter pytest's."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        await filled(folder / "batcher.db", 3)
        (folder / "batcher.db").chmod(0o444)
        folder.chmod(0o555)
        yield folder / "batcher.db"
        folder.chmod(0o755)


AS_NOBODY = """
import asyncio, os, sys, urllib.parse  # the last is what pathlib imports late: nobody may not be able to
from pathlib import Path
from batcher.core.errors import LedgerError
from batcher.ledger.sqlite import SqliteLedger, SqliteReader

if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
path = Path(sys.argv[1])
"""
READ = f"""{AS_NOBODY}
try:
    reader = SqliteReader(path)
except LedgerError as error:
    sys.exit(str(error))
(overview,) = reader.overviews()
print(dict(overview.counts), len(list(reader.results(overview.campaign))))
reader.close()
"""
WRITE = f"""{AS_NOBODY}
try:
    asyncio.run(SqliteLedger.open(path))
except LedgerError as error:
    print(int(error.exit_code), error)
"""


def test_a_ledger_in_a_read_only_folder_can_be_read(read_only: Path) -> None:
    done = subprocess.run([sys.executable, "-c", READ, str(read_only)], capture_output=True, text=True)

    assert (done.stdout, done.stderr) == ("{'pending': 3} 3\n", "")


@pytest.mark.parametrize("name", ["left.db", "link.db"])
async def test_what_a_dead_run_left_in_the_wal_is_not_passed_over_where_it_cannot_be_read(
    read_only: Path, ledger: SqliteLedger, path: Path, name: str
) -> None:
    """Read without it, rows that are jobs already would show as pending. It lies beside the file, not beside a link."""
    await bring(ledger, await load(ledger, 3), 1, State.DONE)
    read_only.parent.chmod(0o755)
    shutil.copy(path, read_only.with_name("left.db"))
    shutil.copy(f"{path}-wal", read_only.with_name("left.db-wal"))
    read_only.with_name("link.db").symlink_to("left.db")
    read_only.parent.chmod(0o555)
    left = read_only.with_name(name)
    done = subprocess.run([sys.executable, "-c", READ, str(left)], capture_output=True, text=True)

    assert (done.stdout, done.stderr[:60]) == ("", f"the ledger {left} cannot be opened; check that its folder"[:60])


def test_a_ledger_in_a_read_only_folder_cannot_be_written(read_only: Path) -> None:
    done = subprocess.run([sys.executable, "-c", WRITE, str(read_only)], capture_output=True, text=True)

    assert done.stdout.startswith(
        f"12 the ledger {read_only} cannot be locked: Permission denied; check that its folder"
    )


@pytest.fixture
async def small(path: Path) -> AsyncIterator[tuple[SqliteLedger, sqlite3.Connection]]:
    """A ledger on a disk that is nearly full, and its connection."""
    connection = open_for_writing(path)
    ledger = SqliteLedger(GroupCommit(connection, str(path)), None)
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + 40}")
    yield ledger, connection
    await ledger.close()


async def test_a_full_disk_is_told_and_leaves_nothing_of_what_did_not_fit(
    small: tuple[SqliteLedger, sqlite3.Connection],
) -> None:
    ledger, _ = small
    with pytest.raises(LedgerError, match="free some space and run the same command again") as caught:
        await load(ledger, [manifest_row(n, parameters={"x": "y" * 900}) for n in range(1, 1000)])

    assert (caught.value.exit_code, await ledger.campaign("c")) == (Exit.LEDGER_BROKEN, None)


async def test_with_space_again_the_ledger_goes_on(small: tuple[SqliteLedger, sqlite3.Connection]) -> None:
    ledger, connection = small
    campaign = await load(ledger, 20)
    rows = [manifest_row(n, parameters={"x": "y" * 900}) for n in range(1, 1000)]
    with pytest.raises(LedgerError, match="no space left"):
        await load(ledger, rows, "d")
    connection.execute("PRAGMA max_page_count = 1000000")
    await load(ledger, rows, "d")
    await bring(ledger, campaign, 1, State.DONE)

    assert await ledger.counts(campaign) == (20, {"pending": 19, "created": 1})


def sqlite_error(name: str) -> sqlite3.Error:
    error = sqlite3.OperationalError("what SQLite says")
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("SQLITE_FULL", "no space left for the ledger x.db; free some space"),
        ("SQLITE_READONLY", "the ledger x.db cannot be written; check the permissions"),
        ("SQLITE_READONLY_DIRECTORY", "the ledger x.db cannot be written; check the permissions"),
        ("SQLITE_CANTOPEN", "the ledger x.db cannot be opened; check that its folder exists"),
        ("SQLITE_CORRUPT", "the ledger x.db is damaged; put a backup of after the last run in its place"),
        ("SQLITE_CORRUPT_INDEX", "the ledger x.db is damaged; put a backup of after the last run in its place"),
        ("SQLITE_NOTADB", "x.db is not a ledger of batcher, or one that is damaged"),
        ("SQLITE_IOERR_FSYNC", "the disk failed while the ledger x.db was used; check the disk"),
        ("SQLITE_ERROR", "the ledger x.db cannot be used: what SQLite says"),
    ],
)
def test_what_sqlite_reports_is_told_in_words_that_say_what_to_do(name: str, words: str) -> None:
    error = ledger_error(sqlite_error(name), "x.db")

    assert (str(error).startswith(words), error.exit_code) == (True, Exit.LEDGER_BROKEN)


@pytest.mark.parametrize("name", ["SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "SQLITE_LOCKED"])
def test_a_database_that_another_program_locks_is_busy(name: str) -> None:
    error = ledger_error(sqlite_error(name), "x.db")

    assert (type(error), error.exit_code) == (LedgerBusy, Exit.LEDGER_BUSY)


def test_an_error_without_a_name_is_told_all_the_same() -> None:
    assert str(ledger_error(sqlite3.ProgrammingError("oops"), "x.db")) == "the ledger x.db cannot be used: oops"
