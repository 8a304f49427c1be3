"""SQLite's errors in words that say what to do next."""

from __future__ import annotations

import sqlite3
from typing import Final

from batcher.core.errors import LedgerBusy, LedgerError

_ADVICE: Final = {
    "SQLITE_FULL": "no space left for the ledger {place}; free some space and run the same command again;"
    " temporary files need room, too (TMPDIR)",
    "SQLITE_READONLY": "the ledger {place} cannot be written; check the permissions of the file and its folder",
    "SQLITE_CANTOPEN": "the ledger {place} cannot be opened; check that its folder exists and can be written",
    "SQLITE_CORRUPT": "the ledger {place} is damaged; put a backup of after the last run in its place (an older one"
    " would send rows twice), and do not delete it: it knows which rows are jobs already",
    "SQLITE_NOTADB": "{place} is not a ledger of batcher, or one that is damaged: if it was one, put a backup of after"
    " the last run in its place, and do not begin a new one; else name another file with --ledger",
    "SQLITE_IOERR": "the disk failed while the ledger {place} was used; check the disk and run the same command again",
}


_LOST: Final = (
    "the ledger {place} was taken away or replaced while it was in use, and with it what was sent; put it back where it"
    " was, and do not run again without it: rows would be created twice"
)


def ledger_lost(place: str) -> LedgerError:
    """The ``LedgerError`` for a ledger that is no longer where it was opened."""
    return LedgerError(_LOST.format(place=place))


def ledger_damaged(place: str) -> LedgerError:
    """The ``LedgerError`` for a file that SQLite can open and finds damaged when it reads it."""
    return LedgerError(_ADVICE["SQLITE_CORRUPT"].format(place=place))


def ledger_error(error: sqlite3.Error, place: str) -> LedgerError:
    """The ``LedgerError`` for what SQLite reports; ``place`` is the ledger's path."""
    name = getattr(error, "sqlite_errorname", "")
    if is_locked(error):
        return LedgerBusy(f"the ledger {place} is locked by another program; run the same command again later")
    for code, advice in _ADVICE.items():
        if name.startswith(code):
            return LedgerError(advice.format(place=place))
    return LedgerError(f"the ledger {place} cannot be used: {error}")


def is_locked(error: sqlite3.Error) -> bool:
    """Whether another program holds a lock that stands in the way."""
    return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
