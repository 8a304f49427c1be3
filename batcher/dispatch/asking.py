"""
Questions to the remote beside a run's attempts: few at once, at the run's own pace, again after trouble that passes.

They change nothing and cost nothing, so they may be asked again, and are broken off when somebody asks to stop.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from http import HTTPStatus
from typing import Any, Final, TypeVar

from batcher.core.events import Observer, PaceChanged
from batcher.core.outcome import Fault, FaultKind, Reply, in_words
from batcher.core.pace import Pace
from batcher.core.tally import StopReason

from .ports import Clock
from .stop import Stop

T = TypeVar("T")

AT_ONCE: Final = 4
_TRIES: Final = 3
_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 30.0
_SAME_PAUSE_S: Final = 1.0
_WRONG_ADDRESS_S: Final = 5.0
_THROTTLED: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_LATER: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
_STOPPED: Final = Fault(kind=FaultKind.CANCELLED, detail="somebody asked to stop")


class Asking:
    """
    ``requests`` counts what was asked so far.

    With ``max_outage_s`` a question is asked for as long as nobody answers any, and an outage of that length, or an
    address at which nobody we know lives, asks the run to stop. Without it three tries are enough.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        emit: Observer,
        pace: Pace,
        stop: Stop,
        at_once: int = AT_ONCE,
        max_outage_s: float | None = None,
    ) -> None:
        self._clock = clock
        self._emit = emit
        self._pace = pace
        self._stop = stop
        self._at_once = at_once
        self._room = asyncio.Semaphore(at_once)
        self._max_outage_s = max_outage_s
        self._answers = 0
        self._trouble_since: float | None = None
        self.requests = 0

    async def ask(self, question: Callable[[], Awaitable[T]]) -> T | Fault:
        """
        The answer, or the last trouble where there was none. Rejected credentials ask the run to stop.
        """
        answers_before: list[int] = []
        for tries in itertools.count(1):
            answer = await self._unless_stopped(self._once(question, answers_before))
            if not is_trouble(answer) or self._stop.requested or self._is_enough(tries, answer, answers_before[0]):
                return answer
            pause_s = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** (tries - 1))
            await self._unless_stopped(self._clock.sleep(pause_s))
        raise AssertionError("unreachable")

    async def ask_all(self, questions: Sequence[Callable[[], Awaitable[T]]]) -> list[T | Fault]:
        """The answers in the order of the questions."""
        return list(await asyncio.gather(*(self.ask(question) for question in questions)))

    async def within(self, limit_s: float, work: Coroutine[Any, Any, None]) -> bool:
        """Whether some work came to its end in time; it is broken off at the limit, or when somebody asks to stop."""
        task = asyncio.create_task(work)
        others = [asyncio.create_task(self._clock.sleep(limit_s)), asyncio.create_task(self._stop.wait())]
        try:
            await asyncio.wait([task, *others], return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                task.result()
            return task.done()
        finally:
            for one in (task, *others):
                one.cancel()
            await asyncio.gather(task, *others, return_exceptions=True)

    async def _once(self, question: Callable[[], Awaitable[T]], answers_before: list[int]) -> T:
        async with self._room:
            while not self._pace.take(self._clock.monotonic(), 1):
                await self._clock.sleep(max(self._pace.wait_s(self._clock.monotonic()), 0.001))
            self.requests += 1
            # At its first try: what was answered while it waited for its turn says nothing of its chances.
            answers_before.append(self._answers)
            answer = await question()
        self._hear(answer)
        return answer

    async def _unless_stopped(self, work: Coroutine[Any, Any, T]) -> T | Fault:
        task, stop = asyncio.create_task(work), asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else _STOPPED
        finally:
            task.cancel()
            stop.cancel()
            await asyncio.gather(task, stop, return_exceptions=True)

    def _is_enough(self, tries: int, answer: object, answers_before: int) -> bool:
        if self._max_outage_s is None:
            return tries >= _TRIES or (isinstance(answer, Fault) and answer.reached_nothing)
        return tries >= _TRIES and self._answers > answers_before

    def _hear(self, answer: object) -> None:
        now = self._clock.monotonic()
        if isinstance(answer, Reply):
            self._hear_wish(answer, now)
            if answer.http_status == HTTPStatus.UNAUTHORIZED:
                self._stop.request(StopReason.CREDENTIALS, detail=in_words(answer))
        if not isinstance(answer, Reply | Fault) or not is_trouble(answer):
            self._answers, self._trouble_since = self._answers + 1, None
            return
        self._trouble_since = now if self._trouble_since is None else self._trouble_since
        self._hear_trouble(answer, now - self._trouble_since)

    def _hear_trouble(self, answer: Reply | Fault, away_s: float) -> None:
        if self._max_outage_s is None:
            return
        if not self._answers and _is_wrong_address(answer, away_s):
            self._stop.request(StopReason.ADDRESS, detail=in_words(answer))
        elif away_s >= self._max_outage_s:
            self._stop.request(StopReason.OUTAGE, detail=in_words(answer))

    def _hear_wish(self, answer: Reply, now: float) -> None:
        if answer.http_status not in _THROTTLED or answer.retry_after_s is None:
            return
        is_news = now + answer.retry_after_s > max(now, self._pace.not_before + _SAME_PAUSE_S)
        self._pace.hold_until(now + answer.retry_after_s)
        if is_news:
            wait_s, reason = round(answer.retry_after_s, 3), f"HTTP {answer.http_status} with Retry-After"
            self._emit(PaceChanged(reason=reason, wait_s=wait_s, concurrency=self._at_once))


def is_trouble(answer: object) -> bool:
    """Whether nobody answered, or not now: the same question may be answered in a moment."""
    if isinstance(answer, Reply):
        return answer.http_status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.http_status in _LATER
    return isinstance(answer, Fault)


def _is_wrong_address(answer: Reply | Fault, away_s: float) -> bool:
    if not isinstance(answer, Fault):
        return False
    return answer.kind is FaultKind.TLS or (answer.kind is FaultKind.DNS and away_s >= _WRONG_ADDRESS_S)
