"""
Whether the ledger's file still lies where it was opened.

A file that is deleted or moved away while it is open takes what is written to it along, and SQLite does not notice.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

_LOOK_EVERY_S: Final = 1.0


class Presence:
    """Made when the file is open already. ``clock``: seconds of a steady clock."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._file = _identity(path)
        self._looked_at = clock()
        self._is_lost = False

    def is_lost(self) -> bool:
        """Whether the path leads to another file, or to none; looks once a second, and what is lost stays lost."""
        now = self._clock()
        if not self._is_lost and now - self._looked_at >= _LOOK_EVERY_S:
            self._looked_at = now
            self._is_lost = _identity(self._path) != self._file
        return self._is_lost


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file it is; None for none. It keeps its number for as long as somebody has it open."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino
