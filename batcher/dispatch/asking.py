"""
Questions to the remote before a run: few at once, at the run's own pace, again after a moment's trouble, and not for
ever.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from http import HTTPStatus
from typing import Any, Final, TypeVar

from batcher.core.events import Observer, PaceChanged
from batcher.core.outcome import Fault, Reply, in_words
from batcher.core.pace import Pace
from batcher.core.tally import StopReason

from .ports import Clock
from .stop import Stop

T = TypeVar("T")

AT_ONCE: Final = 4
_TRIES: Final = 3
_FIRST_PAUSE_S: Final = 0.5
_THROTTLED: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


class Asking:
    """``requests`` counts what was asked so far."""

    def __init__(self, *, clock: Clock, emit: Observer, pace: Pace, stop: Stop) -> None:
        self._clock = clock
        self._emit = emit
        self._pace = pace
        self._stop = stop
        self._room = asyncio.Semaphore(AT_ONCE)
        self.requests = 0

    async def ask(self, question: Callable[[], Awaitable[T]]) -> T:
        """
        The answer to a question that changes nothing, so that it may be asked again after trouble that passes.

        Rejected credentials ask the run to stop.
        """
        for tries in itertools.count(1):
            async with self._room:
                await self._turn()
                self.requests += 1
                answer = await question()
            self._hear(answer)
            if tries >= _TRIES or not _passes(answer):
                return answer
            await self._clock.sleep(_FIRST_PAUSE_S * 2 ** (tries - 1))
        raise AssertionError("unreachable")

    async def ask_all(self, questions: Sequence[Callable[[], Awaitable[T]]]) -> list[T]:
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

    async def _turn(self) -> None:
        while not self._pace.take(self._clock.monotonic(), 1):
            await self._clock.sleep(max(self._pace.wait_s(self._clock.monotonic()), 0.001))

    def _hear(self, answer: object) -> None:
        if not isinstance(answer, Reply):
            return
        if answer.http_status == HTTPStatus.UNAUTHORIZED:
            self._stop.request(StopReason.CREDENTIALS, detail=in_words(answer))
        elif answer.http_status in _THROTTLED and answer.retry_after_s is not None:
            now = self._clock.monotonic()
            is_news = now + answer.retry_after_s > max(now, self._pace.not_before + 1.0)
            self._pace.hold_until(now + answer.retry_after_s)
            if is_news:
                wait_s = round(answer.retry_after_s, 3)
                reason = f"HTTP {answer.http_status} with Retry-After"
                self._emit(PaceChanged(reason=reason, wait_s=wait_s, concurrency=AT_ONCE))


def _passes(answer: object) -> bool:
    """Whether the same question may be answered in a moment."""
    if isinstance(answer, Fault):
        return not answer.reached_nothing
    return isinstance(answer, Reply) and (answer.http_status >= 500 or answer.http_status in (408, 429))
