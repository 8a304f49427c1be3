"""Rule 10 broken: the books balance."""

from __future__ import annotations

from typing import Final

from .breach import breach

BREACHES: Final = (
    breach(
        10,
        "books that do not balance are exit 1",
        "core/tally.py",
        "if not books_balance(rows, counts):",
        "if False:",
        "core/test_tally.py",
    ),
    breach(
        10,
        "a row that is left pending without a reason is exit 1",
        "core/tally.py",
        "elif judged.get(State.PENDING, 0) or judged.get(State.SENDING, 0):",
        "elif False:",
        "core/test_tally.py",
    ),
    breach(
        10,
        "every row of the campaign is counted",
        "ledger/sqlite/reader.py",
        "SELECT count(*) FROM spec WHERE campaign_id = ?",
        "SELECT count(*) FROM row WHERE campaign_id = ? AND state <> 'held'",
        "contracts/ledger dispatch/test_intents.py::test_a_row_that_is_gone_from_the_books_is_exit_1",
    ),
    breach(
        10,
        "a run looks at its books when it ends",
        "dispatch/run.py",
        "code = exit_code(rows, counts, judged, reason)",
        "code = exit_code(sum(counts.values()), counts, judged, reason)",
        "dispatch/test_intents.py::test_a_row_that_is_gone_from_the_books_is_exit_1",
    ),
)
