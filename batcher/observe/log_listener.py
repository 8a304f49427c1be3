"""
Which event becomes which line of the log.

Milestones at info, warnings sampled under a storm, errors for what stays wrong: the first of a kind and then ever
fewer. With ``verbose`` one line a finished row at info, and nothing is left out. What an event's class gets is looked
up once, so that an event without a line costs next to nothing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import fields
from typing import Final

from structlog.typing import FilteringBoundLogger

from batcher.core.events import DoubtResolved, Event, ManifestRead, Observer, RunFinished

from .sampling import BRIEF_FIRST_LINES, BRIEF_STORM_LINES, FIRST_LINES, STORM_LINES, Repeats, Storm

_Write = Callable[..., None]

_LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_ROW: Final = "row"
_READ_EVERY: Final = 100_000
"""Rows of a manifest between two lines; progress hears of every batch."""

_OF_ROWS: Final = frozenset({DoubtResolved})
"""Of a level that would show them, and yet one a row."""


def log_listener(
    log: FilteringBoundLogger,
    *,
    campaign: str | None = None,
    run: int | str | None = None,
    verbose: bool = False,
    brief: bool = False,
    clock: Callable[[], float] = time.monotonic,
) -> LogListener:
    """
    A listener that writes to ``log``, each line with the campaign and the run it belongs to.

    Args:
        verbose: One line a finished row, and every warning and error in full (``-v``).
        brief: Only few warnings and errors of a kind, for a terminal where a bar counts them.
        clock: Seconds of a steady clock, for sampling.
    """
    bound = {name: value for name, value in (("campaign", campaign), ("run", run)) if value is not None}
    return LogListener(log.bind(**bound), verbose=verbose, brief=brief, clock=clock)


class LogListener:
    """Writes events to a logger; see ``log_listener``."""

    def __init__(self, log: FilteringBoundLogger, *, verbose: bool, brief: bool, clock: Callable[[], float]) -> None:
        self._log = log
        self._verbose = verbose
        self._brief = brief
        self._clock = clock
        self._writers: dict[type[Event], Observer | None] = {}
        self._samples: dict[str, Storm | Repeats] = {}

    def __call__(self, event: Event) -> None:
        kind = type(event)
        try:
            write = self._writers[kind]
        except KeyError:
            write = self._writers[kind] = self._writer_of(kind)
        if write is not None:
            write(event)

    def say_omitted(self) -> None:
        """Says how many lines of each kind were left out since that was last said."""
        for name, sample in self._samples.items():
            self._say_omitted(name, sample)

    def _say_omitted(self, name: str, sample: Storm | Repeats) -> None:
        if sample.omitted:
            self._log.warning("lines.omitted", of=name, omitted=sample.omitted)
            sample.omitted = 0

    def _writer_of(self, kind: type[Event]) -> Observer | None:
        of_row = kind.level == _ROW or kind in _OF_ROWS
        level = "info" if of_row else kind.level
        if (of_row and not self._verbose) or not self._log.is_enabled_for(_LEVELS[level]):
            return None
        write = self._plain_writer(kind, level)
        if kind is RunFinished:
            return self._last_writer(write)
        if kind is ManifestRead:
            return None if self._brief else _milestone_writer(write)
        if not self._verbose and level == "warning":
            return self._stormy_writer(write, kind.name)
        if not self._verbose and level == "error":
            return self._repeats_writer(write, kind.name)
        return write

    def _plain_writer(self, kind: type[Event], level: str) -> _Write:
        names, write = tuple(f.name for f in fields(kind)), getattr(self._log, level)

        def write_line(event: Event, **more: int) -> None:
            write(event.name, **{name: getattr(event, name) for name in names}, **more)

        return write_line

    def _stormy_writer(self, write: _Write, name: str) -> Observer:
        storm = self._samples[name] = Storm(lines=BRIEF_STORM_LINES if self._brief else STORM_LINES)

        def write_some(event: Event) -> None:
            now = self._clock()
            if storm.is_over(now):
                self._say_omitted(name, storm)
            if storm.admits(now):
                write(event)

        return write_some

    def _repeats_writer(self, write: _Write, name: str) -> Observer:
        repeats = self._samples[name] = Repeats(lines=BRIEF_FIRST_LINES if self._brief else FIRST_LINES)

        def write_some(event: Event) -> None:
            if repeats.admits():
                write(event, **({"seen": repeats.seen} if repeats.seen > repeats.lines else {}))

        return write_some

    def _last_writer(self, write: _Write) -> Observer:
        def write_last(event: Event) -> None:
            self.say_omitted()
            write(event)

        return write_last


def _milestone_writer(write: _Write) -> Observer:
    said = 0

    def write_some(event: Event) -> None:
        nonlocal said
        assert isinstance(event, ManifestRead)
        if event.rows // _READ_EVERY > said:
            said = event.rows // _READ_EVERY
            write(event)

    return write_some
