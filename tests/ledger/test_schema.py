"""How a file becomes a ledger, and an older ledger a newer one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from batcher.core.errors import LedgerError, LedgerTooNew
from batcher.ledger.sqlite import SqliteLedger, SqliteReader, schema
from batcher.ledger.staging import Staging
from tests.ledger.builders import creation, load, manifest

ADDITION = "ALTER TABLE row ADD COLUMN colour TEXT"


def tables_of(path: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name").fetchall()


def marks_of(path: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(path)) as db:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        (application,) = db.execute("PRAGMA application_id").fetchone()
        return version, application


async def make(path: Path, rows: int = 0) -> None:
    ledger = await SqliteLedger.open(path)
    if rows:
        await load(ledger, rows)
    await ledger.close()


async def test_a_fresh_ledger_has_the_newest_version_and_batchers_mark(path: Path) -> None:
    await make(path)

    assert marks_of(path) == (len(schema.MIGRATIONS), schema.APPLICATION_ID)


async def test_a_fresh_schema_equals_one_that_was_migrated_step_by_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripts = (*schema.MIGRATIONS, ADDITION)
    for count in range(1, len(scripts) + 1):
        monkeypatch.setattr(schema, "MIGRATIONS", scripts[:count])
        await make(tmp_path / "migrated.db")
    await make(tmp_path / "fresh.db")

    assert tables_of(tmp_path / "fresh.db") == tables_of(tmp_path / "migrated.db")


async def test_a_migration_keeps_the_rows(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await make(path, rows=3)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, ADDITION))
    await make(path)

    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*), count(colour) FROM row").fetchone() == (3, 0)


async def test_a_migration_that_fails_leaves_the_ledger_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await make(path)
    before = (tables_of(path), marks_of(path))
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, f"{ADDITION}; CREATE TABLE row (a)"))
    with pytest.raises(LedgerError):
        await SqliteLedger.open(path)

    assert (tables_of(path), marks_of(path)) == before


async def test_a_newer_ledger_is_refused_and_stays_untouched(path: Path) -> None:
    await make(path, rows=2)
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")
    before = path.read_bytes()

    with pytest.raises(LedgerTooNew, match="update batcher"):
        await SqliteLedger.open(path)
    assert path.read_bytes() == before


async def test_a_newer_ledger_is_refused_by_readers_too(path: Path) -> None:
    await make(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")

    with pytest.raises(LedgerTooNew, match="update batcher"):
        SqliteReader(path)


async def test_a_reader_of_an_older_ledger_says_how_to_bring_it_up_to_date(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make(path)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, ADDITION))

    with pytest.raises(LedgerError, match=r"older batcher \(version 4, this one reads 5\); `batcher run` brings it"):
        SqliteReader(path)


def test_a_reader_of_an_empty_file_says_that_nothing_is_in_it(path: Path) -> None:
    path.touch()

    with pytest.raises(LedgerError, match="has nothing in it yet"):
        SqliteReader(path)


@pytest.mark.parametrize("opened", [SqliteLedger.open, SqliteLedger.copy_of])
async def test_the_database_of_another_program_is_refused_and_stays_untouched(path: Path, opened: object) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE theirs (a)")
    before = path.read_bytes()

    with pytest.raises(LedgerError, match="database of another program"):
        await opened(path)  # type: ignore[operator]
    assert path.read_bytes() == before


@pytest.mark.parametrize("sizes", [(3,), (3, 1), (3, 9)], ids=["first", "smaller", "larger"])
async def test_a_load_leaves_the_index_of_keys_as_it_was(path: Path, sizes: tuple[int, ...]) -> None:
    """It is made anew where most of the ledger's rows are new."""
    ledger = await SqliteLedger.open(path)
    before = tables_of(path)
    for name, rows in enumerate(sizes):
        await load(ledger, rows, str(name))
    await ledger.close()

    with closing(sqlite3.connect(path)) as db:
        (keys,) = db.execute("SELECT count(*) FROM row INDEXED BY row_key WHERE key > ''").fetchone()
        assert (tables_of(path), keys, db.execute("PRAGMA integrity_check").fetchone()) == (before, sum(sizes), ("ok",))


async def test_a_load_that_fails_late_leaves_the_index_of_keys_as_it_was(path: Path) -> None:
    def fail_late(staging: Staging) -> None:
        staging.add(manifest(9))
        staging.create(**creation("d"))
        raise RuntimeError

    ledger = await SqliteLedger.open(path)
    await load(ledger, 3)
    before = tables_of(path)
    with pytest.raises(RuntimeError):
        await ledger.load(fail_late)
    campaign = await load(ledger, 2, "e")

    assert (tables_of(path), await ledger.counts(campaign)) == (before, (2, {"pending": 2}))
    await ledger.close()
