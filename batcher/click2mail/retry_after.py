"""
The ``Retry-After`` header in seconds. Source: RFC 9110, section 10.2.3.

A 503 that carries it is taken as "nothing was made", so what cannot be read must not count as one: nonsense is None.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from .http_date import http_date

_LONGEST_S: Final = 3600.0
"""No reply may put a row to sleep for longer than this."""

_SECONDS: Final = re.compile(r"-?[0-9]{1,18}")


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """
    Seconds to wait from now, within 0 and 3600; None without a header that can be read.

    Args:
        now: Aware; the caller's clock.
    """
    text = (header or "").strip(" \t")
    if _SECONDS.fullmatch(text):
        return _clamped(float(text))
    then = http_date(text, now)
    return None if then is None else _clamped((then - now).total_seconds())


def _clamped(seconds: float) -> float:
    return min(max(seconds, 0.0), _LONGEST_S)
