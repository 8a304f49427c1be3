"""How fast and how many at once, as the settings allow and the remote asks for; and saying so when that changes."""

from __future__ import annotations

import math
from typing import Final

from batcher.core.concurrency import Concurrency
from batcher.core.events import ConcurrencyChanged, PaceChanged
from batcher.core.job import JobAnswer
from batcher.core.outcome import Answer, LookUpAnswer, Reply

from .context import RunContext

_THROTTLED: Final = frozenset({429, 503})
_SAME_PAUSE_S: Final = 1.0
"""A pause that ends later than the one before it by less than this is the same one: many rows are told of it."""
_TELL_EVERY_S: Final = 10.0
"""On its way down the concurrency changes once a round trip; it is said now and then."""


class Pacing:
    """Pace and concurrency of one run."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._pace = context.pace
        self._told_at = -math.inf
        self.concurrency = Concurrency(most=context.plan.concurrency, adapts=context.plan.adaptive)
        self._tell_concurrency(0)

    def is_held(self, now: float) -> bool:
        """Whether the remote has asked to wait."""
        return self._pace.not_before > now

    def wait_s(self, now: float) -> float:
        """Seconds until the next permit."""
        return self._pace.wait_s(now)

    def take(self, now: float, wanted: int) -> int:
        """Permits granted now, from 0 to ``wanted``."""
        return self._pace.take(now, wanted)

    async def turn(self) -> None:
        """Waits until one request may be made that is no attempt: pace and ``Retry-After`` hold for all alike."""
        clock = self._context.clock
        while not self._pace.take(clock.monotonic(), 1):
            await clock.sleep(max(self._pace.wait_s(clock.monotonic()), 0.001))

    def hear(self, answer: Answer, *, number: int, took_s: float, now: float) -> None:
        """Takes in the answer to the attempt of that number, and how long it took."""
        before = self.concurrency.limit
        strain = self.concurrency.heard(answer, number=number, took_s=took_s)
        self._tell_concurrency(before)
        if strain is not None and before == 1 and answer.http_status in _THROTTLED:
            # Even one at a time is too much, and rows would use up their tries: all wait as one row would.
            self._pace.hold_until(now + self._context.plan.retry.backoff_s)
        is_told = self.hear_wish(answer, now)
        if strain is not None and not is_told and now - self._told_at >= _TELL_EVERY_S:
            self._tell_pace(strain, now)

    def hear_wish(self, answer: Answer | LookUpAnswer | JobAnswer, now: float) -> bool:
        """Waits as long as the answer asks for; whether that is another pause than the one there is."""
        if not isinstance(answer, Reply) or answer.http_status not in _THROTTLED or answer.retry_after_s is None:
            return False
        asked_s = answer.retry_after_s
        is_news = now + asked_s > max(now, self._pace.not_before + _SAME_PAUSE_S)
        self._pace.hold_until(now + asked_s)
        if is_news:
            self._tell_pace(f"HTTP {answer.http_status} with Retry-After", now)
        return is_news

    def restart(self) -> None:
        """The remote is away: when it is back, few requests go at first."""
        before = self.concurrency.limit
        self.concurrency.restart()
        self._tell_concurrency(before)

    def _tell_concurrency(self, before: int) -> None:
        concurrency = self.concurrency
        if concurrency.limit != before:
            self._context.emit(ConcurrencyChanged(limit=concurrency.limit, most=concurrency.most))

    def _tell_pace(self, reason: str, now: float) -> None:
        self._told_at = now
        wait_s = round(max(0.0, self._pace.not_before - now), 3)
        self._context.emit(PaceChanged(reason=reason, wait_s=wait_s, concurrency=self.concurrency.limit))
