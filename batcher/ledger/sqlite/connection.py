"""Opening the file: who may write, how durably, and what to do with a file that is not what it should be."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import fasteners

from batcher.core.errors import LedgerBusy, LedgerError

from .failure import ledger_error
from .schema import migrate

BUSY_TIMEOUT_S: Final = 10.0
_CACHE_KIB: Final = 32 * 1024


class LedgerLock:
    """The right to write a ledger: a lock on a file beside it, which the system lets go when the process dies."""

    def __init__(self, ledger: Path) -> None:
        self._ledger = ledger
        self._path = ledger.with_name(ledger.name + ".lock")
        self._lock = fasteners.InterProcessLock(self._path)

    def acquire(self) -> None:
        """
        Takes the lock, or says who has it.

        Raises:
            LedgerBusy: another process has it.
            LedgerError: the folder cannot be written.
        """
        try:
            taken = self._lock.acquire(blocking=False)
        except OSError as error:
            raise LedgerError(f"the ledger {self._ledger} cannot be locked: {error.strerror}; {_FOLDER}") from error
        if not taken:
            raise LedgerBusy(f"the ledger {self._ledger} is in use by {self._holder()}; wait for it to end")
        try:
            self._path.write_text(
                json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": f"{datetime.now(UTC):%FT%TZ}"})
            )
        except OSError as error:
            self._lock.release()
            raise LedgerError(f"the ledger {self._ledger} cannot be locked: {error.strerror}; {_FOLDER}") from error

    def release(self) -> None:
        self._lock.release()

    def _holder(self) -> str:
        try:
            holder = json.loads(self._path.read_text())
            return f"process {holder['pid']} on {holder['host']} since {holder['since']}"
        except (OSError, ValueError, KeyError, TypeError):
            return "another run"


_FOLDER: Final = "check that its folder exists, can be written and has space"


def open_for_writing(path: Path | None) -> sqlite3.Connection:
    """
    The connection that writes; the caller holds the lock. Without a path, a ledger that is gone when it is closed.

    WAL with synchronous=FULL: a commit that returned survives a power cut.

    Raises:
        LedgerError: the file cannot be used; the message says what to do.
    """
    place = str(path) if path else "(temporary)"
    if path and path.is_dir():
        raise LedgerError(f"the ledger {place} is a folder; name a file with --ledger")
    try:
        connection = sqlite3.connect(
            path or "", timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False, cached_statements=256
        )
    except sqlite3.Error as error:
        raise ledger_error(error, place) from error
    try:
        migrate(connection, place)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        connection.execute("PRAGMA journal_size_limit = 67108864")
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
        LedgerError: there is no ledger, or it cannot be read.
    """
    if not path.is_file():
        raise LedgerError(f"there is no ledger at {path}; name it with --ledger")
    try:
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None
        )
        connection.execute("PRAGMA query_only = ON")
        migrate(connection, str(path))
    except sqlite3.Error as error:
        raise ledger_error(error, str(path)) from error
    return connection


def open_copy(path: Path) -> sqlite3.Connection:
    """A temporary copy of the ledger at ``path``, to write to."""
    source = open_for_reading(path)
    copy = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    try:
        source.backup(copy)
    except sqlite3.Error as error:
        copy.close()
        raise ledger_error(error, str(path)) from error
    finally:
        source.close()
    copy.execute("PRAGMA journal_mode = MEMORY")
    return copy
