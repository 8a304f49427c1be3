"""Rule 4 broken: rows that were sent more than once are looked up again, and extra jobs are reported."""

from __future__ import annotations

from typing import Final

from .breach import Breach, Edit, breach

_CONTRACT: Final = "contracts/test_duplicates.py"
_DUPLICATES: Final = "ledger/sqlite/duplicates.py"
_LOOK: Final = "dispatch/second_look.py"
_SOON: Final = "if self._prover.proof.trust is not Trust.PROVEN or not self._context.plan.wait:"
_TESTS: Final = "dispatch/test_second_look.py"
_UNSEEN: Final = "        if not isinstance(seen.answer, Listing) or not seen.answer.job_ids:\n"
_WROTE: Final = "note_second_look(context.campaign, row, (), timestamp(context.clock.now()))"

BREACHES: Final = (
    breach(
        4,
        "rows that were sent more than once are looked up again",
        "dispatch/pool.py",
        "if self._is_creation and not self._context.stop.requested:\n            second",
        "if False:\n            second",
        f"{_TESTS}::test_a_row_that_was_sent_twice_and_is_one_job_is_looked_up_once_more",
    ),
    Breach(
        4,
        "a second look is believed no more than any other: without a proof",
        (
            Edit(f"batcher/{_LOOK}", _SOON, "if not self._context.plan.wait:"),
            Edit(f"batcher/{_LOOK}", "return self._prover.proof.trust is Trust.PROVEN", "return True"),
        ),
        f"tests/{_TESTS}::test_without_a_proof_nothing_is_believed_and_the_next_run_looks",
    ),
    breach(
        4,
        "a second look is believed no more than any other: when the proof breaks before it is made",
        _LOOK,
        "return self._prover.proof.trust is Trust.PROVEN",
        "return True",
        f"{_TESTS}::test_a_proof_that_breaks_while_the_second_look_waits_ends_it",
    ),
    breach(
        4,
        "a second look comes after the lag in which a job may be missing",
        _LOOK,
        "await self._context.clock.sleep(self._context.plan.patience.margin_s(self._prover.proof.lag_s))",
        "pass",
        f"{_TESTS}::test_it_waits_for_as_long_as_a_job_may_be_missing_from_listings",
    ),
    breach(
        4,
        "extra jobs are reported by id: by the second look",
        _LOOK,
        "context.emit(JobsDuplicated(",
        "str(JobsDuplicated(",
        f"{_TESTS}::test_a_job_too_many_is_named_and_counted",
    ),
    breach(
        4,
        "extra jobs are kept by id: by the second look",
        _LOOK,
        "note_second_look(context.campaign, row, extra,",
        "note_second_look(context.campaign, row, (),",
        f"{_TESTS}::test_a_job_too_many_is_named_and_counted",
    ),
    breach(
        4,
        "extra jobs are kept by id: in the ledger",
        _DUPLICATES,
        "listed = json.dumps(list(extra)) if extra else None",
        "listed = None",
        f"{_CONTRACT}::test_jobs_too_many_are_counted_as_known",
    ),
    breach(
        4,
        "a second look without an answer is left to the next run",
        _LOOK,
        _UNSEEN,
        f"{_UNSEEN}            await context.ledger.{_WROTE}\n",
        f"{_TESTS}::test_a_row_that_cannot_be_seen_just_now_is_left_to_the_next_run",
    ),
    breach(
        4,
        "a second look that a stop ends is left to the next run",
        _LOOK,
        "        if not rows or not",
        f"        for row in rows:\n            await context.ledger.{_WROTE}\n        if not rows or not",
        f"{_TESTS}::test_a_run_that_is_stopped_leaves_the_second_look_to_the_next",
    ),
    breach(
        4,
        "a stop ends a second look",
        "dispatch/pool.py",
        "await asyncio.wait({second_look, asked}",
        "await asyncio.wait({second_look}",
        f"{_TESTS}::test_a_run_that_is_stopped_leaves_the_second_look_to_the_next",
    ),
    breach(
        4,
        "rows are looked up again that were sent twice, not those that were sent thrice",
        _DUPLICATES,
        "a.sent IS NOT 0) > 1",
        "a.sent IS NOT 0) > 2",
        f"{_CONTRACT}::test_a_created_row_with_two_attempts_that_were_sent_was_sent_again",
    ),
    breach(
        4,
        "an attempt that was never sent makes nobody look again",
        _DUPLICATES,
        "a.sent IS NOT 0) > 1",
        "1) > 1",
        f"{_CONTRACT}::test_an_attempt_that_was_never_sent_does_not_count",
    ),
    breach(
        4,
        "a row is looked up again once",
        _DUPLICATES,
        "l.number = r.attempts) IS NULL",
        "l.number = r.attempts) IS NOT -1",
        f"{_CONTRACT}::test_after_the_second_look_a_row_is_not_due_any_more",
    ),
)
