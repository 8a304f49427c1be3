"""``Retry-After``: seconds, three forms of a date, and nonsense."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batcher.click2mail.retry_after import retry_after_s

NOW = datetime(1994, 11, 6, 8, 49, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7\t", 7.0),
        ("-5", 0.0),
        ("999999999999", 3600.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 30.0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 30.0),
        ("Sun Nov  6 08:49:37 1994", 30.0),
        ("Wed Nov 16 08:49:37 1994", 3600.0),
        ("Sun, 06 Nov 1994 08:48:00 GMT", 0.0),
        ("Sun, 06 Nov 1994 08:49:60 GMT", 52.0),
        ("Wednesday, 01-Jan-20 00:00:00 GMT", 0.0),
    ],
)
def test_seconds_and_dates_are_read(header: str, expected: float) -> None:
    assert retry_after_s(header, NOW) == expected


@pytest.mark.parametrize(
    "header",
    [
        None, "", " ", "soon", "1.5", "1e3", "+5", "0x10", "٥", "5s", "5, 6", "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 +0000", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z", "Son, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 1994 08:49:99 GMT",
    ],
)  # fmt: skip
def test_nonsense_is_no_header(header: str | None) -> None:
    assert retry_after_s(header, NOW) is None


def test_a_year_of_two_digits_is_near_now() -> None:
    assert retry_after_s("Friday, 01-Jan-99 00:00:00 GMT", datetime(2026, 1, 1, tzinfo=UTC)) == 0.0
    assert retry_after_s("Friday, 01-Jan-27 00:00:00 GMT", datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == 60.0


def test_the_callers_time_zone_does_not_matter() -> None:
    abroad = NOW.astimezone(timezone(timedelta(hours=-5)))

    assert retry_after_s("Sun, 06 Nov 1994 08:49:37 GMT", abroad) == 30.0


@given(st.text(max_size=40))
def test_any_text_gives_seconds_within_an_hour_or_none(header: str) -> None:
    seconds = retry_after_s(header, NOW)

    assert seconds is None or 0.0 <= seconds <= 3600.0


@given(st.integers(0, 250_000_000_000))
def test_every_moment_can_be_read(timestamp: int) -> None:
    then = datetime.fromtimestamp(timestamp, UTC)

    seconds = retry_after_s(format_datetime(then, usegmt=True), NOW)

    assert seconds == min(max((then - NOW).total_seconds(), 0.0), 3600.0)
