"""
Time that jumps from one thing to the next: an hour of patience takes milliseconds.

A run that waits for nothing is seen at once (``Hung``), and what happens at the same moment happens in the same order
every time.
"""

from __future__ import annotations

import asyncio
import itertools
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")

_MOST_S = 12 * 3600.0


class Hung(AssertionError):
    """Everybody waits, and nothing will ever happen; or things go on happening without end."""


class _Jump(selectors.DefaultSelector):
    """Waits for nothing: where the loop would sleep, time jumps."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 1000.0
        self.ends_at = _MOST_S

    def select(self, timeout: float | None = None) -> list[Any]:
        events = super().select(0)
        if events:
            return events
        if timeout is None:
            raise Hung("everybody waits for ever")
        self.time += max(0.0, timeout)
        if self.time > self.ends_at:
            raise Hung(f"no end after {self.time:.0f} s")
        return []


class _NumberedTask(asyncio.Task[Any]):
    """Hashed by its number and not by its address: a set of tasks has the same order in every play."""

    def __init__(self, number: int, *arguments: Any, **named: Any) -> None:
        self._number = number
        super().__init__(*arguments, **named)

    def __hash__(self) -> int:
        return self._number


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop with a time of its own."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)
        numbers = itertools.count()
        self.set_task_factory(lambda loop, work, **named: _NumberedTask(next(numbers), work, loop=loop, **named))

    def time(self) -> float:
        return self._jump.time

    def skip(self, seconds: float) -> None:
        """Time goes on for everybody else while this process gets none of it, as between SIGSTOP and SIGCONT."""
        self._jump.time += seconds

    def allow(self, seconds: float = _MOST_S) -> None:
        """From now on so much time may pass before it counts as a hang."""
        self._jump.ends_at = self._jump.time + seconds


def play(work: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine in a time of its own."""
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(work)


class LoopClock:
    """The loop's time. ``boot_again`` changes what the boot-time clock counts from, as another boot or host does."""

    def __init__(self) -> None:
        self._booted_at = 0.0
        self.boot = 1

    def boottime(self) -> float:
        return asyncio.get_running_loop().time() - self._booted_at

    def monotonic(self) -> float:
        return self.boottime()

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=asyncio.get_running_loop().time())

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def boot_again(self, uptime_s: float) -> None:
        self._booted_at, self.boot = asyncio.get_running_loop().time() - uptime_s, self.boot + 1
