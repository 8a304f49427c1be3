"""
For how long the remote did not answer look-ups.

Whatever the remote is at work on may stand still with it, and go on when it is back: such time does not count as time
in which a job would have appeared.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from .job import JobAnswer, JobStatus
from .look import Seen
from .outcome import Listing, LookUpAnswer, Reply


@dataclass(slots=True)
class Silence:
    """
    When the remote did not answer look-ups, whoever asked: from the last that was answered to the next that was.

    It may have fallen silent right after the last answer, and that is what counts: half a minute may pass between two
    looks. Where none was answered before, the first that failed begins it.
    """

    _spans: list[tuple[float, float]] = field(default_factory=list)
    _since: float | None = None
    _last_answer: float = -math.inf

    def note(self, seen: Seen) -> None:
        """Takes in one look-up."""
        if not answers(seen.answer):
            if self._since is None:
                self._since = seen.asked_at if self._last_answer == -math.inf else self._last_answer
            return
        self._last_answer = max(self._last_answer, seen.asked_at)
        if self._since is not None and self._since < seen.asked_at:
            self._spans.append((self._since, seen.asked_at))
        self._since = None

    def after(self, moment: float, *, until: float | None = None) -> float:
        """Seconds of silence since ``moment``: what is over, and with ``until`` what goes on until then as well."""
        spans = [*self._spans, (self._since, until)] if self._since is not None and until is not None else self._spans
        return sum(ends - max(begins, moment) for begins, ends in spans if ends > moment)


def answers(answer: LookUpAnswer | JobAnswer) -> bool:
    """Whether somebody was there who answers look-ups, be it with a refusal."""
    return isinstance(answer, Listing | JobStatus) or (isinstance(answer, Reply) and answer.http_status < 500)
