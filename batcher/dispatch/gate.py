"""Who may start now: pace, Retry-After and breaker, heard by all workers alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from batcher.core.breaker import Breaker, Phase, is_there, is_trouble
from batcher.core.classify import Verdict, classify
from batcher.core.events import BreakerClosed, BreakerOpened
from batcher.core.outcome import Answer, Fault, in_words
from batcher.core.tally import StopReason

from .context import RunContext
from .hopeless import stop_if_hopeless
from .pacing import Pacing
from .probe import Probe

_WHILE_ASKING_S: Final = 1.0
_BREAKS_AT_LEAST_AT: Final = 5


@dataclass(slots=True)
class Permit:
    """To make one attempt: the breaker's turn in which it was given, and the attempt's number once it is begun."""

    turn: int
    number: int = -1


class Gate:
    """
    Grants permits to start, one an attempt, and listens to every answer.

    ``on_news`` is called when something other than an attempt has changed what may start.
    """

    def __init__(self, context: RunContext, on_news: Callable[[], None]) -> None:
        self._context = context
        self._on_news = on_news
        self.pacing = Pacing(context)
        self._probe = Probe(context, self._hear_probe)
        self._trouble = ""
        self.concurrency = self.pacing.concurrency
        retry = context.plan.retry
        self._breaker = Breaker(backoff_s=retry.backoff_s, max_backoff_s=retry.max_backoff_s)

    def may_go(self, permit: Permit) -> bool:
        """Whether an attempt that already has its permit may still go."""
        return not self.pacing.is_held(self._context.clock.monotonic()) and self._breaker.may_go(permit.turn)

    def permits(self, wanted: int) -> list[Permit]:
        """
        Permits for attempts that may start now, from none to ``wanted``.

        Where a pause of the breaker is over, somebody wanting to start makes it ask whether the remote is back.
        """
        now = self._context.clock.monotonic()
        if self._is_out(now) or self.pacing.wait_s(now) > 0:
            return []
        if wanted and self._breaker.may_probe(now):
            if self.pacing.take(now, 1):
                self._breaker.begin_probe()
                self._probe.start()
            return []
        granted = self.pacing.take(now, self._breaker.room(wanted))
        return [Permit(self._breaker.turn) for _ in range(granted)]

    def wait_s(self) -> float:
        """Seconds until a permit may be had; while a probe or a trial is on its way, until it is worth asking again."""
        now, breaker = self._context.clock.monotonic(), self._breaker
        wait_s = max(self.pacing.wait_s(now), breaker.wait_s(now))
        if breaker.phase in {Phase.PROBING, Phase.TRYING}:
            wait_s = max(wait_s, _WHILE_ASKING_S)
        if breaker.closed:
            return wait_s
        return min(wait_s, max(0.0, self._context.plan.max_outage_s - breaker.outage_s(now)))

    def outage_s(self) -> float:
        """How long there has been nothing but trouble."""
        return self._breaker.outage_s(self._context.clock.monotonic())

    def hear(self, answer: Answer, permit: Permit, took_s: float) -> None:
        """Takes in what one attempt was answered, and after how long."""
        now, breaker = self._context.clock.monotonic(), self._breaker
        self.pacing.hear(answer, number=permit.number, took_s=took_s, now=now)
        trouble = is_trouble(answer)
        if breaker.calm and not trouble:
            return
        if isinstance(answer, Fault) and not trouble:
            breaker.forget_trial(permit.turn)
            return
        breaker.threshold = max(_BREAKS_AT_LEAST_AT, self.concurrency.limit // 4)
        outage_s, was_open = breaker.outage_s(now), not breaker.closed
        if breaker.heard(now, trouble=trouble, turn=permit.turn):
            self._pause(answer, now)
        elif was_open and breaker.closed:
            self._context.emit(BreakerClosed(outage_s=round(outage_s, 1)))

    async def end(self) -> None:
        """Asks nothing more."""
        await self._probe.end()

    def _hear_probe(self, answer: Answer) -> None:
        now, verdict = self._context.clock.monotonic(), classify(answer)
        if isinstance(answer, Fault) or verdict is Verdict.BAD_CREDENTIALS:
            # Other refusals say nothing of the address or the account: not every account may ask for its credit.
            stop_if_hopeless(self._context, verdict, answer, self._breaker.outage_s(now))
        self.pacing.hear_wish(answer, now)
        there = is_there(answer)
        self._breaker.probed(now, there=there)
        if not there:
            self._pause(answer, now)
        self._on_news()

    def _pause(self, answer: Answer, now: float) -> None:
        """The breaker pauses; the run begins gently after it, or ends where there were pauses enough."""
        self.pacing.restart()
        self._trouble = in_words(answer)
        if self._context.stop.requested:
            return
        wait_s, outage_s = self._breaker.wait_s(now), self._breaker.outage_s(now)
        self._context.emit(BreakerOpened(reason=self._trouble, wait_s=round(wait_s, 3), outage_s=round(outage_s, 1)))
        self._is_out(now)

    def _is_out(self, now: float) -> bool:
        """Whether the remote was away for too long; then the run is asked to stop."""
        is_out = not self._breaker.closed and self._breaker.outage_s(now) >= self._context.plan.max_outage_s
        if is_out:
            self._context.stop.request(StopReason.OUTAGE, detail=self._trouble)
        return is_out
