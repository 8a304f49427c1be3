"""What later stages make of the settings: money is spent on no guess."""

from __future__ import annotations

import pytest

from batcher.cli.billing import bill_facts
from batcher.cli.stages import _without_guesses, together
from batcher.core.bill import Bill
from batcher.core.errors import Exit
from batcher.core.retry import OnDoubt, RetryPolicy
from batcher.core.tally import StopReason
from batcher.dispatch.plan import RunPlan
from batcher.dispatch.run import RunSummary


@pytest.mark.parametrize(
    ("asked", "used"),
    [(OnDoubt.CHECK, OnDoubt.CHECK), (OnDoubt.HOLD, OnDoubt.HOLD), (OnDoubt.RESEND, OnDoubt.CHECK)],
)
def test_nothing_is_submitted_again_on_a_guess(asked: OnDoubt, used: OnDoubt) -> None:
    retry = _without_guesses(RunPlan(retry=RetryPolicy(on_doubt=asked))).retry

    assert (retry.on_doubt, retry.strict_500) == (used, True)


def summary(code: Exit, stopped_by: StopReason | None = None) -> RunSummary:
    return RunSummary(exit_code=code, rows=1, counts={}, stopped_by=stopped_by, detail="", elapsed_s=1.5)


def test_several_passes_end_with_the_worst_code_and_the_first_reason() -> None:
    both = together([summary(Exit.REJECTED), summary(Exit.REFUSED, StopReason.PAYMENT)])

    assert (both.exit_code, both.stopped_by, both.elapsed_s) == (Exit.REFUSED, StopReason.PAYMENT, 3.0)


def test_credit_that_is_not_enough_is_said_before() -> None:
    bill = Bill(unpriced=[], jobs=3, micros=3_000_000, credit_micros=2_000_000)

    assert bill_facts(bill, "User Credit")["credit left"] == (
        "-1.00  (not enough: the stage will stop where it is used up)"
    )
    assert bill_facts(bill, "Invoice")["credit left"] is None
