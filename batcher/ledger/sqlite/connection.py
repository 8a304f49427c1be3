"""Opening the file: how durably it is written, who may read it, and what to do with one that is no ledger."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from batcher.core.errors import LedgerError, LedgerMissing

from .failure import ledger_error
from .schema import migrate, require_current, version_of

LOCK_PATIENCE_S: Final = 10.0
"""How long to wait for another program that holds the file."""

LOCK_NOTICE_S: Final = 1.0
"""So long a lock is nobody's business."""

_CACHE_KIB: Final = 32 * 1024


def require_no_folder(path: Path) -> None:
    """
    Raises:
        LedgerError: the path names a folder.
    """
    if path.is_dir():
        raise LedgerError(f"the ledger {path} is a folder; name a file with --ledger")


def open_for_writing(path: Path | None) -> sqlite3.Connection:
    """
    The connection that writes; the caller holds the lock. Without a path, a ledger that is gone when it is closed.

    WAL with synchronous=FULL: a commit that returned survives a power cut.

    Raises:
        LedgerError: the file cannot be used; the message says what to do.
    """
    place = str(path) if path else "(temporary)"
    try:
        connection = sqlite3.connect(
            path or "", timeout=LOCK_PATIENCE_S, isolation_level=None, check_same_thread=False, cached_statements=256
        )
    except sqlite3.Error as error:
        raise ledger_error(error, place) from error
    try:
        migrate(connection, place)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        connection.execute("PRAGMA journal_size_limit = 67108864")
        # From here on whoever writes waits in steps, so that it can say what it waits for.
        connection.execute(f"PRAGMA busy_timeout = {LOCK_NOTICE_S * 1000:.0f}")
    except sqlite3.Error as error:
        connection.close()
        raise ledger_error(error, place) from error
    except LedgerError:
        connection.close()
        raise
    return connection


def open_for_reading(path: Path) -> sqlite3.Connection:
    """
    A connection that sees one commit after another and writes nothing.

    Raises:
        LedgerError: there is no ledger, it cannot be read, or it is an older batcher's.
    """
    connection = open_read_only(path)
    try:
        require_current(connection, str(path))
    except sqlite3.Error as error:
        connection.close()
        raise ledger_error(error, str(path)) from error
    except LedgerError:
        connection.close()
        raise
    return connection


def open_copy(path: Path) -> sqlite3.Connection:
    """
    A temporary copy of the ledger at ``path``, to write to; an empty one where there is none.

    An older batcher's ledger is brought up to date in the copy.
    """
    if not path.exists():
        return open_for_writing(None)
    require_no_folder(path)
    source = open_read_only(path)
    copy = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    try:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = MEMORY")
        migrate(copy, str(path))
    except sqlite3.Error as error:
        copy.close()
        raise ledger_error(error, str(path)) from error
    except LedgerError:
        copy.close()
        raise
    finally:
        source.close()
    return copy


def open_read_only(path: Path) -> sqlite3.Connection:
    """
    Any ledger that this program knows, whatever its version.

    SQLite reads a WAL database only where it may write beside it. Where it may not and no WAL is left to read, nobody
    writes the file, and it is read as one that does not change.

    Raises:
        LedgerError: there is none, or it cannot be read.
    """
    if not path.is_file():
        raise LedgerMissing(f"there is no ledger at {path}; name it with --ledger")
    address = path.resolve().as_uri()
    try:
        return _open_address(f"{address}?mode=ro", str(path))
    except sqlite3.OperationalError as error:
        if not error.sqlite_errorname.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY")) or _has_wal(path):
            raise ledger_error(error, str(path)) from error
    except sqlite3.Error as error:
        raise ledger_error(error, str(path)) from error
    return open_at_rest(path)


def open_at_rest(path: Path) -> sqlite3.Connection:
    """
    The same as a file that does not change: not even the files come to be that SQLite puts beside a WAL database.

    Only for a ledger that nobody writes; what is read while somebody does may be nonsense.

    Raises:
        LedgerError: it cannot be read.
    """
    try:
        return _open_address(f"{path.resolve().as_uri()}?mode=ro&immutable=1", str(path))
    except sqlite3.Error as error:
        raise ledger_error(error, str(path)) from error


def _open_address(address: str, place: str) -> sqlite3.Connection:
    connection = sqlite3.connect(address, uri=True, timeout=LOCK_PATIENCE_S, isolation_level=None)
    try:
        connection.execute("PRAGMA query_only = ON")
        version_of(connection, place)
    except (sqlite3.Error, LedgerError):
        connection.close()
        raise
    return connection


def _has_wal(path: Path) -> bool:
    ledger = path.resolve()  # SQLite keeps it beside the file that a link leads to
    wal = ledger.with_name(ledger.name + "-wal")
    try:
        return wal.stat().st_size > 0
    except FileNotFoundError:
        return False
    except OSError:
        return True
