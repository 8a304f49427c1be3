"""Any bytes of the remote give a verdict, and the right one."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from .corpus import replies
from .replies import STATUSES, check_reply, check_retry_after
from .strategies import damaged

BODIES = replies()


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_replies_are_read_as_a_second_reader_reads_them(body: bytes) -> None:
    for status in range(len(STATUSES)):
        check_reply(bytes([status]) + body)


@settings(max_examples=500, deadline=None)
@given(status=st.integers(0, len(STATUSES) - 1), body=damaged(BODIES))
def test_damaged_replies_are_read_as_a_second_reader_reads_them(status: int, body: bytes) -> None:
    check_reply(bytes([status]) + body)


words = st.sampled_from(
    [
        *("Sun", "Sunday", ", ", " ", "06", "6", "31", "Nov", "Feb", "-", "1994", "0000", "9999", "94", "08:49:37"),
        *("24:00:00", "08:49:60", " GMT", " +0000", "120", "-5", "9" * 18, "9" * 19, "٣", "\0", "\xa0", "1e3", "\n"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(words, max_size=8).map("".join) | st.text(max_size=40))
@example("Wed, 01 Jan 2026 00:10:00 GMT")
@example("Thu, 01 Jan 2026 00:10:00 GMT")
def test_any_retry_after_is_seconds_or_nothing(header: str) -> None:
    check_retry_after(header)
