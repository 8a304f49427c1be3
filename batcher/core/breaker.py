"""
Trouble that is the run's and not a row's: pause everybody, try with one row, go on.

The breaker counts answers that mean "the remote is not there" in a row. Pure: times are seconds of any steady clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .classify import Verdict, classify
from .outcome import Answer, Fault, FaultKind

_OURS: Final = frozenset({FaultKind.STALE_INTENT, FaultKind.WITHHELD, FaultKind.CANCELLED})
"""Faults of our own making, which say nothing about the remote."""


def is_trouble(answer: Answer) -> bool:
    """
    Whether an answer speaks of an outage rather than of its row.

    Nobody answered, or somebody did who is not the vendor: a page from the edge, a stranger at a wrong address. Every
    such answer to a row that was sent leaves it in doubt, so it must not happen to all of them.
    """
    if isinstance(answer, Fault):
        return answer.kind not in _OURS
    return answer.code is None and classify(answer) is Verdict.NO_VERDICT


@dataclass(slots=True, kw_only=True)
class Breaker:
    """
    Closed, open until a moment, or trying with one row.

    It opens after ``threshold`` troubles in a row, for ``backoff_s``, then twice as long each time the trial fails, at
    most ``max_backoff_s``.
    """

    threshold: int = 5
    backoff_s: float = 0.5
    max_backoff_s: float = 30.0
    in_a_row: int = 0
    open_until: float | None = None
    trying: bool = False
    troubled_since: float | None = None
    _pause_s: float = 0.0

    @property
    def closed(self) -> bool:
        return self.open_until is None

    def room(self, now: float, wanted: int) -> int:
        """How many of ``wanted`` attempts may start: all, none, or one to try with."""
        if self.open_until is None:
            return wanted
        if now < self.open_until or self.trying or wanted < 1:
            return 0
        self.trying = True
        return 1

    def wait_s(self, now: float) -> float:
        """Seconds until an attempt may be worth trying; 0 also while a trial is on its way."""
        return 0.0 if self.open_until is None else max(0.0, self.open_until - now)

    def heard(self, now: float, *, trouble: bool) -> bool:
        """
        Takes note of an answer; ``now`` is when it came.

        Returns:
            True when this answer opened the breaker, or kept it open after a trial.
        """
        if not trouble:
            self.in_a_row, self.open_until, self.trying, self.troubled_since, self._pause_s = 0, None, False, None, 0.0
            return False
        self.in_a_row += 1
        if self.troubled_since is None:
            self.troubled_since = now
        is_news = self.trying if self.open_until is not None else self.in_a_row >= self.threshold
        if is_news:
            self._pause_s = min(self.max_backoff_s, self._pause_s * 2 or self.backoff_s)
            self.open_until, self.trying = now + self._pause_s, False
        return is_news

    def forget_trial(self) -> None:
        """The trial came to nothing (it was never sent): another may take its place."""
        self.trying = False

    def outage_s(self, now: float) -> float:
        """How long the remote has answered with nothing but trouble."""
        return 0.0 if self.troubled_since is None else now - self.troubled_since
