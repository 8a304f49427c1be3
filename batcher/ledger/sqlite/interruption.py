"""Breaking off statements that take long, such as those that take in a manifest of a million rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from batcher.core.errors import LoadInterrupted

_ASK_EVERY_STEPS: Final = 100_000
"""Of SQLite's virtual machine, which takes some millions of them a second."""


@contextmanager
def interruptible(db: sqlite3.Connection, is_stopped: Callable[[], bool]) -> Iterator[None]:
    """
    Breaks off what is done inside as soon as ``is_stopped``, and does not let it come to its end after that.

    SQLite takes back the whole transaction when a statement that writes is broken off.

    Raises:
        LoadInterrupted: ``is_stopped`` said so.
    """
    db.set_progress_handler(is_stopped, _ASK_EVERY_STEPS)
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname == "SQLITE_INTERRUPT":
            raise LoadInterrupted from error
        raise
    finally:
        db.set_progress_handler(None, 0)
    if is_stopped():
        raise LoadInterrupted
