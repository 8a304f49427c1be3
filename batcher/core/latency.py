"""
Whether answers take long compared with how long they took before.

Latencies scatter widely, so nothing is read into a single one: what counts is the geometric mean of a good many, which
one answer that took a hundred times as long moves by a seventh. It is compared with the lowest such mean, which
is forgotten slowly: a record that came by luck must not be held against the remote all night.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

_ENOUGH: Final = 32
"""Answers that a mean is made of, at least."""

_GROWN: Final = 2.0
_SLACK_S: Final = 0.2
"""A mean has grown when it is above ``_GROWN`` times the lowest and this: some ms more are nobody's trouble."""

_MEMORY: Final = 256
"""Means that the lowest one is remembered for, roughly."""

_HELPED: Final = 0.9
"""Having asked for less has helped when the mean fell below this part of what it was."""

_SHORTEST_S: Final = 0.001


@dataclass(slots=True)
class Latency:
    """Takes in how long answers took, in seconds, and judges them in batches."""

    lowest_s: float = math.inf
    _logs: float = 0.0
    _noted: int = 0
    _before_s: float = math.inf

    def note(self, seconds: float) -> None:
        self._logs += math.log(max(_SHORTEST_S, seconds))
        self._noted += 1

    def forget(self) -> None:
        """Drops what was noted since the last judgement."""
        self._logs, self._noted = 0.0, 0

    def has_grown(self, *, is_steady: bool) -> bool:
        """
        Whether what was noted since the last time took so long that less should be asked of the remote.

        False as long as too little was noted, and also when less was asked of it already and that did not help: then
        its slowness is not of our making, and it becomes what is usual.

        Args:
            is_steady: All of it was asked with the same number in flight, so that less can be seen to help.
        """
        if self._noted < _ENOUGH:
            return False
        mean_s = math.exp(self._logs / self._noted)
        self.forget()
        before_s, self._before_s = self._before_s, math.inf
        if mean_s <= self.lowest_s:
            self.lowest_s = mean_s
            return False
        self.lowest_s += (mean_s - self.lowest_s) / _MEMORY
        if mean_s <= _GROWN * self.lowest_s + _SLACK_S:
            return False
        if mean_s > _HELPED * before_s:
            self.lowest_s = mean_s
            return False
        self._before_s = mean_s if is_steady else math.inf
        return True
