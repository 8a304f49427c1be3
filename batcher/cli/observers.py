"""The listeners of a command: its log and its progress."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from batcher.core.events import LedgerMisplaced, Observer
from batcher.ledger.place import warnings_about
from batcher.observe import Patience, fan_out, log_listener, make_log, on_terminal, open_progress, steady_stderr
from batcher.settings import Settings


@contextmanager
def observing(
    settings: Settings,
    campaign: str | None = None,
    ledger: Path | None = None,
    *,
    quiet: bool = False,
    verbose: bool = False,
) -> Iterator[Observer]:
    """
    An observer that logs to stderr and shows progress there, while inside; it begins with what looks wrong.

    On a terminal the log is brief: a bar counts, and whose campaign it is stands in the first line.
    """
    level = "warning" if quiet and settings.log_level == "info" else settings.log_level
    log = make_log(log_format=settings.log_format, log_level=level)
    for warning in settings.warnings:
        log.warning("settings.doubtful", about=warning)
    brief = settings.log_format != "json" and on_terminal(steady_stderr())
    named = None if brief else campaign
    patience = Patience(
        settle_s=settings.settle, max_outage_s=settings.max_outage, drain_timeout_s=settings.drain_timeout
    )
    bound = log if named is None else log.bind(campaign=named)
    with open_progress(bound, quiet=quiet, patience=patience) as progress:
        emit = fan_out(progress, log_listener(log, campaign=named, verbose=verbose, brief=brief))
        for warning in warnings_about(ledger) if ledger else ():
            emit(LedgerMisplaced(warning=warning))
        yield emit
