"""
Which lines of a kind are written when there are many. Pure: times are seconds of any steady clock.

What comes in storms and passes (warnings) is limited by time; what stays wrong (errors) by number, so that the first
of a kind are always there. ``omitted`` counts lines that were left out and not yet said to be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

STORM_LINES: Final = 10
STORM_S: Final = 10.0
FIRST_LINES: Final = 20
BRIEF_STORM_LINES: Final = 3
BRIEF_FIRST_LINES: Final = 5
"""Above a bar, which counts them all and must stay in sight."""


@dataclass(slots=True)
class Storm:
    """At most ``lines`` within ``window_s`` seconds, counted from the first of them."""

    lines: int = STORM_LINES
    window_s: float = STORM_S
    omitted: int = 0
    _began: float = float("-inf")
    _seen: int = 0

    def is_over(self, now: float) -> bool:
        """Whether a window has ended that lines were left out of: the moment to say so."""
        return self.omitted > 0 and now - self._began >= self.window_s

    def admits(self, now: float) -> bool:
        """Takes in one more line; whether it is to be written."""
        if now - self._began >= self.window_s:
            self._began, self._seen = now, 0
        self._seen += 1
        self.omitted += self._seen > self.lines
        return self._seen <= self.lines


@dataclass(slots=True)
class Repeats:
    """The first ``lines``, then each whose number is a power of ten. ``seen`` is the number of the last."""

    lines: int = FIRST_LINES
    omitted: int = 0
    seen: int = 0
    _next: int = 1

    def admits(self) -> bool:
        """Takes in one more line; whether it is to be written."""
        self.seen += 1
        is_round = self.seen == self._next
        if is_round:
            self._next *= 10
        self.omitted += not (is_round or self.seen <= self.lines)
        return is_round or self.seen <= self.lines
