"""Who may start now: pace, Retry-After and breaker, heard by all workers alike."""

from __future__ import annotations

from batcher.core.breaker import Breaker, is_trouble
from batcher.core.events import BreakerClosed, BreakerOpened, PaceChanged
from batcher.core.outcome import Answer, Fault, Listing, LookUpAnswer, Reply
from batcher.core.pace import Pace
from batcher.core.tally import StopReason

from .context import RunContext

_WHILE_TRYING_S = 0.1
_THROTTLED = frozenset({429, 503})


class Gate:
    """Grants permits to start, one an attempt, and listens to every answer."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._pace = Pace(context.plan.rate_per_s)
        retry = context.plan.retry
        self._breaker = Breaker(
            threshold=max(5, context.plan.concurrency // 4),
            backoff_s=retry.backoff_s,
            max_backoff_s=retry.max_backoff_s,
        )

    @property
    def is_open(self) -> bool:
        """Whether an attempt that already has its permit may still go."""
        is_asked_to_wait = self._pace.not_before > self._context.clock.monotonic()
        return not is_asked_to_wait and (self._breaker.closed or self._breaker.trying)

    def permits(self, wanted: int) -> int:
        """How many attempts may start now, from 0 to ``wanted``."""
        now = self._context.clock.monotonic()
        if self._pace.wait_s(now) > 0:
            return 0
        return self._pace.take(now, self._breaker.room(now, wanted))

    async def turn(self) -> None:
        """Waits until one request may be made that is no attempt: pace and Retry-After hold for all alike."""
        clock = self._context.clock
        while not self._pace.take(clock.monotonic(), 1):
            await clock.sleep(max(self._pace.wait_s(clock.monotonic()), 0.001))

    def hear_look(self, answer: LookUpAnswer) -> None:
        """Takes in what a look-up was answered: it may ask everybody to wait."""
        if not isinstance(answer, Listing):
            self._hear_retry_after(answer, self._context.clock.monotonic())

    def wait_s(self) -> float:
        """Seconds until a permit may be had; while a trial is on its way, until it is worth asking again."""
        now = self._context.clock.monotonic()
        if self._breaker.trying:
            return _WHILE_TRYING_S
        return max(self._pace.wait_s(now), self._breaker.wait_s(now))

    def outage_s(self) -> float:
        """How long there has been nothing but trouble."""
        return self._breaker.outage_s(self._context.clock.monotonic())

    def hear(self, answer: Answer) -> None:
        """Takes in what one attempt was answered."""
        now = self._context.clock.monotonic()
        if isinstance(answer, Fault) and not is_trouble(answer):
            self._breaker.forget_trial()
            return
        self._hear_retry_after(answer, now)
        outage_s = self._breaker.outage_s(now)
        was_open = not self._breaker.closed
        opened = self._breaker.heard(now, trouble=is_trouble(answer))
        if opened and not self._context.stop.requested:
            self._context.emit(
                BreakerOpened(
                    reason=_reason(answer),
                    wait_s=round(self._breaker.wait_s(now), 3),
                    outage_s=round(self._breaker.outage_s(now), 1),
                )
            )
            if self._breaker.outage_s(now) >= self._context.plan.max_outage_s:
                self._context.stop.request(StopReason.OUTAGE, detail=_reason(answer))
        elif was_open and self._breaker.closed:
            self._context.emit(BreakerClosed(outage_s=round(outage_s, 1)))

    def _hear_retry_after(self, answer: Answer, now: float) -> None:
        if isinstance(answer, Reply) and answer.http_status in _THROTTLED and answer.retry_after_s is not None:
            is_news = self._pace.wait_s(now) < answer.retry_after_s
            self._pace.hold_until(now + answer.retry_after_s)
            if is_news:
                self._context.emit(
                    PaceChanged(reason=f"HTTP {answer.http_status} with Retry-After", wait_s=answer.retry_after_s)
                )


def _reason(answer: Answer) -> str:
    return f"{answer.kind}: {answer.detail}" if isinstance(answer, Fault) else f"HTTP {answer.http_status}"
