"""
A moment as HTTP writes it, in any of its three forms. Source: RFC 9110, section 5.6.7.

Months are matched by hand, because ``strptime`` follows the locale and ``email.utils`` believes nearly anything.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

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


def http_date(text: str, now: datetime) -> datetime | None:
    """
    The moment, aware; None for anything else.

    Args:
        now: Aware; it tells which century a year of two digits belongs to.
    """
    matches = (form.fullmatch(text) for form in _DATES)
    match = next(filter(None, matches), None)
    return None if match is None else _moment(match, now)


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
