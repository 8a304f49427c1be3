"""SIGTERM and SIGINT ask the run to stop; asked again, it gives up what is in flight; a third time kills it."""

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
    is_asked = False

    def ask(reason: StopReason) -> None:
        nonlocal is_asked
        if is_asked:
            stop.hurry()
            _let_the_next_kill(loop)
        is_asked = True
        stop.request(reason)

    for number, reason in _REASONS.items():
        loop.add_signal_handler(number, ask, reason)
    try:
        yield
    finally:
        for number in _REASONS:
            loop.remove_signal_handler(number)


def _let_the_next_kill(loop: asyncio.AbstractEventLoop) -> None:
    """What the ledger does in one piece, a long load say, hears no signal; the way out is as safe as ``kill -9``."""
    for number in _REASONS:
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)
