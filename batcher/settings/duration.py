"""How people write how long: ``90s``, ``15m``, ``1h30m``, or a number of seconds."""

from __future__ import annotations

import math
import re
from typing import Final

_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?|\.\d+", re.ASCII)
_PARTS: Final = re.compile(
    r"(?:(?P<d>\d+(?:\.\d+)?)d)?(?:(?P<h>\d+(?:\.\d+)?)h)?(?:(?P<m>\d+(?:\.\d+)?)m)?"
    r"(?:(?P<s>\d+(?:\.\d+)?)s)?(?:(?P<ms>\d+(?:\.\d+)?)ms)?",
    re.ASCII,
)
_SECONDS: Final = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_LONGEST_S: Final = 1e9
"""Thirty years: nobody means more, and timers do not take it."""


def parse_duration(value: object) -> float:
    """
    Seconds, 0 or more, from a number or a text; the units of a text go from the largest to the smallest.

    Raises:
        ValueError: for anything else. The message follows the value: "is no duration; …".
    """
    seconds = -1.0
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = float(value) if abs(value) < _LONGEST_S else math.inf
    elif isinstance(value, str) and (text := "".join(value.split()).lower()):
        if _NUMBER.fullmatch(text):
            seconds = float(text)
        elif match := _PARTS.fullmatch(text):
            seconds = sum(float(number) * _SECONDS[unit] for unit, number in match.groupdict("0").items())
    if not 0 <= seconds < _LONGEST_S:
        raise ValueError("is no duration; write it like 90s, 15m or 1h30m")
    return seconds
