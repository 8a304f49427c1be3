"""
How far a run has come: a bar on a terminal, else a line in the log every 30 seconds.

Each is a listener, shown while it is entered as a context manager. Events only count; a thread of its own looks at the
counts, so that a run that is silent, or busy with something else, still reports.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Protocol, Self, TextIO

from structlog.typing import FilteringBoundLogger

from batcher.core.events import Event

from .counts import Counts, Speed
from .standing import Patience, Standing
from .stream import on_terminal, steady_stderr

REPORT_EVERY_S: Final = 30.0
_PATIENCE_S: Final = 1.0
"""Whoever reads the log may have stopped reading; the run's end does not wait for them."""


class Progress(Protocol):
    """A listener that shows something for as long as it is entered."""

    counts: Counts

    def __call__(self, event: Event) -> None:
        """Takes in one event; cheap."""

    def __enter__(self) -> Self:
        """Begins to show."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        """Shows no more."""


def open_progress(
    log: FilteringBoundLogger,
    *,
    quiet: bool = False,
    patience: Patience | None = None,
    stream: TextIO | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Progress:
    """
    The progress that suits the place.

    Args:
        log: Where the lines go when there is no terminal; best bound to campaign and run.
        quiet: Count, and show nothing (``-q``).
        patience: How long the run waits for what, so that it can be said.
        stream: Where the bar goes, standard error if None.
        clock: Seconds of a steady clock.
    """
    if quiet:
        return Silence()
    if on_terminal(stream or steady_stderr()):
        from .bar import Bar, console_on

        return Bar(console_on(stream), clock, Standing(clock, patience))
    return Reports(log, clock, standing=Standing(clock, patience))


class Silence:
    """Counts, and shows nothing."""

    def __init__(self) -> None:
        self.counts = Counts()

    def __call__(self, event: Event) -> None:
        self.counts(event)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None


class Reports:
    """A line in the log every ``every_s`` seconds, from the run's start on."""

    def __init__(
        self,
        log: FilteringBoundLogger,
        clock: Callable[[], float],
        every_s: float = REPORT_EVERY_S,
        standing: Standing | None = None,
    ) -> None:
        self.counts = Counts()
        self._standing = standing or Standing(clock)
        self._log = log
        self._clock = clock
        self._every_s = every_s
        self._speed = Speed()
        self._began = clock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep_reporting, name="progress", daemon=True)

    def __call__(self, event: Event) -> None:
        self.counts(event)
        self._standing(event)

    def __enter__(self) -> Self:
        self._began = self._clock()
        self._speed.per_s(self._began, 0)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(_PATIENCE_S)

    def report(self) -> None:
        """Writes one line of how far the run, or the asking, has come; none before it began."""
        counts, now = self.counts, self._clock()
        if counts.total is None:
            if counts.to_ask is not None:
                waiting = self._standing.words(counts)
                self._log.info("states.read", jobs=counts.asked, total=counts.to_ask, waiting=waiting)
            return
        per_s = self._speed.per_s(now, counts.finished)
        self._log.info(
            "run.progressed",
            finished=counts.finished,
            total=counts.total,
            **{counts.done_word: counts.done},
            rejected=counts.rejected,
            failed=counts.failed,
            held=counts.held,
            in_doubt=counts.in_doubt,
            retries=counts.retries,
            per_s=round(per_s, 1),
            eta_s=round(counts.left / per_s) if per_s else None,
            elapsed_s=round(now - self._began),
            at_once=self._standing.at_once(),
            waiting=self._standing.words(counts),
        )

    def _keep_reporting(self) -> None:
        while not self._over.wait(self._every_s):
            self.report()
