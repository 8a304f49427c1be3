"""Standard error as a place to write to that never stops a run: a terminal may be gone, a disk full, a pipe cut."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import threading
from typing import TextIO, cast


class _SteadyStream(io.TextIOBase):
    """
    Writes in whole pieces, also from several threads, and lets go of what cannot be written.

    Without a stream of its own it writes to what ``sys.stderr`` is at that moment: while a bar is shown, rich stands
    there and puts lines above the bar.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._lock = threading.RLock()

    def _now(self) -> TextIO:
        return sys.stderr if self._stream is None else self._stream

    def write(self, text: str) -> int:
        with self._lock, contextlib.suppress(OSError, ValueError):
            self._now().write(text)
        return len(text)

    def flush(self) -> None:
        with self._lock, contextlib.suppress(OSError, ValueError):
            self._now().flush()

    def isatty(self) -> bool:
        try:
            return self._now().isatty()
        except ValueError:
            return False

    def fileno(self) -> int:
        return self._now().fileno()

    def writable(self) -> bool:
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override] # read only, as with the real ones
        return self._now().encoding or "utf-8"


def steady(stream: TextIO | None) -> TextIO:
    """The stream, made steady; None is ``sys.stderr``, whatever stands there when something is written."""
    return cast("TextIO", _SteadyStream(stream))


def steady_stderr() -> TextIO:
    """Standard error, made steady."""
    return steady(None)


def on_terminal(stream: TextIO) -> bool:
    """Whether a person looks on, at a terminal that can move its cursor."""
    return stream.isatty() and not is_dumb()


def shows_colors(stream: TextIO) -> bool:
    """Whether colours are wanted there: a terminal that knows them, and nobody has said no (https://no-color.org)."""
    wanted = not os.environ.get("NO_COLOR") and not is_dumb()
    return wanted and stream.isatty() and sys.platform != "win32"


def is_dumb() -> bool:
    """Whether the terminal can do no more than print line after line."""
    return os.environ.get("TERM", "").lower() in {"dumb", "unknown"}
