"""
The log: one line an event, to standard error. JSON for programs, columns for people on a terminal.

A line holds ``timestamp`` (RFC 3339, UTC; on a terminal the time of day), ``level``, ``event``, what the logger was
bound to, and the event's fields.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final, Literal, TextIO, cast

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from .stream import shows_colors, steady_stderr

_EVENT_WIDTH: Final = 18
"""As wide as the names of most events, so that what follows stands in a column."""

_LONGEST_TEXT: Final = 500
"""What the remote says of a row is a sentence; whatever is longer is a page, and belongs into no log."""


def make_log(
    *,
    log_format: Literal["auto", "json", "console"] = "auto",
    log_level: str = "info",
    stream: TextIO | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> FilteringBoundLogger:
    """
    A logger of its own, without any global configuration.

    Args:
        log_format: ``auto`` is ``console`` on a terminal and ``json`` elsewhere.
        log_level: The least level that is written: debug, info, warning or error.
        stream: Standard error if None.
        now: The time, aware of its zone.
    """
    stream = stream or steady_stderr()
    as_json = log_format == "json" or (log_format == "auto" and not stream.isatty())
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(_EVENT_WIDTH, colors=shows_colors(stream), sort_keys=False)
    )
    stamp = _stamping(now, short=not as_json and stream.isatty())
    level = logging.getLevelNamesMapping()[log_level.upper()]
    log = structlog.wrap_logger(
        structlog.WriteLogger(stream),
        processors=[structlog.processors.add_log_level, stamp, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        context_class=dict,
    )
    return cast("FilteringBoundLogger", log.bind())


def _stamping(now: Callable[[], datetime], *, short: bool) -> Processor:
    """``short`` for a person who watches: the time of day where they are."""

    def stamp(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
        time = now()
        full = time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        timestamp = f"{time.astimezone():%H:%M:%S}" if short else full
        first = {"timestamp": timestamp, "level": line.pop("level"), "event": line.pop("event")}
        return first | {name: _plain(value) for name, value in line.items() if value is not None}

    return stamp


def _plain(value: Any) -> Any:
    """The value as every line may hold it: no enum's own spelling, no control characters, no pages."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        return round(value, 3)
    if not isinstance(value, str):
        return value
    text = value if len(value) <= _LONGEST_TEXT else value[: _LONGEST_TEXT - 1] + "…"
    return text if text.isprintable() else "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
