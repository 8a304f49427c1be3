"""Rows with committed intents on their way out: rows wait here for workers, or workers for rows."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from batcher.core.row import Row
from batcher.core.sending import Deadline

from .attempt import Attempted
from .ports import Clock

_REMEMBERED_S: Final = 10.0
"""Long enough that workers who come back all at once, from slow requests, are not taken for many quick ones."""


@dataclass(slots=True)
class Errand:
    """A row to send now. ``answer`` is there when somebody waits to hear how it went."""

    row: Row
    send_by: Deadline
    answer: asyncio.Future[Attempted] | None


class Outbox:
    """
    One for all workers.

    ``free_workers`` counts those that wait here; ``on_free`` is called when there is one more.
    """

    def __init__(self, clock: Clock, on_free: Callable[[], None]) -> None:
        self._clock = clock
        self._on_free = on_free
        self._ready: deque[Errand] = deque()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._first_start: float | None = None
        self._started_at: deque[float] = deque()
        self.free_workers = 0
        self.closed = False

    def __len__(self) -> int:
        """Errands that wait for a worker."""
        return len(self._ready)

    async def next(self) -> Errand | None:
        """The next row to send; None when there will be none any more."""
        self.free_workers += 1
        self._on_free()
        try:
            while not self.closed and not self._ready:
                turn = asyncio.get_running_loop().create_future()
                self._waiting.append(turn)
                await turn
            if self.closed:
                return None
            self._note_start()
            return self._ready.popleft()
        finally:
            self.free_workers -= 1

    def put(self, errands: list[Errand]) -> None:
        """Offers rows; after ``close`` they only wait to be taken back."""
        self._ready.extend(errands)
        self._wake(len(errands))

    def started_a_second(self) -> int:
        """Rows handed out a second lately, rounded up."""
        self._forget_starts()
        if self._first_start is None:
            return 0
        seconds = min(_REMEMBERED_S, max(1.0, self._clock.monotonic() - self._first_start))
        return math.ceil(len(self._started_at) / seconds)

    def close(self) -> None:
        """Hands out nothing more."""
        self.closed = True
        self._wake(len(self._waiting))

    def take_back(self) -> list[Row]:
        """The rows that were offered and not handed out."""
        rows = [errand.row for errand in self._ready]
        self._ready.clear()
        return rows

    def _note_start(self) -> None:
        self._started_at.append(self._clock.monotonic())
        if self._first_start is None:
            self._first_start = self._started_at[0]
        self._forget_starts()

    def _forget_starts(self) -> None:
        forgotten = self._clock.monotonic() - _REMEMBERED_S
        while self._started_at and self._started_at[0] < forgotten:
            self._started_at.popleft()

    def _wake(self, count: int) -> None:
        while count and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                count -= 1
