"""
The right to write a ledger: a lock on a file beside it, which the system lets go when the process dies.

On POSIX it is ``flock`` and not ``lockf``: a ``lockf`` lock is lost as soon as the process closes any handle of the
file, and does not keep the same process from taking it twice.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from batcher.core.errors import LedgerBusy, LedgerError

if sys.platform == "win32":
    import msvcrt

    _LOCKED_BYTE = 1 << 30
    """Far behind the text, because what is locked cannot be read on Windows."""

    def _take(file: TextIO) -> None:
        file.seek(_LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)

    _touch = _take

else:
    import fcntl

    def _take(file: TextIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _touch(file: TextIO) -> None:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)


_TAKEN = frozenset({errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK})


class LedgerLock:
    """Held from ``acquire`` to ``release``. A ledger that is named through a link has one lock all the same."""

    def __init__(self, ledger: Path) -> None:
        self._ledger = ledger
        real = ledger.resolve()
        self._path = real.with_name(real.name + ".lock")
        self._file: TextIO | None = None

    def acquire(self) -> None:
        """
        Takes the lock, or says who has it.

        Raises:
            LedgerBusy: somebody else has it.
            LedgerError: the folder is not there, or cannot be written.
        """
        try:
            file = self._path.open("a+", encoding="utf-8")
        except OSError as error:
            raise self._failure(error) from error
        try:
            _take(file)
            self._sign(file)
        except OSError as error:
            # On a full disk closing fails too, because it tries once more to write.
            with suppress(OSError):
                file.close()
            if error.errno in _TAKEN:
                raise LedgerBusy(f"the ledger {self._ledger} is in use by {self._holder()}; wait for it to end") from (
                    error
                )
            raise self._failure(error) from error
        self._file = file

    def release(self) -> None:
        """Lets it go; the file stays, empty, because whoever takes it away may take away another's lock."""
        file, self._file = self._file, None
        if file is not None:
            with file:
                file.truncate(0)

    def holder(self) -> str | None:
        """
        Who has the lock; None where nobody has.

        Where the file is empty nobody is asked: whoever lets go empties it. Where a name stands in it, it is tried
        whether its bearer still lives, for a moment in which nobody else gets the lock.

        Raises:
            LedgerError: the file cannot be read.
        """
        try:
            file = self._path.open(encoding="utf-8")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._failure(error) from error
        with file:
            if not file.read(1):
                return None
            try:
                _touch(file)
            except OSError as error:
                if error.errno in _TAKEN:
                    return self._holder()
                raise self._failure(error) from error
        return None

    def _sign(self, file: TextIO) -> None:
        holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": f"{datetime.now(UTC):%FT%TZ}"}
        file.truncate(0)
        file.write(json.dumps(holder))
        file.flush()

    def _holder(self) -> str:
        try:
            holder = json.loads(self._path.read_text(encoding="utf-8"))
            return f"process {holder['pid']} on {holder['host']} since {holder['since']}"
        except (OSError, ValueError, KeyError, TypeError):
            return "another run"

    def _failure(self, error: OSError) -> LedgerError:
        return LedgerError(
            f"the ledger {self._ledger} cannot be locked: {error.strerror or error};"
            " check that its folder exists, can be written and has space"
        )
