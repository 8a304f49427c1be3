"""
Trouble that is the run's and not a row's: pause everybody, ask whether somebody is there, try with one row, go on.

The breaker counts answers that mean "the remote is not there" in a row. A pause ends with a probe, a harmless question
that costs no row anything; only when somebody answers it, one row goes as a trial. Pure: times are seconds of any
steady clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus
from typing import Final

from .classify import Verdict, classify
from .outcome import Answer, Fault, FaultKind

_OURS: Final = frozenset({FaultKind.STALE_INTENT, FaultKind.WITHHELD, FaultKind.CANCELLED})
"""Faults of our own making, which say nothing about the remote."""

_WITHOUT_VERDICT: Final = frozenset({Verdict.NO_VERDICT, Verdict.REDIRECTED})
_NOT_NOW: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


def is_trouble(answer: Answer) -> bool:
    """
    Whether an answer to a row speaks of an outage rather than of its row.

    Nobody answered, or somebody did who is not the vendor: a page from the edge, a stranger at a wrong address. Every
    such answer to a row that was sent leaves it in doubt, so it must not happen to all of them.
    """
    if isinstance(answer, Fault):
        return answer.kind not in _OURS
    return answer.code is None and classify(answer) in _WITHOUT_VERDICT


def is_there(answer: Answer) -> bool:
    """
    Whether the answer to a probe shows that somebody is there to take a row.

    Its content does not matter, because not every account may ask that question; a refusal is an answer. A redirect
    leads elsewhere, and 408 and 429 ask to come again later.
    """
    if isinstance(answer, Fault):
        return False
    status = answer.http_status
    return status < 500 and not 300 <= status < 400 and status not in _NOT_NOW


class Phase(Enum):
    """What the breaker lets happen: all, nothing for a while, a probe, one row, or nothing beside that row."""

    CLOSED = auto()
    PAUSED = auto()
    PROBING = auto()
    ADMITTING = auto()
    TRYING = auto()


@dataclass(slots=True, kw_only=True)
class Breaker:
    """
    It opens after ``threshold`` troubles in a row, for ``backoff_s``, then twice as long each time a probe or a trial
    fails, at most ``max_backoff_s``.

    Each pause begins another ``turn``. Whoever may start is told the turn of that moment, and brings it back with the
    answer: what was begun before a pause neither ends nor prolongs it, and is no answer to a trial.
    """

    threshold: int = 5
    backoff_s: float = 0.5
    max_backoff_s: float = 30.0
    phase: Phase = Phase.CLOSED
    turn: int = 0
    in_a_row: int = 0
    open_until: float = 0.0
    troubled_since: float | None = None
    _pause_s: float = 0.0

    @property
    def closed(self) -> bool:
        return self.phase is Phase.CLOSED

    @property
    def calm(self) -> bool:
        """Whether there was no trouble lately, nor any to get over."""
        return self.phase is Phase.CLOSED and not self.in_a_row

    def may_go(self, turn: int) -> bool:
        """Whether somebody who was let start in that turn, and has not started yet, still may."""
        return turn == self.turn and (self.phase is Phase.CLOSED or self.phase is Phase.TRYING)

    def room(self, wanted: int) -> int:
        """How many of ``wanted`` attempts may start: all, none, or one to try with."""
        if self.phase is Phase.CLOSED:
            return wanted
        if self.phase is not Phase.ADMITTING or wanted < 1:
            return 0
        self.phase = Phase.TRYING
        return 1

    def may_probe(self, now: float) -> bool:
        """Whether a pause is over and nobody has asked yet if somebody is there."""
        return self.phase is Phase.PAUSED and now >= self.open_until

    def begin_probe(self) -> None:
        self.phase = Phase.PROBING

    def probed(self, now: float, *, there: bool) -> None:
        """Takes note of how the probe ended: one row may go, or another pause begins."""
        if there:
            self.phase = Phase.ADMITTING
        else:
            self._pause(now)

    def wait_s(self, now: float) -> float:
        """Seconds until something may be worth trying; 0 also while a probe or a trial is on its way."""
        return max(0.0, self.open_until - now) if self.phase is Phase.PAUSED else 0.0

    def heard(self, now: float, *, trouble: bool, turn: int) -> bool:
        """
        Takes note of the answer to an attempt that was let start in that turn.

        Returns:
            True when this answer opened the breaker, or kept it open after a trial.
        """
        if turn != self.turn:
            return False
        if not trouble:
            self.phase, self.in_a_row, self.troubled_since, self._pause_s = Phase.CLOSED, 0, None, 0.0
            return False
        self.in_a_row += 1
        if self.troubled_since is None:
            self.troubled_since = now
        is_news = self.phase is Phase.TRYING or self.in_a_row >= self.threshold
        if is_news:
            self._pause(now)
        return is_news

    def forget_trial(self, turn: int) -> None:
        """A trial that was let start in that turn was never sent: another row may take its place."""
        if turn == self.turn and self.phase is Phase.TRYING:
            self.phase = Phase.ADMITTING

    def outage_s(self, now: float) -> float:
        """How long the remote has answered with nothing but trouble."""
        return 0.0 if self.troubled_since is None else now - self.troubled_since

    def _pause(self, now: float) -> None:
        self._pause_s = min(self.max_backoff_s, self._pause_s * 2 or self.backoff_s)
        self.phase, self.open_until, self.turn = Phase.PAUSED, now + self._pause_s, self.turn + 1
