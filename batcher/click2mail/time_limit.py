"""One timer for all requests that are under way, because a timer for each costs as much as parsing its reply."""

from __future__ import annotations

import asyncio
import math
from typing import Protocol


class Awaited(Protocol):
    """What raises an error for whoever waits for it."""

    def set_exception(self, exc: BaseException) -> None: ...


class TimeLimit:
    """Ends waits with ``TimeoutError``, each at its own moment on the loop's clock."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._moments: dict[Awaited, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._next = math.inf  # when the timer goes off: at the earliest moment, or before it

    def begin(self, awaited: Awaited, ends_at: float) -> None:
        """From now on; whoever begins ends it."""
        self._moments[awaited] = ends_at
        if ends_at < self._next:
            self._set_timer(ends_at)

    def end(self, awaited: Awaited) -> None:
        self._moments.pop(awaited, None)

    def _set_timer(self, moment: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._next = moment
        self._timer = self._loop.call_at(moment, self._end_what_is_due)

    def _end_what_is_due(self) -> None:
        now = self._loop.time()
        for awaited in [awaited for awaited, ends_at in self._moments.items() if ends_at <= now]:
            self.end(awaited)
            awaited.set_exception(TimeoutError())
        self._timer, self._next = None, math.inf
        if self._moments:
            self._set_timer(min(self._moments.values()))
