"""Rule 4 broken: what a person has decided about rows in doubt."""

from __future__ import annotations

from typing import Final

from .breach import breach

_ON_DOUBT: Final = "dispatch/test_on_doubt.py"
_RETRY: Final = "core/retry.py"

BREACHES: Final = (
    breach(
        4,
        "hold leaves silence to a person, without a look",
        "dispatch/doubts.py",
        "if not is_looked_up(doubt, self._context.plan.retry):",
        "if False:",
        f"{_ON_DOUBT}::test_hold_leaves_a_silence_to_a_person_without_a_look",
    ),
    breach(
        4,
        "hold still looks up a failure that the remote reports itself",
        _RETRY,
        "return doubt.replied or policy",
        "return policy",
        f"{_ON_DOUBT}::test_hold_still_looks_up_a_failure_that_the_remote_reports_itself",
    ),
    breach(
        4,
        "never sent again on its own: only resend may do that without a proof",
        _RETRY,
        "policy.on_doubt is OnDoubt.RESEND)",
        "policy.on_doubt is not OnDoubt.HOLD)",
        "dispatch/test_rules.py::test_without_a_proof_a_silent_row_is_held_and_never_sent_again",
    ),
    breach(
        4,
        "resend looks up first where that can be trusted",
        "dispatch/doubts.py",
        "        self._prover.doubt_arose()\n",
        "        if self._context.plan.retry.on_doubt == 'resend':\n"
        "            return await self._write(doubt, Ending(state=State.PENDING, unchecked=True))\n"
        "        self._prover.doubt_arose()\n",
        f"{_ON_DOUBT}::test_resend_looks_up_where_that_can_be_trusted",
    ),
    breach(
        4,
        "what a look-up lists is not sent again, proven or not: under resend",
        _RETRY,
        "if not saw_jobs and (takes_its_word or policy.on_doubt is OnDoubt.RESEND):",
        "if policy.on_doubt is OnDoubt.RESEND or (takes_its_word and not saw_jobs):",
        f"{_ON_DOUBT}::test_resend_does_not_send_what_a_look_up_has_seen_even_an_unproven_one",
    ),
    breach(
        4,
        "what a look-up lists is not sent again: where nothing can prove it",
        "core/reconcile.py",
        "proof.reason or NOTHING_CREATED, saw_jobs=saw_jobs",
        "proof.reason or NOTHING_CREATED",
        "core/test_settle.py::test_where_nothing_can_prove_it_one_look_tells_whether_it_lists_jobs",
    ),
    breach(
        4,
        "what a look-up lists is not sent again: listed before it broke",
        "core/reconcile.py",
        "Untrusted(before.reason, saw_jobs=saw_jobs)",
        "Untrusted(before.reason)",
        "core/test_settle.py::test_what_a_look_up_listed_before_it_broke_forbids_to_take_the_remotes_word",
    ),
    breach(
        4,
        "resend waits until nobody of ours is at work on the row",
        "dispatch/doubts.py",
        "if ending.unchecked:\n",
        "if False:\n",
        "dispatch/test_rules.py::test_resend_waits_until_the_attempt_of_a_dead_process_is_over",
    ),
    breach(
        4,
        "what is sent again unchecked is a possible duplicate: under resend",
        _RETRY,
        "_state_of_a_free_row(doubt, policy), unchecked=True)",
        "_state_of_a_free_row(doubt, policy))",
        f"{_ON_DOUBT}::test_resend_sends_again_where_no_look_up_can_be_trusted_and_counts_it",
    ),
    breach(
        4,
        "what is sent again unchecked is a possible duplicate: on the remote's word",
        "dispatch/attempt.py",
        "unchecked=is_unchecked(verdict, state)",
        "unchecked=False",
        f"{_ON_DOUBT}::test_a_reported_failure_after_the_look_up_broke_is_a_possible_duplicate_too",
    ),
    breach(
        4,
        "what is sent again unchecked is a possible duplicate: in the ledger",
        "ledger/sqlite/outcomes.py",
        "unchecked = max(unchecked, ?)",
        "unchecked = min(unchecked, ?)",
        "contracts/test_duplicates.py::test_a_row_that_was_sent_again_unchecked_is_a_possible_duplicate",
    ),
    breach(
        4,
        "what is sent again unchecked is said",
        "dispatch/doubts.py",
        "context.emit(DoubtWaived(",
        "str(DoubtWaived(",
        f"{_ON_DOUBT}::test_resend_sends_again_where_no_look_up_can_be_trusted_and_counts_it",
    ),
)
