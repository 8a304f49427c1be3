"""
A copy of the ledger as it is at one moment, made while a run writes it.

The copy is read page by page from one snapshot that is held open. Without that, SQLite begins again at every commit of
another process, and never ends beside a run; see ``decisions/0016-a-backup-reads-one-snapshot.md``.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from batcher.core.errors import ConfigError, LedgerError
from batcher.ledger.export import whole_file

from .connection import open_read_only
from .failure import ledger_error
from .schema import version_of

_STEP_PAGES: Final = 4096
"""16 MiB, a few hundredths of a second: so long is Ctrl-C not heard."""

_LIVE_FILES: Final = ("-wal", "-shm", "-journal")
"""What SQLite puts beside a database that is in use, and takes for its own when it finds it there."""

_CANNOT_WRITE: Final = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_TRUNCATE", "SQLITE_IOERR_FSYNC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What a backup holds."""

    path: Path
    campaigns: int
    rows: int
    size_bytes: int


def back_up(ledger: Path, to: Path, *, force: bool = False) -> Backup:
    """
    Copies the ledger, of whatever version, into one file that only its owner may read. Takes no lock.

    The file gets its name when it is complete, checked and on the disk.

    Raises:
        ConfigError: it would be written over the ledger, another database in use, or (without ``force``) any file.
        LedgerError: the ledger is damaged or cannot be read, or the copy cannot be written.
    """
    _require_free(ledger, to, force)
    with (
        closing(open_read_only(ledger)) as source,
        whole_file(to, advice="the ledger is as it was, and no backup was made") as aside,
    ):
        _remove_with_live_files(aside)
        try:
            aside.touch(mode=0o600, exist_ok=False)
            _copy(source, aside)
            campaigns, rows = _make_single_and_check(aside, ledger)
        except sqlite3.Error as error:
            raise _failure(error, ledger, to) from error
        finally:
            _remove_live_files(aside)
    _sync_folder(to.parent)
    return Backup(path=to, campaigns=campaigns, rows=rows, size_bytes=to.stat().st_size)


def _require_free(ledger: Path, to: Path, force: bool) -> None:
    real = ledger.resolve()
    if to.resolve() in {real, *(real.with_name(real.name + ending) for ending in (*_LIVE_FILES, ".lock"))}:
        raise ConfigError(f"{to} is the ledger itself, or belongs to it; name another file for the backup")
    if to.exists() and not to.is_file():
        raise ConfigError(f"{to} is no file; name a file for the backup")
    if live := [name for ending in _LIVE_FILES if (name := to.with_name(to.name + ending)).exists()]:
        raise ConfigError(
            f"{live[0]} lies there: {to} is, or was, a database in use, and SQLite would take the two for one; name"
            " another file"
        )
    if to.exists() and not force:
        raise ConfigError(f"{to} is there already; name another file, or write over it with --force")


def _copy(source: sqlite3.Connection, aside: Path) -> None:
    source.execute("BEGIN")
    source.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # a snapshot begins with the first thing read
    with closing(sqlite3.connect(aside, isolation_level=None)) as copy:
        # A copy that is not complete is thrown away: it needs no journal, and whoever renames it syncs it.
        copy.execute("PRAGMA journal_mode = OFF")
        copy.execute("PRAGMA synchronous = OFF")
        # The function does nothing but let Python see Ctrl-C between two steps.
        source.backup(copy, pages=_STEP_PAGES, progress=lambda status, remaining, total: None)


def _make_single_and_check(aside: Path, ledger: Path) -> tuple[int, int]:
    """Takes the copy out of WAL mode, so that it is one file; returns its campaigns and rows."""
    with closing(sqlite3.connect(aside, isolation_level=None)) as copy:
        copy.execute("PRAGMA journal_mode = DELETE")
        (found,) = copy.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise LedgerError(
                f"the ledger {ledger} is damaged, and no backup was made of it: {' '.join(found.split())};"
                " `batcher ledger verify` says more; keep older backups"
            )
        if version_of(copy, str(ledger)) == 0:
            raise LedgerError(f"the ledger {ledger} has nothing in it yet; `batcher run` fills it")
        (campaigns,) = copy.execute("SELECT count(*) FROM campaign").fetchone()
        (rows,) = copy.execute("SELECT count(*) FROM row").fetchone()
    return campaigns, rows


def _failure(error: sqlite3.Error, ledger: Path, to: Path) -> LedgerError:
    if getattr(error, "sqlite_errorname", "").startswith(_CANNOT_WRITE):
        return LedgerError(f"{to} cannot be written: {error}; the ledger is as it was, and no backup was made")
    return ledger_error(error, str(ledger))


def _remove_with_live_files(aside: Path) -> None:
    """What a process of the same number has left there that was killed."""
    aside.unlink(missing_ok=True)
    _remove_live_files(aside)


def _remove_live_files(aside: Path) -> None:
    for ending in _LIVE_FILES:
        aside.with_name(aside.name + ending).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """So that the new name, too, survives a power cut, where folders can be synced."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
