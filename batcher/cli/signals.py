"""SIGTERM and SIGINT ask the run to stop; asked again, it stops at once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from batcher.core.tally import StopReason
from batcher.dispatch.stop import Stop

_REASONS = {signal.SIGTERM: StopReason.SIGTERM, signal.SIGINT: StopReason.SIGINT}


@contextmanager
def stopping(stop: Stop) -> Iterator[None]:
    """While inside, signals go to ``stop`` instead of ending the process."""
    loop = asyncio.get_running_loop()
    asked: set[StopReason] = set()

    def ask(reason: StopReason) -> None:
        if asked:
            stop.hurry()
        asked.add(reason)
        stop.request(reason)

    for number, reason in _REASONS.items():
        loop.add_signal_handler(number, ask, reason)
    try:
        yield
    finally:
        for number in _REASONS:
            loop.remove_signal_handler(number)
