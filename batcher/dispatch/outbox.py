"""
Rows with committed intents on their way out: rows wait here for workers, or workers for rows.

There are as many workers as requests may ever be in flight; how many of them get a row now, the concurrency says.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable
from typing import Final

from batcher.core.concurrency import Concurrency

from .errand import Errand
from .ports import Clock

_REMEMBERED_S: Final = 10.0
"""Long enough that workers who come back all at once, from slow requests, are not taken for many quick ones."""


class Outbox:
    """
    One for all workers.

    ``in_flight`` counts rows that were handed out and not seen to; ``on_free`` is called when a worker is free again,
    and when nothing is left for the others.
    """

    def __init__(self, clock: Clock, concurrency: Concurrency, on_free: Callable[[], None]) -> None:
        self._clock = clock
        self._concurrency = concurrency
        self._on_free = on_free
        self._ready: deque[Errand] = deque()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._first_start: float | None = None
        self._sent_at: deque[float] = deque()
        self._idle_workers = 0
        self._most_at_once = concurrency.limit
        self.in_flight = 0
        self.closed = False

    def __len__(self) -> int:
        """Errands that wait for a worker."""
        return len(self._ready)

    @property
    def free_workers(self) -> int:
        """Workers that could take a row now."""
        return min(self._idle_workers, self._concurrency.room)

    async def next(self) -> Errand | None:
        """The next row to send, to be followed by ``done``; None when there will be none any more."""
        self._idle_workers += 1
        self._on_free()
        try:
            while not self.closed and not (self._ready and self._concurrency.room):
                turn = asyncio.get_running_loop().create_future()
                self._waiting.append(turn)
                await turn
            if self.closed:
                return None
            errand = self._ready.popleft()
            if not self._ready:
                self._on_free()
            errand.permit.number = self._concurrency.start()
            self.in_flight += 1
            if self._first_start is None:
                self._first_start = self._clock.monotonic()
            return errand
        finally:
            self._idle_workers -= 1

    def done(self, errand: Errand, *, sent: bool) -> None:
        """
        A row that was handed out has been seen to; others may go, more than one where the concurrency has grown.

        Args:
            sent: It was not taken back, or refused, before a byte of it left.
        """
        self.in_flight -= 1
        if sent:
            self._sent_at.append(self._clock.monotonic())
            self._forget()
        self._concurrency.end(errand.permit.number)
        # One of them goes to the worker that says so, which comes back at once.
        self._wake(min(len(self._ready), self._concurrency.room) - 1)

    def put(self, errands: list[Errand]) -> None:
        """Offers rows; after ``close`` they only wait to be taken back."""
        self._ready.extend(errands)
        self._wake(min(len(self._ready), self._concurrency.room))

    def sent_a_second(self) -> int:
        """Rows sent a second lately, rounded up; since the concurrency was lowered, if it was."""
        self._forget()
        if self._first_start is None:
            return 0
        seconds = min(_REMEMBERED_S, max(1.0, self._clock.monotonic() - self._first_start))
        return math.ceil(len(self._sent_at) / seconds)

    def close(self) -> None:
        """Hands out nothing more."""
        self.closed = True
        self._wake(len(self._waiting))

    def take_back(self) -> list[Errand]:
        """What was offered and not handed out."""
        errands = list(self._ready)
        self._ready.clear()
        return errands

    def _forget(self) -> None:
        if self._concurrency.limit < self._most_at_once:
            # What went out when more were allowed would have too many intents recorded, and they would go stale.
            self._sent_at.clear()
            self._first_start = self._clock.monotonic()
        self._most_at_once = self._concurrency.limit
        forgotten = self._clock.monotonic() - _REMEMBERED_S
        while self._sent_at and self._sent_at[0] < forgotten:
            self._sent_at.popleft()

    def _wake(self, count: int) -> None:
        while count > 0 and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                count -= 1
