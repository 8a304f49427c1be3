"""
What must hold of any bytes that the remote may answer with: one input, one check.

The tests and the longer-running target call the same functions, so that they cannot drift apart.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from batcher.click2mail.listing import read_listing
from batcher.click2mail.reply import read_any_reply, read_reply
from batcher.click2mail.retry_after import retry_after_s
from batcher.core.classify import Verdict, classify
from batcher.core.outcome import Listing, Reply

from .second_opinion import opinion_of

STATUSES = (200, 201, 202, 204, 302, 400, 401, 403, 404, 408, 429, 500, 502, 503, 504, 524)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def check_reply(data: bytes) -> None:
    """The first byte chooses the HTTP status, the rest is the body."""
    http_status, body = (STATUSES[data[0] % len(STATUSES)], data[1:]) if data else (200, b"")
    _check_verdict(http_status, body)
    _check_listing(http_status, body)


def _check_verdict(http_status: int, body: bytes) -> None:
    """The quick reader, the full one and the second opinion say the same, and "created" only of a job with an id."""
    reply, second = read_reply(http_status, body, 7.0), opinion_of(body)

    assert reply == read_any_reply(http_status, body, 7.0)
    assert (reply.http_status, reply.retry_after_s) == (http_status, 7.0)
    assert reply.description.isprintable()
    assert len(reply.description) <= 300
    assert (reply.code, reply.job_id) == (second.code, second.job_id)
    is_created = http_status in (200, 201) and second.code == 0 and second.job_id > 0
    assert (classify(reply) is Verdict.DONE) == is_created


def _check_listing(http_status: int, body: bytes) -> None:
    """A listing is what the second opinion takes for the same listing; anything else is a reply."""
    answer, second = read_listing(http_status, body), opinion_of(body)

    if http_status in (200, 201) and second.listed is not None:
        assert answer == Listing(job_ids=second.listed)
        return
    assert isinstance(answer, Reply)
    assert answer.http_status == http_status
    # What a look-up may be told is that it failed; never a job, which would look like an answer to a POST.
    assert answer.job_id == 0
    assert answer.code is None or answer.code > 0


def check_retry_after(header: str) -> None:
    """Seconds up to an hour, or None; and what a date comes to, as the standard library's own reader has it."""
    seconds = retry_after_s(header, NOW)

    assert seconds is None or 0 <= seconds <= 3600
    text = header.strip(" \t")
    if re.fullmatch("[0-9]{1,18}", text):
        assert seconds == min(int(text), 3600)
    elif seconds is not None and text.endswith(" GMT") and ", " in text and ":60 " not in text and "-" not in text:
        ahead_s = (parsedate_to_datetime(text) - NOW).total_seconds()
        assert seconds == min(max(ahead_s, 0.0), 3600.0)
