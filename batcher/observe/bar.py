"""The bar on a terminal: how much is done, what became of it, how fast it goes, and how long it will take."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final, Self, TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from batcher.core.events import Event

from .counts import Counts, Speed
from .standing import Standing, clock_text
from .stream import steady

_LOOKS_PER_S: Final = 4


def console_on(stream: TextIO | None) -> Console:
    """A console on that stream. It holds on to the stream itself, because rich puts another into ``sys.stderr``."""
    return Console(file=steady(stream or sys.stderr))


class Bar:
    """
    A live bar, gone when it is over: the summary says it all.

    Whatever else is written to ``sys.stderr`` meanwhile appears above it; standard output is left be.
    """

    def __init__(self, console: Console, clock: Callable[[], float], standing: Standing | None = None) -> None:
        self.counts = Counts()
        self._standing = standing or Standing(clock)
        self._clock = clock
        self._speed = Speed()
        self._began = clock()
        self._live = Live(
            console=console,
            get_renderable=self.picture,
            refresh_per_second=_LOOKS_PER_S,
            redirect_stdout=False,
            redirect_stderr=True,
            transient=True,
        )

    def __call__(self, event: Event) -> None:
        self.counts(event)
        self._standing(event)

    def __enter__(self) -> Self:
        self._began = self._clock()
        self._live.start(refresh=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def picture(self) -> RenderableType:
        """The bar as it looks now."""
        counts, now = self.counts, self._clock()
        elapsed = clock_text(now - self._began)
        if counts.total is None:
            return _texts(f"{_reading_text(counts)} · {elapsed}", self._standing.words(counts))
        per_s = self._speed.per_s(now, counts.finished)
        speed = " · ".join(filter(None, [f"{per_s:,.1f}/s", self._standing.at_once()]))
        share = counts.finished / counts.total if counts.total else 1.0
        row = Table.grid(padding=(0, 1), expand=True)
        row.add_column(ratio=1)
        row.add_column(justify="right", no_wrap=True)
        row.add_row(
            ProgressBar(total=max(1, counts.total), completed=min(counts.finished, counts.total)),
            Text(f"{int(share * 100)}% · {speed} · {elapsed}{_eta(counts, per_s)}"),
        )
        return Group(row, _texts(_counts_text(counts), self._standing.words(counts)))


def _texts(*lines: str | None) -> Group:
    return Group(*(Text(line, no_wrap=True, overflow="ellipsis") for line in lines if line))


def _reading_text(counts: Counts) -> str:
    if counts.to_ask is not None:
        return f"asking where jobs stand · {counts.asked:,} of {counts.to_ask:,}"
    return f"reading and checking the manifest · {counts.read:,} rows" if counts.read else "getting ready"


def _eta(counts: Counts, per_s: float) -> str:
    return f" · {clock_text(counts.left / per_s)} left" if per_s and counts.left > counts.in_doubt else ""


def _counts_text(counts: Counts) -> str:
    held = f" · {counts.held:,} held" if counts.held else ""
    return (
        f"{counts.finished:,} of {counts.total:,} · {counts.done:,} {counts.done_word} · {counts.rejected:,} rejected"
        f" · {counts.failed:,} failed · {counts.in_doubt:,} in doubt{held}"
    )
