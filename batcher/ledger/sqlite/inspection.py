"""
A ledger looked at from outside: can it be opened, is it whole, who holds it, what waits in it.

Nothing is taken and nothing is written. SQLite leaves files beside a WAL database when it reads one, so a ledger that
nobody writes is read as one that does not change; if it did change meanwhile, it is read once more in the ordinary way.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from batcher.core.errors import LedgerError
from batcher.ledger.records import Overview

from .connection import open_at_rest, open_read_only, require_no_folder
from .failure import ledger_damaged, ledger_error
from .lock import LedgerLock
from .reader import SqliteReader
from .schema import MIGRATIONS, version_of

NEWEST: Final = len(MIGRATIONS)
"""The version that this program writes."""

_CHECK_S: Final = 5.0
"""A ledger of a million rows is read through in about a second."""

_STEPS: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """
    What was found. ``version`` is 0 for a file with nothing in it; ``is_whole`` is None where the time did not suffice
    to read it through. ``overviews`` are there for a ledger of this program's version. ``holder`` has the lock.
    """

    is_there: bool = True
    size_bytes: int = 0
    version: int = 0
    is_whole: bool | None = None
    overviews: tuple[Overview, ...] = ()
    holder: str | None = None
    trouble: LedgerError | None = None


def inspect_ledger(path: Path) -> Inspection:
    """What the file at that path is found to be; whatever is wrong with it is its ``trouble``."""
    try:
        holder = LedgerLock(path).holder()
        if not path.exists():
            return Inspection(is_there=False, holder=holder)
        found = _read(path)
    except LedgerError as error:
        return Inspection(trouble=error)
    except OSError as error:
        trouble = LedgerError(
            f"the ledger {path} cannot be looked at: {error.strerror or error}; check the permissions of its folder"
        )
        return Inspection(trouble=trouble)
    return replace(found, holder=holder)


def _read(path: Path) -> Inspection:
    require_no_folder(path)
    if (before := _as_it_rests(path)) is not None:
        found = _read_by(open_at_rest, path)
        if _as_it_rests(path) == before:
            return found
    return _read_by(open_read_only, path)


def _as_it_rests(path: Path) -> tuple[int, int] | None:
    """What would be different if somebody wrote it; None where somebody may be at it."""
    real = path.resolve()
    if real.with_name(f"{real.name}-wal").exists():
        return None
    found = path.stat()
    return found.st_mtime_ns, found.st_size


def _read_by(opening: Callable[[Path], sqlite3.Connection], path: Path) -> Inspection:
    size_bytes = path.stat().st_size
    try:
        connection = opening(path)
    except LedgerError as error:
        return Inspection(size_bytes=size_bytes, trouble=error)
    try:
        version = version_of(connection, str(path))
        is_whole = _is_whole(connection, path) if version else True
        overviews = tuple(SqliteReader(path, connection).overviews()) if version == NEWEST else ()
    except sqlite3.Error as error:
        return Inspection(size_bytes=size_bytes, trouble=ledger_error(error, str(path)))
    except LedgerError as error:
        return Inspection(size_bytes=size_bytes, trouble=error)
    finally:
        connection.close()
    return Inspection(size_bytes=size_bytes, version=version, is_whole=is_whole, overviews=overviews)


def _is_whole(connection: sqlite3.Connection, path: Path) -> bool | None:
    """
    Raises:
        LedgerError: it is damaged.
    """
    ends = time.monotonic() + _CHECK_S
    connection.set_progress_handler(lambda: time.monotonic() > ends, _STEPS)
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname != "SQLITE_INTERRUPT":
            raise
        return None
    finally:
        connection.set_progress_handler(None, 0)
    if found != [("ok",)]:
        raise ledger_damaged(str(path))
    return True
