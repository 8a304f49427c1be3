"""A ledger looked at from outside: what is found, and that nothing is changed by looking."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from batcher.core.errors import Exit, LedgerBusy, LedgerTooNew
from batcher.ledger.sqlite import SqliteLedger, SqliteReader
from batcher.ledger.sqlite import inspection as module
from batcher.ledger.sqlite.inspection import NEWEST, Inspection, inspect_ledger
from tests.ledger.builders import load
from tests.ledger.test_lock import holder
from tests.ledger.test_unusable import filled


def contents(folder: Path) -> dict[str, object]:
    """Every file with its bytes and time; of what SQLite's connections share in memory, that it is there."""
    return {
        file.name: "shared" if file.name.endswith("-shm") else (file.read_bytes(), file.stat().st_mtime_ns)
        for file in folder.iterdir()
    }


@contextmanager
def nothing_changes(folder: Path) -> Iterator[None]:
    before = contents(folder)
    yield
    assert before == contents(folder)


async def test_a_ledger_at_rest(path: Path) -> None:
    await filled(path, 3)
    with nothing_changes(path.parent):
        found = inspect_ledger(path)

    assert (found.is_there, found.version, found.is_whole, found.holder, found.trouble) == (
        *(True, NEWEST, True, None),
        None,
    )
    assert found.size_bytes == path.stat().st_size
    assert [(overview.campaign.name, overview.rows) for overview in found.overviews] == [("c", 3)]


async def test_a_ledger_in_use_is_seen_as_of_its_latest_commit(ledger: SqliteLedger, path: Path) -> None:
    await load(ledger, 2, "first")
    with nothing_changes(path.parent):
        before = inspect_ledger(path)
    await load(ledger, 2, "second", token="another")

    assert [overview.campaign.name for overview in before.overviews] == ["first"]
    assert [overview.campaign.name for overview in inspect_ledger(path).overviews] == ["first", "second"]


async def test_a_ledger_that_somebody_has_read_before_is_left_as_it_is(path: Path) -> None:
    await filled(path, 1)
    with closing(SqliteReader(path)):
        pass
    with nothing_changes(path.parent):
        assert len(inspect_ledger(path).overviews) == 1


async def test_a_ledger_that_is_written_meanwhile_is_read_again(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read as if nobody wrote may be nonsense; here it is how the ledger was before."""
    await filled(path, 1)
    before = tmp_path / "before.db"
    shutil.copy(path, before)
    opening, opened = module.open_at_rest, []

    def written_meanwhile(place: Path) -> sqlite3.Connection:
        opened.append(place)
        with closing(sqlite3.connect(place)) as other:
            other.execute("UPDATE campaign SET name = 'renamed'")
            other.commit()
        return opening(before)

    monkeypatch.setattr(module, "open_at_rest", written_meanwhile)
    found = inspect_ledger(path)

    assert (opened, [overview.campaign.name for overview in found.overviews]) == ([path], ["renamed"])


def test_there_is_none(path: Path) -> None:
    with nothing_changes(path.parent):
        assert inspect_ledger(path) == Inspection(is_there=False)


def test_an_empty_file_is_one_that_nobody_has_filled(path: Path) -> None:
    path.touch()
    with nothing_changes(path.parent):
        found = inspect_ledger(path)

    assert (found.version, found.trouble) == (0, None)


async def test_an_older_one_is_no_trouble_and_is_not_read(path: Path) -> None:
    await filled(path, 1)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 1")
    found = inspect_ledger(path)

    assert (found.version, found.is_whole, found.overviews, found.trouble) == (1, True, (), None)


async def test_a_newer_one_is_refused(path: Path) -> None:
    await filled(path, 1)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")

    assert isinstance(inspect_ledger(path).trouble, LedgerTooNew)


@pytest.mark.parametrize(
    ("at", "damage"),
    [(0.5, b"\xff" * 4096), (36, (5).to_bytes(4, "big"))],
    ids=["a page in the middle", "what no question would meet"],
)
async def test_damage_is_found(path: Path, at: float, damage: bytes) -> None:
    await filled(path, 2000)
    content = bytearray(path.read_bytes())
    first = int(at if at > 1 else len(content) * at)
    content[first : first + len(damage)] = damage
    path.write_bytes(content)
    with nothing_changes(path.parent):
        trouble = inspect_ledger(path).trouble

    assert trouble is not None
    assert (trouble.exit_code, "is damaged; put a backup" in str(trouble)) == (Exit.LEDGER_BROKEN, True)


async def test_a_check_that_takes_too_long_is_given_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await filled(path, 2000)
    monkeypatch.setattr(module, "_CHECK_S", -1.0)
    monkeypatch.setattr(module, "_STEPS", 10)
    found = inspect_ledger(path)

    assert (found.is_whole, found.trouble, len(found.overviews)) == (None, None, 1)


@pytest.mark.parametrize("content", [b"rubbish..." * 500, b"\x00" * 8192], ids=["rubbish", "zeros"])
def test_another_file_is_no_ledger(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with nothing_changes(path.parent):
        trouble = inspect_ledger(path).trouble

    assert trouble is not None
    assert (trouble.exit_code, "is not a ledger of batcher" in str(trouble)) == (Exit.LEDGER_BROKEN, True)


def test_a_folder_is_none(tmp_path: Path) -> None:
    trouble = inspect_ledger(tmp_path).trouble

    assert trouble is not None
    assert "is a folder" in str(trouble)


async def test_the_holder_is_named(path: Path) -> None:
    with holder(path) as process:
        found = inspect_ledger(path)

        assert found.holder is not None
        assert found.holder.startswith(f"process {process.pid} on ")


async def test_a_ledger_that_cannot_be_looked_at_says_why(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await filled(path, 1)

    def forbidden(self: Path, **_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", forbidden)
    trouble = inspect_ledger(path).trouble

    assert "cannot be looked at: Permission denied; check the permissions of its folder" in str(trouble)


async def test_a_ledger_that_is_locked_by_another_program_is_busy(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await filled(path, 1)
    monkeypatch.setattr("batcher.ledger.sqlite.connection.LOCK_PATIENCE_S", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("UPDATE campaign SET name = 'other'")

        assert isinstance(inspect_ledger(path).trouble, LedgerBusy)
