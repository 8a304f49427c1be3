"""Rule 4 broken: how a doubt ends."""

from __future__ import annotations

from typing import Final

from .breach import breach

_CONTRACT: Final = "contracts/ledger"
_RULES: Final = "dispatch/test_rules.py"
_MOVES: Final = "ledger/sqlite/moves.py"
_PROOF: Final = "dispatch/test_proof.py"

BREACHES: Final = (
    breach(
        4,
        "a run stays until its doubts are settled",
        "dispatch/pool.py",
        "(only_waits and not self._context.plan.wait)",
        "only_waits",
        "dispatch/test_run.py::test_a_request_that_was_lost_is_sent_again_after_the_settling_time",
    ),
    breach(
        4,
        "--no-wait leaves them in doubt",
        "dispatch/pool.py",
        "(only_waits and not self._context.plan.wait)",
        "False",
        f"{_RULES}::test_no_wait_leaves_doubts_for_later",
    ),
    breach(
        4,
        "a run works on meanwhile",
        "dispatch/pool.py",
        "                self._feed.outbox.done(errand, sent=sent)\n",
        "                self._feed.outbox.done(errand, sent=sent)\n"
        "            await asyncio.wait(self._pursuits) if self._pursuits else None\n",
        f"{_RULES}::test_a_run_works_on_while_a_row_is_in_doubt",
    ),
    breach(
        4,
        "not proven and nothing left that could prove it: held",
        "core/retry.py",
        "return Ending(state=State.HELD, error=f",
        "return Ending(state=State.PENDING, error=f",
        f"{_RULES}::test_without_a_proof_a_silent_row_is_held_and_never_sent_again",
    ),
    breach(
        4,
        "held, and never sent again on its own: a held row that nobody can look up stays held",
        "core/retry.py",
        "doubt.replied and doubt.row.state is State.IN_DOUBT and",
        "doubt.replied and",
        f"{_RULES}::test_a_held_row_is_not_sent_again_on_the_remotes_word",
    ),
    breach(
        4,
        "held, and reported",
        "dispatch/doubts.py",
        "context.emit(JobHeld(",
        "str(JobHeld(",
        f"{_RULES}::test_without_a_proof_a_silent_row_is_held_and_never_sent_again",
    ),
    breach(
        4,
        "a job id that another row holds is not taken",
        "ledger/sqlite/outcomes.py",
        "return db.execute(_HOLDER, (job_id, ours, outcome.number, ours)).fetchone() is not None",
        "return False",
        f"{_CONTRACT} -k another_row_holds",
    ),
    breach(
        4,
        "a job id that another row holds is not taken: of many rows at once",
        "ledger/sqlite/outcomes.py",
        "moved == holders == len(outcomes)",
        "moved == len(outcomes)",
        "contracts/ledger/test_outcome_groups.py",
    ),
    breach(
        4,
        "a job id that another row holds is not taken: of two rows at once",
        "ledger/sqlite/outcomes.py",
        "if len(job_ids) < len(outcomes):",
        "if False:",
        "contracts/ledger/test_outcome_groups.py",
    ),
    breach(
        4,
        "a job id of another row breaks the proof: when replied",
        "dispatch/recorder.py",
        'self._prover.break_trust(f"job {outcome.job_id} was named',
        'str(f"job {outcome.job_id} was named',
        f"{_PROOF}::test_a_job_of_another_row_that_is_replied_breaks_the_proof",
    ),
    breach(
        4,
        "a job id of another row breaks the proof: when found",
        "dispatch/doubts.py",
        'self._prover.break_trust(f"job {outcome.job_id} was found',
        'str(f"job {outcome.job_id} was found',
        f"{_PROOF}::test_a_job_of_another_row_that_is_found_breaks_the_proof",
    ),
    breach(
        4,
        "a job id of another row is an alarm: when replied",
        "dispatch/recorder.py",
        "self._context.emit(JobIdTaken(",
        "str(JobIdTaken(",
        f"{_RULES}::test_a_job_id_of_another_row_breaks_the_proof",
    ),
    breach(
        4,
        "a job id of another row is an alarm: when found",
        "dispatch/doubts.py",
        "context.emit(JobIdTaken(",
        "str(JobIdTaken(",
        f"{_PROOF}::test_a_job_of_another_row_that_is_found_breaks_the_proof",
    ),
    breach(
        4,
        "extra jobs are reported by id",
        "dispatch/doubts.py",
        "context.emit(JobsDuplicated(",
        "str(JobsDuplicated(",
        f"{_RULES}::test_several_jobs_under_one_signature_are_reported_and_the_first_is_adopted",
    ),
    breach(
        4,
        "extra jobs are kept by id",
        "dispatch/doubts.py",
        "extra_job_ids=found[1:]",
        "extra_job_ids=()",
        f"{_RULES}::test_several_jobs_under_one_signature_are_reported_and_the_first_is_adopted",
    ),
)
