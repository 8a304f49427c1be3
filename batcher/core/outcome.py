"""
What the remote may answer, as values.

Whatever a POST meets is either a ``Reply`` (an HTTP status line and head came back, with or without the vendor's
verdict in the body) or a ``Fault`` (it did not). A fault knows its phase, and the phase decides whether a row may be
sent again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class FaultKind(StrEnum):
    """What went wrong on the way, in the trade's words."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    POOL = "pool"
    STALE_INTENT = "stale_intent"
    NOT_SENT = "not_sent"
    WITHHELD = "withheld"
    """The run itself took the intent back: it pauses, or ends."""
    WRITE = "write"
    RESET = "reset"
    TIMEOUT = "timeout"
    CUT = "cut"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    CANCELLED = "cancelled"
    PROCESS_DIED = "process_died"
    ID_TAKEN = "id_taken"


BEFORE_SENDING: Final = frozenset(
    {
        FaultKind.DNS,
        FaultKind.CONNECT,
        FaultKind.TLS,
        FaultKind.POOL,
        FaultKind.STALE_INTENT,
        FaultKind.NOT_SENT,
        FaultKind.WITHHELD,
    }
)
"""Not a byte of the request has left: free to send again. Every other fault leaves the row in doubt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """
    An answer over HTTP.

    ``code`` is the vendor's own return code (the ``status`` element), None where the body carried no verdict of the
    vendor's: a page from the edge, a truncated document, rubbish. ``job_id`` is 0 where the reply names none.
    ``retry_after_s`` is the ``Retry-After`` header in seconds from now, None without one. ``cost_micros`` is what
    was paid, in millionths of a dollar, where the reply to a submit tells it.
    """

    http_status: int
    code: int | None = None
    job_id: int = 0
    description: str = ""
    retry_after_s: float | None = None
    cost_micros: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """No answer over HTTP, or none that could be read. ``detail`` is one line for people, without secrets."""

    kind: FaultKind
    detail: str = ""
    http_status: int | None = None

    @property
    def reached_nothing(self) -> bool:
        return self.kind in BEFORE_SENDING


Answer = Reply | Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a look-up by signature found: job ids as the remote listed them, at most one page of them."""

    job_ids: tuple[int, ...]


LookUpAnswer = Listing | Reply | Fault
"""A reply here is one that carried no listing: an error page, a 404, a refusal."""


def in_words(answer: Answer) -> str:
    """What was answered, for people who wonder why no job came of it: one line."""
    if isinstance(answer, Fault):
        kind = answer.kind.replace("_", " ")
        return f"{kind}: {answer.detail}" if answer.detail else kind
    said = f"HTTP {answer.http_status}"
    if answer.code is None:
        return said + _lacks(answer.http_status)
    said += f", code {answer.code}"
    if answer.job_id:
        said += f" beside job {answer.job_id}"
    elif answer.code == 0:
        said += " without an id above 0"
    return f"{said}: {answer.description}" if answer.description else said


def _lacks(http_status: int) -> str:
    """What is wrong with a reply that carries no verdict, where its status alone would mislead."""
    if 300 <= http_status < 400:
        return ", a redirect"
    return " without a readable body" if 200 <= http_status < 300 or http_status == 500 else ""
