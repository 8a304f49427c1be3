"""
How many requests may be in flight at once: few at first, more while the remote copes, fewer when it does not.

Like TCP's window. It doubles once a round trip until the first strain, and is cut by a third at each, once a round
trip however many answers tell of the same one. What it was then is remembered as the ceiling: below it the number
grows back by half the way a round trip, at it and above only now and then. Strain is a 429, a 503, or latency that has
grown. A failure that the remote reports of a row says nothing here, and neither do faults, which are the breaker's; but
an answer that never came took at least as long as was waited for it. Pure, and without a clock: requests are numbered
as they start, and a round trip is as many answers as may be in flight: the last is to a request that began in it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from .classify import Verdict, classify
from .latency import Latency
from .outcome import Answer, Fault, FaultKind

_FIRST: Final = 4
_KEPT: Final = 0.7
_PATIENT_ROUNDS: Final = 8
"""At the ceiling: good round trips between two steps."""
_STEP: Final = 8
"""At the ceiling: a step is one part in so many."""

_STRAINED: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_LATE: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.GATEWAY_TIMEOUT, 524})
"""Timeouts that somebody on the way tells of."""


@dataclass(slots=True, kw_only=True)
class Concurrency:
    """
    ``limit`` requests at once, from 1 to ``most``, of which ``in_flight`` are under way.

    What started before the last ``restart`` is not counted among them: it hangs on a remote that went away, and those
    who wait to see whether that is back shall not wait for it. Without ``adapts`` the limit is ``most``, whatever
    happens.
    """

    most: int
    adapts: bool = True
    in_flight: int = 0
    limit: int = field(init=False)
    _ceiling: int | None = None
    _started: int = 0
    _restarted: int = 0
    _counts_from: int = 0
    _heard: int = 0
    _used: int = 0
    _good_rounds: int = 0
    _is_steady: bool = True
    _latency: Latency = field(default_factory=Latency)

    def __post_init__(self) -> None:
        self.limit = self._first() if self.adapts else self.most

    @property
    def room(self) -> int:
        """How many more requests may start now."""
        return max(0, self.limit - self.in_flight)

    def start(self) -> int:
        """One more is in flight; returns its number."""
        self.in_flight += 1
        self._used = max(self._used, self.in_flight)
        self._started += 1
        return self._started - 1

    def end(self, number: int) -> None:
        """The one of that number is no longer in flight."""
        self.in_flight -= number >= self._restarted

    def restart(self) -> None:
        """The remote is away: when it is back, it gets few requests at first."""
        if self.adapts:
            self.in_flight, self._restarted = 0, self._started
            self._lower(min(self._first(), self.limit))

    def heard(self, answer: Answer, *, number: int, took_s: float) -> str | None:
        """
        Takes in the answer to the request of that number, and how long it took.

        Returns:
            What strains the remote, in words, when that is news; then less is asked of it, if that is more than one.
        """
        if not self.adapts or number < self._counts_from:
            return None  # what started before the limit was lowered tells of the same strain
        verdict = classify(answer)
        if answer.http_status in _STRAINED:
            return self._shrink(f"HTTP {answer.http_status}")
        if verdict is Verdict.DONE or _is_late(answer):
            self._latency.note(took_s)
        elif verdict is not Verdict.REJECTED:
            return None
        self._heard += 1
        return None if self._heard < self.limit else self._end_round()

    def _first(self) -> int:
        """Few, also of very many: then there are no more than a handful of steps up to all of them."""
        return min(self.most, max(_FIRST, math.isqrt(self.most)))

    def _end_round(self) -> str | None:
        if self._latency.has_grown(is_steady=self._is_steady):
            return self._shrink("answers take longer")
        before = self.limit
        if self._used * 2 > self.limit:  # what was not made use of has shown nothing
            self.limit = min(self.most, self._grown())
        self._is_steady = self.limit == before
        self._begin_round()
        return None

    def _grown(self) -> int:
        if self._ceiling is None:
            return self.limit * 2
        below = self._ceiling - 1 - self.limit
        if below > 0:
            return self.limit + (below + 1) // 2
        self._good_rounds += 1
        return self.limit if self._good_rounds % _PATIENT_ROUNDS else self.limit + max(1, self.limit // _STEP)

    def _shrink(self, reason: str) -> str:
        self._ceiling = min(self.limit, max(1, self._used))
        self._lower(max(1, int(self._ceiling * _KEPT)))
        return reason

    def _lower(self, limit: int) -> None:
        self.limit, self._counts_from, self._good_rounds = limit, self._started, 0
        self._is_steady = True
        self._latency.forget()
        self._begin_round()

    def _begin_round(self) -> None:
        self._heard, self._used = 0, self.in_flight


def _is_late(answer: Answer) -> bool:
    return answer.http_status in _LATE or (isinstance(answer, Fault) and answer.kind is FaultKind.TIMEOUT)
