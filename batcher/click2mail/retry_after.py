"""
The ``Retry-After`` header in seconds. Source: RFC 9110, sections 10.2.3 (the header) and 5.6.7 (three forms of a date).

A 503 that carries it is taken as "nothing was made", so what cannot be read must not count as one: nonsense is None.
Months are matched by hand, because ``strptime`` follows the locale and ``email.utils`` believes nearly anything.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

_LONGEST_S: Final = 3600.0
"""No reply may put a row to sleep for longer than this."""

_SECONDS: Final = re.compile(r"-?[0-9]{1,18}")
_DAY: Final = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_LONG_DAY: Final = r"(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH: Final = rf"(?P<month>{'|'.join(_MONTHS)})"
_TIME: Final = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
_DATES: Final = (
    re.compile(rf"{_DAY}, (?P<day>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_TIME} GMT"),
    re.compile(rf"{_LONG_DAY}, (?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_TIME} GMT"),
    re.compile(rf"{_DAY} {_MONTH} (?P<day>[0-9]{{2}}| [0-9]) {_TIME} (?P<year>[0-9]{{4}})"),
)


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """
    Seconds to wait from now, within 0 and 3600; None without a header that can be read.

    Args:
        now: Aware; the caller's clock.
    """
    text = (header or "").strip(" \t")
    if _SECONDS.fullmatch(text):
        return _clamped(float(text))
    for form in _DATES:
        if match := form.fullmatch(text):
            then = _moment(match, now)
            return None if then is None else _clamped((then - now).total_seconds())
    return None


def _clamped(seconds: float) -> float:
    return min(max(seconds, 0.0), _LONGEST_S)


def _moment(match: re.Match[str], now: datetime) -> datetime | None:
    year = int(match["year"])
    if len(match["year"]) == 2:
        year += now.year // 100 * 100
        if year > now.year + 50:  # RFC 9110, 5.6.7: more than 50 years ahead is the most recent year in the past
            year -= 100
    try:
        return datetime(
            year,
            _MONTHS.index(match["month"]) + 1,
            int(match["day"]),
            int(match["hour"]),
            int(match["minute"]),
            59 if match["second"] == "60" else int(match["second"]),  # 60 is a leap second
            tzinfo=UTC,
        )
    except ValueError:
        return None
