"""What a run comes to: do the books balance, and with which code does the process end."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from .errors import Exit


class StopReason(StrEnum):
    """Why a run ended before its rows did."""

    LEDGER = "ledger"
    CREDENTIALS = "credentials"
    PAYMENT = "payment"
    ADDRESS = "address"
    SIGINT = "sigint"
    SIGTERM = "sigterm"
    MAX_FAILURES = "max_failures"
    MAX_DURATION = "max_duration"
    LIMIT = "limit"
    OUTAGE = "outage"


_STOP_EXITS: Final = {
    StopReason.LEDGER: Exit.LEDGER_BROKEN,
    StopReason.CREDENTIALS: Exit.REFUSED,
    StopReason.PAYMENT: Exit.REFUSED,
    StopReason.ADDRESS: Exit.USAGE,
    StopReason.SIGINT: Exit.SIGINT,
    StopReason.SIGTERM: Exit.SIGTERM,
    StopReason.MAX_FAILURES: Exit.TOO_MANY_FAILURES,
    StopReason.MAX_DURATION: Exit.STOPPED,
    StopReason.LIMIT: Exit.STOPPED,
    StopReason.OUTAGE: Exit.FAILED,
}
_PRECEDENCE: Final = (
    Exit.BUG,
    Exit.LEDGER_BROKEN,
    Exit.REFUSED,
    Exit.USAGE,
    Exit.SIGINT,
    Exit.SIGTERM,
    Exit.TOO_MANY_FAILURES,
    Exit.STOPPED,
    Exit.NOT_CONFIRMED,
    Exit.IN_DOUBT,
    Exit.REJECTED,
    Exit.FAILED,
)


def books_balance(rows: int, counts: Mapping[str, int]) -> bool:
    """Whether every row of the campaign is in exactly one state."""
    return rows == sum(counts.values())


def exit_code(rows: int, counts: Mapping[str, int], stop: StopReason | None) -> Exit:
    """
    The code a run ends with.

    Args:
        rows: Rows of the campaign.
        counts: Rows by shown state.
        stop: Why the run ended early, None when it ran to its end. Then no row may be left pending or sending.
    """
    reasons: set[Exit] = set()
    if not books_balance(rows, counts):
        reasons.add(Exit.BUG)
    if stop is not None:
        reasons.add(_STOP_EXITS[stop])
    elif counts.get("pending", 0) or counts.get("sending", 0):
        reasons.add(Exit.BUG)
    if counts.get("in_doubt", 0) or counts.get("held", 0) or counts.get("sending", 0):
        reasons.add(Exit.IN_DOUBT)
    if counts.get("rejected", 0):
        reasons.add(Exit.REJECTED)
    if counts.get("failed", 0):
        reasons.add(Exit.FAILED)
    return next((code for code in _PRECEDENCE if code in reasons), Exit.OK)
