"""Errors and the exit codes behind them."""

from __future__ import annotations

import pytest

from batcher.core import errors
from batcher.core.errors import BatcherError, Exit

FROZEN = {
    "OK": 0,
    "BUG": 1,
    "USAGE": 2,
    "REJECTED": 3,
    "MANIFEST": 4,
    "FAILED": 5,
    "IN_DOUBT": 6,
    "REFUSED": 7,
    "TOO_MANY_FAILURES": 8,
    "NOT_CONFIRMED": 9,
    "STOPPED": 10,
    "LEDGER_BUSY": 11,
    "LEDGER_BROKEN": 12,
    "SIGINT": 130,
    "SIGTERM": 143,
}


def test_the_exit_codes_are_frozen() -> None:
    """Other programs depend on them."""
    assert {code.name: code.value for code in Exit} == FROZEN


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.BatcherError, 1),
        (errors.ConfigError, 2),
        (errors.ManifestError, 4),
        (errors.RemoteRefused, 7),
        (errors.LedgerBusy, 11),
        (errors.LedgerError, 12),
        (errors.LedgerTooNew, 12),
        (errors.LedgerMissing, 2),
        (errors.IllegalMove, 1),
    ],
)
def test_an_error_knows_its_exit_code(error: type[BatcherError], code: int) -> None:
    assert code == error.exit_code
