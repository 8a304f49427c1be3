"""
Where a job stands at the remote, in its own words made one.

Source: API reference, "Check job status": names differ in case and blanks between replies, and a few numbers are known.
What is neither a known word nor a known number is no state, because a guess could submit a job twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .outcome import Fault, Reply


class RemoteState(StrEnum):
    """The states that the vendor's pages and clients name."""

    EDITING = "editing"
    PROOFING = "proofing"
    ORDERED = "ordered"
    PROCESSING = "processing"
    AWAITING_PRODUCTION = "awaiting_production"
    IN_PRODUCTION = "in_production"
    MAILED = "mailed"
    ERROR = "error"
    CANCELLED = "cancelled"
    DELETED = "deleted"


DRAFT: Final = frozenset({RemoteState.EDITING, RemoteState.PROOFING})
"""Nothing was ordered: it costs nothing, may be submitted, and may be deleted."""

UNDER_WAY: Final = frozenset(
    {
        RemoteState.ORDERED,
        RemoteState.PROCESSING,
        RemoteState.AWAITING_PRODUCTION,
        RemoteState.IN_PRODUCTION,
        RemoteState.MAILED,
    }
)
"""It was submitted."""

AT_REST: Final = frozenset({RemoteState.MAILED, RemoteState.CANCELLED, RemoteState.DELETED})
"""It stays there: not worth asking again."""

_WORDS: Final = {
    "editing": RemoteState.EDITING,
    "pending_proof_acceptance": RemoteState.PROOFING,
    "proof_accepted": RemoteState.PROOFING,
    "order_submitted": RemoteState.ORDERED,
    "submitted": RemoteState.ORDERED,
    "order_processing": RemoteState.PROCESSING,
    "processing": RemoteState.PROCESSING,
    "awaiting_production": RemoteState.AWAITING_PRODUCTION,
    "in_production": RemoteState.IN_PRODUCTION,
    "mailed": RemoteState.MAILED,
    "error": RemoteState.ERROR,
    "order_error": RemoteState.ERROR,
    "cancelled": RemoteState.CANCELLED,
    "canceled": RemoteState.CANCELLED,
    "order_cancelled": RemoteState.CANCELLED,
    "order_canceled": RemoteState.CANCELLED,
    "deleted": RemoteState.DELETED,
    "order_deleted": RemoteState.DELETED,
}
_NUMBERS: Final = {9: RemoteState.EDITING, 4: RemoteState.AWAITING_PRODUCTION}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStatus:
    """
    What the remote says of one job: ``words`` as it said them, ``state`` None where they are not known.

    ``error`` is what it says of a job that went wrong. It may quote an address: it is shown, never kept or logged.
    """

    job_id: int
    state: RemoteState | None
    words: str = ""
    error: str = ""


JobAnswer = JobStatus | Reply | Fault
"""A reply here names no state of the job that was asked for: a refusal, an error page, another job."""


def state_of(number: int, words: str) -> RemoteState | None:
    """The state that a number and a description mean together; None where either is unknown or they contradict."""
    by_number = _NUMBERS.get(number)
    named = re.sub(r"[^a-z]+", "_", words.lower()).strip("_")
    if not named:
        return by_number
    by_word = _WORDS.get(named)
    contradicts = by_number is not None and by_word is not by_number
    return None if contradicts else by_word


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """
    What a job costs, in millionths of a dollar, tax included. ``pieces`` is None where the reply does not tell.

    Source: API reference, "Check job cost".
    """

    micros: int
    pieces: int | None = None


CostAnswer = Cost | Reply | Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The prepaid credit, in millionths of a dollar. Source: API reference, "Check credit"."""

    micros: int
    may_be_negative: bool = False


BalanceAnswer = Balance | Reply | Fault
