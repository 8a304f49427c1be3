"""
Questions to the remote outside of a run's attempts: what jobs cost, how they stand.

Few at once, paced like everything else, and asked again while nobody answers. They cost nothing and change nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_result, wait_random_exponential

from batcher.core.events import Observer
from batcher.core.outcome import Fault, FaultKind, Reply, in_words
from batcher.core.pace import Pace
from batcher.core.tally import StopReason

from .pacing import Pacing
from .plan import RunPlan
from .ports import Clock
from .stop import Stop

T = TypeVar("T")

_AT_ONCE: Final = 16
_WRONG_ADDRESS_S: Final = 5.0
_LATER: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


@dataclass(slots=True, kw_only=True)
class Asking:
    """What questions need of a run: its pace, its clock, its patience, and somebody to tell."""

    plan: RunPlan
    clock: Clock
    emit: Observer
    stop: Stop
    pace: Pace


class Inquiry:
    """
    Asks until there is an answer, or until it is told to stop; it stops the run itself where nobody will answer.
    """

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._pacing = Pacing(asking)
        self._room = asyncio.Semaphore(min(_AT_ONCE, asking.plan.concurrency))
        self._trouble_since: float | None = None
        self._answers = 0
        retry = asking.plan.retry
        self._retrying = AsyncRetrying(
            sleep=asking.clock.sleep,
            wait=wait_random_exponential(multiplier=retry.backoff_s, max=retry.max_backoff_s),
            retry=retry_if_result(is_no_answer),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )

    async def ask(self, question: Callable[[], Awaitable[T]]) -> T:
        """
        The answer. It may be none where the run is asked to stop, or where others are answered and this one is not.
        """
        before = self._answers

        def is_vain(state: RetryCallState) -> bool:
            tries = self._asking.plan.retry.max_attempts
            return self._asking.stop.requested or (state.attempt_number >= tries and self._answers > before)

        async def once() -> T:
            async with self._room:
                await self._pacing.turn()
                answer = await question()
            self._hear(answer)
            return answer

        return await self._retrying.copy(stop=is_vain)(once)

    def _hear(self, answer: object) -> None:
        now, stop = self._asking.clock.monotonic(), self._asking.stop
        if isinstance(answer, Reply):
            self._pacing.hear_wish(answer, now)
            if answer.http_status == HTTPStatus.UNAUTHORIZED:
                stop.request(StopReason.CREDENTIALS, detail=in_words(answer))
        if not isinstance(answer, Reply | Fault) or not is_no_answer(answer):
            self._trouble_since, self._answers = None, self._answers + 1
            return
        self._trouble_since = now if self._trouble_since is None else self._trouble_since
        away_s = now - self._trouble_since
        if not self._answers and _is_wrong_address(answer, away_s):
            stop.request(StopReason.ADDRESS, detail=in_words(answer))
        elif away_s >= self._asking.plan.max_outage_s:
            stop.request(StopReason.OUTAGE, detail=in_words(answer))


def is_no_answer(answer: object) -> bool:
    """Whether the question is worth asking again: nobody answered it, or not now."""
    if isinstance(answer, Reply):
        return answer.http_status in _LATER or (answer.http_status >= HTTPStatus.INTERNAL_SERVER_ERROR)
    return isinstance(answer, Fault)


def _is_wrong_address(answer: Reply | Fault, away_s: float) -> bool:
    if not isinstance(answer, Fault):
        return False
    return answer.kind is FaultKind.TLS or (answer.kind is FaultKind.DNS and away_s >= _WRONG_ADDRESS_S)
