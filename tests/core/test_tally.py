"""What a run comes to."""

from __future__ import annotations

from itertools import combinations

import pytest

from batcher.core.errors import Exit
from batcher.core.states import SHOWN_STATES, State
from batcher.core.tally import StopReason, books_balance, exit_code

WORST_FIRST = (
    Exit.BUG,
    Exit.LEDGER_BROKEN,
    Exit.REFUSED,
    Exit.USAGE,
    Exit.SIGINT,
    Exit.TOO_MANY_FAILURES,
    Exit.STOPPED,
    Exit.IN_DOUBT,
    Exit.REJECTED,
    Exit.FAILED,
)
STOPPED_BY = {
    Exit.LEDGER_BROKEN: StopReason.LEDGER,
    Exit.REFUSED: StopReason.CREDENTIALS,
    Exit.USAGE: StopReason.ADDRESS,
    Exit.SIGINT: StopReason.SIGINT,
    Exit.TOO_MANY_FAILURES: StopReason.MAX_FAILURES,
    Exit.STOPPED: StopReason.LIMIT,
}


def code_of(rows: int, counts: dict[str, int], stop: StopReason | None) -> Exit:
    """``exit_code`` of a run whose stage all the rows are in."""
    judged = {State(name): count for name, count in counts.items() if name in set(State)}
    return exit_code(rows, counts, judged, stop)


LEFT_IN = {Exit.IN_DOUBT: "held", Exit.REJECTED: "rejected", Exit.FAILED: "failed"}


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, Exit.OK),
        ({"created": 3}, Exit.OK),
        ({"created": 1, "submitted": 1, "deleted": 1, "withdrawn": 1}, Exit.OK),
        ({"created": 2, "rejected": 1}, Exit.REJECTED),
        ({"created": 2, "failed": 1}, Exit.FAILED),
        ({"created": 2, "in_doubt": 1}, Exit.IN_DOUBT),
        ({"created": 2, "held": 1}, Exit.IN_DOUBT),
        ({"created": 2, "pending": 1}, Exit.BUG),
        ({"created": 2, "sending": 1}, Exit.BUG),
    ],
)
def test_a_run_that_came_to_its_end_answers_by_what_is_left(counts: dict[str, int], expected: Exit) -> None:
    assert expected == code_of(sum(counts.values()), counts, None)


@pytest.mark.parametrize(
    ("stop", "expected"),
    [
        (StopReason.LEDGER, Exit.LEDGER_BROKEN),
        (StopReason.CREDENTIALS, Exit.REFUSED),
        (StopReason.ADDRESS, Exit.USAGE),
        (StopReason.SIGINT, Exit.SIGINT),
        (StopReason.SIGTERM, Exit.SIGTERM),
        (StopReason.MAX_FAILURES, Exit.TOO_MANY_FAILURES),
        (StopReason.MAX_DURATION, Exit.STOPPED),
        (StopReason.LIMIT, Exit.STOPPED),
        (StopReason.OUTAGE, Exit.FAILED),
    ],
)
def test_a_run_that_was_stopped_may_leave_rows_pending(stop: StopReason, expected: Exit) -> None:
    assert expected == code_of(3, {"created": 1, "pending": 2}, stop)


def test_every_reason_to_stop_has_a_code() -> None:
    codes = {stop: code_of(1, {"pending": 1}, stop) for stop in StopReason}

    assert [stop for stop, code in codes.items() if code in {Exit.OK, Exit.BUG}] == []


PAIRS = [pair for pair in combinations(WORST_FIRST, 2) if not STOPPED_BY.keys() >= set(pair)]
"""A run is stopped for one reason only."""


@pytest.mark.parametrize(("worse", "better"), PAIRS, ids=lambda code: code.name)
def test_of_two_codes_the_worse_one_is_given(worse: Exit, better: Exit) -> None:
    counts = {"created": 1} | {LEFT_IN[code]: 1 for code in (worse, better) if code in LEFT_IN}
    stops = [STOPPED_BY[code] for code in (worse, better) if code in STOPPED_BY]
    rows = sum(counts.values()) + (worse is Exit.BUG)

    assert worse == code_of(rows, counts, stops[0] if stops else None)


@pytest.mark.parametrize("rows", [2, 4])
def test_books_that_do_not_balance_are_a_bug_whatever_else(rows: int) -> None:
    assert code_of(rows, {"created": 2, "rejected": 1}, StopReason.SIGTERM) is Exit.BUG


def test_what_is_still_being_sent_when_a_run_is_stopped_is_in_doubt() -> None:
    assert code_of(1, {"sending": 1}, StopReason.OUTAGE) is Exit.IN_DOUBT


def test_books_balance_when_every_row_has_one_state() -> None:
    counts = dict.fromkeys(SHOWN_STATES, 1)

    assert tuple(books_balance(len(counts) + more, counts) for more in (0, 1, -1)) == (True, False, False)


def test_a_row_in_a_state_that_nobody_knows_is_in_none() -> None:
    assert not books_balance(2, {"created": 1, "archive done": 1})
