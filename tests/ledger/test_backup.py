"""A backup: of one moment, one file, checked, private, and never written over anything by mistake."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from batcher.core.errors import ConfigError, Exit, LedgerError, LedgerMissing
from batcher.core.states import State
from batcher.ledger.sqlite import SqliteLedger, SqliteReader, backup, schema
from batcher.ledger.sqlite.backup import back_up
from batcher.ledger.sqlite.connection import open_for_writing
from tests.ledger.builders import bring, load, manifest_row

WRITE_ON = """
import sys
from pathlib import Path
from batcher.ledger.sqlite.connection import open_for_writing

db = open_for_writing(Path(sys.argv[1]))
for commits in range(1, 1_000_000):
    db.execute("BEGIN IMMEDIATE")
    db.execute("UPDATE row SET tries = ?", (commits,))
    db.execute("COMMIT")
    if commits == 1:
        print("writing", flush=True)
"""
BACK_UP_AND_DIE = """
import os, signal, sqlite3, sys
from pathlib import Path
from batcher.ledger.sqlite import backup

def die(*anything, **named):
    os.kill(os.getpid(), signal.SIGKILL)

backup._STEP_PAGES = 1
connect = sqlite3.connect

class Dying(sqlite3.Connection):
    def backup(self, target, **how):
        super().backup(target, pages=1, progress=lambda status, left, total: left == total // 2 and die())

if sys.argv[3] == "in the middle":
    backup.open_read_only = lambda path: connect(path, factory=Dying, isolation_level=None)
elif sys.argv[3] == "before the check":
    backup._make_single_and_check = die
elif sys.argv[3] == "before the rename":
    Path.replace = die
else:
    backup._sync_folder = die
backup.back_up(Path(sys.argv[1]), Path(sys.argv[2]), force=True)
"""


@pytest.fixture
def to(tmp_path: Path) -> Path:
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder / "letters.db"


async def filled(path: Path, rows: int = 20) -> None:
    ledger = await SqliteLedger.open(path)
    campaign = await load(ledger, [manifest_row(n, parameters={"x": "y" * 500}) for n in range(1, rows + 1)])
    await bring(ledger, campaign, 1, State.DONE)
    await ledger.close()


def held_by(path: Path) -> tuple[int, dict[str, int], int]:
    """Rows, counts and results, read as any ledger is."""
    with closing(SqliteReader(path)) as reader:
        (overview,) = reader.overviews()
        return overview.rows, dict(overview.counts), len(list(reader.results(overview.campaign)))


@contextmanager
def writer(path: Path) -> Iterator[None]:
    """Another process that commits without a pause."""
    with subprocess.Popen([sys.executable, "-c", WRITE_ON, str(path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        try:
            yield
            assert process.poll() is None
        finally:
            process.kill()


async def test_it_holds_what_the_ledger_holds_and_says_how_much(path: Path, to: Path) -> None:
    await filled(path)
    made = back_up(path, to)

    assert held_by(to) == held_by(path) == (20, {"pending": 19, "created": 1}, 20)
    assert (made.path, made.campaigns, made.rows, made.size_bytes) == (to, 1, 20, to.stat().st_size)


async def test_it_is_one_file_without_a_log_that_only_its_owner_may_read(path: Path, to: Path) -> None:
    await filled(path)
    back_up(path, to)

    assert [file.name for file in to.parent.iterdir()] == ["letters.db"]
    assert stat.S_IMODE(to.stat().st_mode) == 0o600
    assert to.read_bytes()[18:20] == b"\1\1"  # the format's bytes for "no log"; 2 is WAL
    with closing(sqlite3.connect(f"{to.as_uri()}?immutable=1", uri=True)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


async def test_a_run_goes_on_from_it(path: Path, to: Path) -> None:
    await filled(path)
    back_up(path, to)
    ledger = await SqliteLedger.open(to)
    campaign = await ledger.campaign("c")
    assert campaign is not None
    await bring(ledger, campaign, 2, State.DONE)

    assert await ledger.counts(campaign) == (20, {"pending": 18, "created": 2})
    await ledger.close()


async def test_it_is_of_one_moment_while_another_process_commits_all_the_time(
    path: Path, to: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "_STEP_PAGES", 16)
    await filled(path, 3000)
    tries = []
    with writer(path):
        for _ in range(3):
            back_up(path, to, force=True)
            with closing(sqlite3.connect(to)) as db:
                tries.append(db.execute("SELECT DISTINCT tries FROM row").fetchall())

    assert [len(found) for found in tries] == [1, 1, 1]
    assert tries == sorted(tries)


async def test_a_commit_in_the_middle_does_not_make_it_begin_again(
    path: Path, to: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside a busy run it would never end."""
    await filled(path, 300)
    steps = []
    with closing(open_for_writing(path)) as other:

        class Watched(sqlite3.Connection):
            def backup(self, target: sqlite3.Connection, **how: object) -> None:
                def commit(status: int, left: int, total: int) -> None:
                    steps.append(total - left)
                    assert len(steps) <= total
                    other.execute("UPDATE row SET tries = tries + 1")

                super().backup(target, pages=1, progress=commit)

        monkeypatch.setattr(
            backup, "open_read_only", lambda path: sqlite3.connect(path, factory=Watched, isolation_level=None)
        )
        back_up(path, to)
    with closing(sqlite3.connect(to)) as db:
        tries = db.execute("SELECT DISTINCT tries FROM row ORDER BY tries").fetchall()

    assert steps == list(range(1, steps[-1] + 1))
    assert tries == [(0,), (1,)]  # as the ledger was before: one row was sent once


async def test_it_waits_for_no_lock_and_leaves_none(ledger: SqliteLedger, path: Path, to: Path) -> None:
    campaign = await load(ledger, 300)
    writes = asyncio.gather(*(bring(ledger, campaign, number, State.DONE) for number in range(1, 301)))
    sums = set()
    while not writes.done():
        await asyncio.to_thread(back_up, path, to, force=True)
        rows, counts, _ = held_by(to)
        sums.add((rows, sum(counts.values())))
    await writes

    assert sums == {(300, 300)}


@pytest.mark.parametrize("ending", ["", "-wal", "-shm", "-journal", ".lock"])
async def test_it_is_never_written_over_the_ledger_or_what_belongs_to_it(path: Path, ending: str) -> None:
    await filled(path)
    before = path.read_bytes()

    with pytest.raises(ConfigError, match="is the ledger itself, or belongs to it; name another file"):
        back_up(path, path.with_name(path.name + ending), force=True)
    assert path.read_bytes() == before


async def test_a_link_to_the_ledger_is_the_ledger(path: Path, tmp_path: Path) -> None:
    await filled(path)
    (tmp_path / "link.db").symlink_to(path)

    with pytest.raises(ConfigError, match="is the ledger itself"):
        back_up(path, tmp_path / "link.db", force=True)


async def test_a_file_that_is_there_is_written_over_only_when_told_to(path: Path, to: Path) -> None:
    await filled(path)
    to.write_text("last night's")

    with pytest.raises(ConfigError, match="is there already; name another file, or write over it with --force"):
        back_up(path, to)
    assert to.read_text() == "last night's"
    back_up(path, to, force=True)
    assert held_by(to)[0] == 20


@pytest.mark.parametrize("ending", ["-wal", "-shm", "-journal"])
async def test_it_is_not_put_where_sqlite_would_add_the_log_of_another_database(
    path: Path, to: Path, ending: str
) -> None:
    await filled(path)
    to.with_name(to.name + ending).write_bytes(b"")

    with pytest.raises(ConfigError, match="SQLite would take the two for one; name another"):
        back_up(path, to, force=True)
    assert not to.exists()


async def test_what_is_no_file_is_not_written_over(path: Path, tmp_path: Path) -> None:
    await filled(path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigError, match="is no file"):
        back_up(path, tmp_path / "pipe", force=True)


def test_a_ledger_that_is_not_there_is_said_to_be_missing(path: Path, to: Path) -> None:
    with pytest.raises(LedgerMissing, match="there is no ledger at"):
        back_up(path, to)
    assert list(to.parent.iterdir()) == []


async def test_a_damaged_ledger_leaves_the_backup_that_is_there(path: Path, to: Path) -> None:
    await filled(path, 2000)
    back_up(path, to)
    good = to.read_bytes()
    body = bytearray(path.read_bytes())
    body[5 * 4096 : 9 * 4096] = b"\xff" * 4 * 4096
    path.write_bytes(body)

    with pytest.raises(LedgerError, match=r"damaged, and no backup was made .*; keep older backups") as caught:
        back_up(path, to, force=True)
    assert (caught.value.exit_code, to.read_bytes()) == (Exit.LEDGER_BROKEN, good)
    assert [file.name for file in to.parent.iterdir()] == ["letters.db"]


async def test_an_older_ledger_is_backed_up_as_it_is(path: Path, to: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before an update is when a backup is wanted most."""
    await filled(path)
    version = len(schema.MIGRATIONS)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, "ALTER TABLE row ADD COLUMN colour TEXT"))
    back_up(path, to)

    with closing(sqlite3.connect(to)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (version,)


def test_an_empty_file_is_no_ledger_to_back_up(path: Path, to: Path) -> None:
    path.touch()

    with pytest.raises(LedgerError, match="has nothing in it yet"):
        back_up(path, to)
    assert list(to.parent.iterdir()) == []


async def test_a_full_disk_is_told_and_leaves_nothing_behind(path: Path, to: Path) -> None:
    await filled(path, 2000)
    to.write_text("last night's")
    limited = (100_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
    program = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, {limited});"
        "from pathlib import Path; from batcher.ledger.sqlite.backup import back_up;"
        "back_up(Path(sys.argv[1]), Path(sys.argv[2]), force=True)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path), str(to)], capture_output=True, text=True)

    assert f"{to} cannot be written: " in done.stderr.splitlines()[-1]
    assert "the ledger is as it was, and no backup was made" in done.stderr.splitlines()[-1]
    assert [file.name for file in to.parent.iterdir()] == ["letters.db"]
    assert to.read_text() == "last night's"


@pytest.mark.parametrize(
    ("when", "is_new"),
    [("in the middle", False), ("before the check", False), ("before the rename", False), ("after the rename", True)],
)
async def test_a_process_that_is_killed_leaves_a_whole_backup_and_the_ledger_as_it_was(
    path: Path, to: Path, when: str, is_new: bool
) -> None:
    await filled(path)
    back_up(path, to)
    ledger = await SqliteLedger.open(path)
    await load(ledger, 5, "d")
    await ledger.close()
    before = path.read_bytes()
    died = subprocess.run([sys.executable, "-c", BACK_UP_AND_DIE, str(path), str(to), when])

    assert died.returncode == -signal.SIGKILL
    with closing(SqliteReader(to)) as reader:
        assert len(reader.overviews()) == (2 if is_new else 1)
    assert path.read_bytes() == before
    back_up(path, to, force=True)
    with closing(SqliteReader(to)) as reader:
        assert len(reader.overviews()) == 2


async def test_what_a_killed_backup_of_the_same_process_number_left_is_in_nobodys_way(path: Path, to: Path) -> None:
    """In a container every process has the same number."""
    await filled(path)
    for ending in ("", "-wal", "-shm", "-journal"):
        to.with_name(f".letters.db.{os.getpid()}{ending}").write_bytes(b"left over" * 1000)
    back_up(path, to)

    assert held_by(to)[0] == 20
    assert [file.name for file in to.parent.iterdir()] == ["letters.db"]
