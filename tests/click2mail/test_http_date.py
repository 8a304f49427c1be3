"""A moment as HTTP writes it; what ``Retry-After`` makes of one is tested there."""

from datetime import UTC, datetime

import pytest

from batcher.click2mail.http_date import http_date

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
)
def test_the_three_forms_are_one_moment(text: str) -> None:
    assert http_date(text, NOW) == datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "0", "120", "Sun, 06 Nov 1994 08:49:73 GMT", "1994-11-06T08:49:37Z", "soon"])
def test_anything_else_is_none(text: str) -> None:
    assert http_date(text, NOW) is None
