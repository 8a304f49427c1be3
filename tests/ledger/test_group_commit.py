"""One thread writes, and commits together what was asked together."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest

from batcher.core.errors import LedgerBusy, LedgerError
from batcher.core.events import Event, LedgerLocked
from batcher.ledger.sqlite import SqliteLedger
from batcher.ledger.sqlite import connection as connection_module
from batcher.ledger.sqlite.group_commit import GroupCommit


class Watched(sqlite3.Connection):
    """Notes every statement; ``fail`` raises instead of running one, ``before`` does something first."""

    statements: list[str]
    fail: dict[str, sqlite3.Error]
    before: dict[str, Callable[[], object]]

    def execute(self, sql: str, *args: object) -> sqlite3.Cursor:  # type: ignore[override]
        self.statements.append(sql.split(maxsplit=1)[0])
        self.before.get(sql, bool)()
        if sql in self.fail:
            raise self.fail.pop(sql)
        return super().execute(sql, *args)  # type: ignore[arg-type]

    @property
    def commits(self) -> int:
        return self.statements.count("COMMIT")


@pytest.fixture
def connection(path: Path) -> Watched:
    opened = sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=Watched)
    opened.statements, opened.fail, opened.before = [], {}, {}
    opened.execute("CREATE TABLE note (word TEXT UNIQUE)")
    return opened


@pytest.fixture
async def writer(connection: Watched) -> AsyncIterator[GroupCommit]:
    opened = GroupCommit(connection, "x.db")
    yield opened
    await opened.close()


def note(word: str) -> Callable[[sqlite3.Connection], str]:
    def work(db: sqlite3.Connection) -> str:
        db.execute("INSERT INTO note VALUES (?)", (word,))
        return word

    return work


def raising(error: Exception, word: str = "half") -> Callable[[sqlite3.Connection], None]:
    """Writes something, then fails."""

    def work(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO note VALUES (?)", (word,))
        raise error

    return work


class Held:
    """Keeps the writer busy inside with, so that what is asked meanwhile becomes one group."""

    def __init__(self, writer: GroupCommit) -> None:
        self._entered, self._gate = threading.Event(), threading.Event()
        self._first = writer.submit(self._hold)

    def _hold(self, db: sqlite3.Connection) -> None:
        self._entered.set()
        self._gate.wait(120)

    async def __aenter__(self) -> None:
        await asyncio.to_thread(self._entered.wait, 120)

    async def __aexit__(self, *error: object) -> None:
        self._gate.set()
        await self._first


def words(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return [word for (word,) in db.execute("SELECT word FROM note ORDER BY rowid")]


async def test_what_is_asked_while_a_commit_runs_is_committed_together(
    writer: GroupCommit, connection: Watched
) -> None:
    async with Held(writer):
        asked = [writer.submit(note(f"w{n}")) for n in range(200)]
    await asyncio.gather(*asked)

    assert connection.commits == 2


async def test_works_run_in_the_order_in_which_they_were_asked(writer: GroupCommit, path: Path) -> None:
    asked = [writer.submit(note(f"w{n}")) for n in range(3000)]

    assert await asyncio.gather(*asked) == words(path)


async def test_no_work_is_lost_where_more_wait_than_one_group_holds(writer: GroupCommit, path: Path) -> None:
    async with Held(writer):
        asked = [writer.submit(note(f"w{n}")) for n in range(5000)]
    async with asyncio.timeout(120):
        await asyncio.gather(*asked)

    assert len(words(path)) == 5000


async def test_a_result_is_given_only_when_it_is_durable(writer: GroupCommit, connection: Watched, path: Path) -> None:
    """All is done but the commit, and nobody hears of it yet."""
    is_about_to, may_commit = threading.Event(), threading.Event()

    def commit() -> None:
        is_about_to.set()
        may_commit.wait(30)

    connection.before["COMMIT"] = commit
    asked = writer.submit(note("w"))
    await asyncio.to_thread(is_about_to.wait, 30)
    heard_before = asked.done()
    may_commit.set()
    await asked

    assert not heard_before
    assert words(path) == ["w"]


async def test_a_work_that_fails_leaves_the_others_of_its_group(writer: GroupCommit, path: Path) -> None:
    async with Held(writer):
        before, bad, after = (writer.submit(w) for w in (note("a"), raising(ValueError("bad")), note("b")))
    results = await asyncio.gather(before, bad, after, return_exceptions=True)

    assert ([results[0], str(results[1]), results[2]], words(path)) == (["a", "bad", "b"], ["a", "b"])


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("x"),
        AssertionError("x"),
        AttributeError("x"),
        EOFError("x"),
        OSError("x"),
        LedgerError("x"),
        MemoryError("x"),
        RecursionError("x"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_whatever_a_work_raises_goes_to_whoever_asked_and_the_writer_lives(
    writer: GroupCommit, path: Path, error: Exception
) -> None:
    with pytest.raises(type(error), match="x"):
        await asyncio.wait_for(writer.submit(raising(error)), 120)
    await asyncio.wait_for(writer.submit(note("after")), 120)

    assert words(path) == ["after"]


async def test_a_work_that_raises_stop_iteration_is_not_waited_for_forever(writer: GroupCommit, path: Path) -> None:
    with pytest.raises(RuntimeError, match="StopIteration"):
        await asyncio.wait_for(writer.submit(raising(StopIteration())), 120)
    await asyncio.wait_for(writer.submit(note("after")), 120)

    assert words(path) == ["after"]


async def test_a_constraint_that_fails_is_a_ledger_error_and_undoes_its_work_only(
    writer: GroupCommit, path: Path
) -> None:
    async with Held(writer):
        first, second = writer.submit(note("same")), writer.submit(note("same"))
    with pytest.raises(LedgerError, match="UNIQUE"):
        await second

    assert (await first, words(path)) == ("same", ["same"])


@pytest.mark.parametrize("statement", ["BEGIN IMMEDIATE", "COMMIT"])
async def test_a_group_that_cannot_be_committed_fails_as_a_whole(
    writer: GroupCommit, connection: Watched, path: Path, statement: str
) -> None:
    error = sqlite3.OperationalError("disk full")
    error.sqlite_errorname = "SQLITE_FULL"
    async with Held(writer):
        asked = [writer.submit(note(word)) for word in "abc"]
        connection.fail[statement] = error
        # The work that holds the writer has begun its own transaction: only its COMMIT can still fail.
        if statement == "COMMIT":
            connection.fail = {}
            asked.append(writer.submit(lambda db: connection.fail.update({"COMMIT": error})))
    results = await asyncio.gather(*asked, return_exceptions=True)

    assert {str(result).split(";")[0] for result in results} == {"no space left for the ledger x.db"}
    assert words(path) == []


async def test_after_a_group_that_failed_the_writer_goes_on(
    writer: GroupCommit, connection: Watched, path: Path
) -> None:
    error = sqlite3.OperationalError("disk full")
    connection.fail["BEGIN IMMEDIATE"] = error
    with pytest.raises(LedgerError):
        await writer.submit(note("lost"))
    await writer.submit(note("kept"))

    assert words(path) == ["kept"]


async def test_a_disk_that_fails_even_to_roll_back_leaves_nobody_waiting(
    writer: GroupCommit, connection: Watched
) -> None:
    connection.fail["ROLLBACK"] = sqlite3.OperationalError("gone")

    def work(db: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with pytest.raises(LedgerError):
        await asyncio.wait_for(writer.submit(work), 120)
    with pytest.raises(LedgerError):
        await asyncio.wait_for(writer.submit(note("w")), 120)


async def test_each_caller_gets_an_exception_of_its_own(writer: GroupCommit, connection: Watched) -> None:
    async with Held(writer):
        asked = [writer.submit(note("a")), writer.submit(note("b"))]
        asked.append(writer.submit(lambda db: connection.fail.update({"COMMIT": sqlite3.OperationalError("x")})))
    results = await asyncio.gather(*asked, return_exceptions=True)

    assert len({id(result) for result in results}) == 3


async def test_close_commits_what_was_asked_before(connection: Watched, path: Path) -> None:
    writer = GroupCommit(connection, "x.db")
    asked = [writer.submit(note(f"w{n}")) for n in range(50)]
    await writer.close()

    assert (await asyncio.gather(*asked), len(words(path))) == ([f"w{n}" for n in range(50)], 50)


async def test_once_closed_it_refuses_work_instead_of_keeping_it(connection: Watched) -> None:
    writer = GroupCommit(connection, "x.db")
    await writer.close()

    with pytest.raises(LedgerError, match="is closed"):
        writer.submit(note("late"))


async def test_it_may_be_closed_twice(connection: Watched) -> None:
    writer = GroupCommit(connection, "x.db")
    await writer.close()
    await asyncio.wait_for(writer.close(), 120)


async def test_a_caller_that_was_cancelled_harms_nobody(writer: GroupCommit, path: Path) -> None:
    """What was asked is written all the same: a cancelled caller does not undo an outcome."""
    async with Held(writer):
        cancelled, kept = writer.submit(note("a")), writer.submit(note("b"))
        cancelled.cancel()
    await kept

    assert words(path) == ["a", "b"]


async def test_a_file_that_another_program_locks_is_waited_for_and_told_once(path: Path) -> None:
    told: list[str] = []
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0.05)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE note (word TEXT UNIQUE)")
    writer = GroupCommit(connection, "x.db", on_locked=lambda: told.append("locked"))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = writer.submit(note("patient"))
        while not (told or waiting.done()):
            await asyncio.sleep(0.01)
        is_done = waiting.done()
        other.execute("ROLLBACK")
    await waiting
    await writer.close()

    assert (is_done, told, words(path)) == (False, ["locked"], ["patient"])


async def test_who_waits_in_vain_is_told_that_the_file_is_locked_and_so_is_everybody_behind(path: Path) -> None:
    told: list[str] = []
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0.01)
    connection.execute("CREATE TABLE note (word TEXT UNIQUE)")
    writer = GroupCommit(connection, "x.db", on_locked=lambda: told.append("locked"), patience_s=0.2)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerBusy, match="locked by another program"):
            await writer.submit(note("first"))
        with pytest.raises(LedgerBusy):
            await writer.submit(note("second"))
        other.execute("ROLLBACK")
    await writer.submit(note("third"))
    await writer.close()

    assert (told, words(path)) == (["locked"], ["third"])


async def test_a_ledger_that_is_locked_tells_its_user(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Event] = []
    monkeypatch.setattr(connection_module, "LOCK_NOTICE_S", 0.05)
    ledger = await SqliteLedger.open(path, told.append)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.ensure_future(ledger.campaign("c"))
        while not waiting.done() and not told:
            await asyncio.sleep(0.01)
        other.execute("ROLLBACK")
    await waiting
    await ledger.close()

    assert told == [LedgerLocked(gives_up_after_s=10.0)]
