"""What a run comes to: do the books balance, and with which code does the process end."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

from .errors import Exit
from .states import DOUBTFUL, SHOWN_STATES, State


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
    LISTS = "lists_not_ready"


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
    StopReason.LISTS: Exit.FAILED,
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
    """Whether every row of the campaign is in exactly one state, of those that there are."""
    return rows == sum(count for name, count in counts.items() if name in SHOWN_STATES)


def exit_code(rows: int, counts: Mapping[str, int], judged: Mapping[State, int], stop: StopReason | None) -> Exit:
    """
    The code a run ends with.

    Args:
        rows: Rows of the campaign.
        counts: Rows by shown state: all of them, for the books.
        judged: Rows of the run's stage by state.
        stop: Why the run ended early, None when it ran to its end. Then no row may be left pending or sending.
    """
    reasons: set[Exit] = set()
    if not books_balance(rows, counts):
        reasons.add(Exit.BUG)
    if stop is not None:
        reasons.add(_STOP_EXITS[stop])
    elif judged.get(State.PENDING, 0) or judged.get(State.SENDING, 0):
        reasons.add(Exit.BUG)
    if any(judged.get(state, 0) for state in DOUBTFUL):
        reasons.add(Exit.IN_DOUBT)
    if judged.get(State.REJECTED, 0):
        reasons.add(Exit.REJECTED)
    if judged.get(State.FAILED, 0):
        reasons.add(Exit.FAILED)
    return gravest(reasons)


def exit_of_stop(stop: StopReason) -> Exit:
    """The code of a command that was ended by that alone."""
    return _STOP_EXITS[stop]


def gravest(codes: Collection[Exit]) -> Exit:
    """The code to end with where several apply; that of success where none does."""
    return next((code for code in _PRECEDENCE if code in codes), Exit.OK)
