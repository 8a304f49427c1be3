"""The listeners of a run: its log and its progress."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from batcher.core.events import LedgerMisplaced, Observer
from batcher.ledger.place import warnings_about
from batcher.observe import fan_out, log_listener, make_log, open_progress
from batcher.settings import Settings


@contextmanager
def observing(settings: Settings, campaign: str, ledger: Path, *, quiet: bool, verbose: bool) -> Iterator[Observer]:
    """An observer that logs to stderr and shows progress there, while inside; it begins with what looks wrong."""
    level = "warning" if quiet and settings.log_level == "info" else settings.log_level
    log = make_log(log_format=settings.log_format, log_level=level)
    for warning in settings.warnings:
        log.warning("settings.doubtful", about=warning)
    with open_progress(log.bind(campaign=campaign), quiet=quiet) as progress:
        emit = fan_out(progress, log_listener(log, campaign=campaign, verbose=verbose))
        for warning in warnings_about(ledger):
            emit(LedgerMisplaced(warning=warning))
        yield emit
