"""
How fast attempts may start: a generic cell rate algorithm with a hand-driven clock.

A permit belongs to one attempt. Permits are granted in small batches, about 50 ms worth, so that a high rate does not
cost a timer a row and a low one does not come in bursts.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

_RATE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(?:/\s*(s|sec|second|min|minute|m|h|hour))?", re.ASCII)
_UNITS: Final[dict[str, int]] = {
    "s": 1,
    "sec": 1,
    "second": 1,
    "m": 60,
    "min": 60,
    "minute": 60,
    "h": 3600,
    "hour": 3600,
}
_BATCH_S: Final = 0.05


def parse_rate(text: str) -> float:
    """
    Attempts a second from ``10/s``, ``100/min`` or ``3000/h``; a bare number is a second's.

    Raises:
        ValueError: for anything else, and for a rate of 0 or without end.
    """
    match = _RATE.fullmatch(text.strip())
    per_s = 0.0 if match is None else float(match[1]) / _UNITS[match[2] or "s"]
    if not 0 < per_s < math.inf:
        raise ValueError(f"{text!r} is no rate; write it like 10/s, 100/min or 3000/h")
    return per_s


@dataclass(slots=True)
class Pace:
    """Grants permits at ``per_s`` a second (None: without limit), none before ``not_before``. Times are seconds."""

    per_s: float | None
    not_before: float = 0.0
    _next_at: float = 0.0

    def hold_until(self, moment: float) -> None:
        """Nobody starts before ``moment``: what a ``Retry-After`` asks of everybody."""
        self.not_before = max(self.not_before, moment)

    def wait_s(self, now: float) -> float:
        """Seconds until the next permit."""
        return max(0.0, self.not_before - now, self._next_at - now)

    def take(self, now: float, wanted: int) -> int:
        """Permits granted now, from 0 to ``wanted``."""
        if wanted <= 0 or self.wait_s(now) > 0:
            return 0
        if self.per_s is None:
            return wanted
        granted = min(wanted, max(1, int(self.per_s * _BATCH_S)))
        self._next_at = max(self._next_at, now) + granted / self.per_s
        return granted
