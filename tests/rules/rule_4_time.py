"""Rule 4 broken: when absent counts."""

from __future__ import annotations

from typing import Final

from .breach import breach

_CONTRACT: Final = "contracts/ledger"
_RUN: Final = "dispatch/test_run.py"
_MOVES: Final = "ledger/sqlite/moves.py"
_PROOF: Final = "dispatch/test_proof.py"
_PROVE: Final = "core/test_prove.py"
_PATIENCE: Final = "core/patience.py"
_RECONCILE: Final = "core/reconcile.py"
_SOURCE: Final = "core/proof.py"
_SETTLE: Final = "core/test_settle.py"

BREACHES: Final = (
    breach(
        4,
        "the lag is measured to the first sight",
        _SOURCE,
        "max(0.0, seen.answered_at - control.sent_at)",
        "0.0",
        _PROVE,
    ),
    breach(
        4,
        "the lag is measured on jobs created in this run",
        _SOURCE,
        "None if control.sent_at is None else",
        "0.0 if control.sent_at is None else",
        _PROVE,
    ),
    breach(
        4,
        "the largest lag is kept",
        "ledger/sqlite/ledger.py",
        "max(coalesce(lag_s, 0), ?)",
        "?",
        f"{_CONTRACT}/test_account.py::test_the_lag_is_the_largest_ever_measured_for_the_account",
    ),
    breach(
        4,
        "the lag is kept in the ledger",
        "dispatch/lookup_prover.py",
        "note_lag(self._context.campaign, proof.lag_s)\n            self._next",
        "lag_s(self._context.campaign.target)\n            self._next",
        f"{_PROOF}::test_a_run_that_creates_none_uses_the_lag_of_earlier_runs",
    ),
    breach(
        4,
        "the lag that is kept counts for runs that create none",
        "dispatch/lookup_prover.py",
        "self._kept_lag_s = await self._context.ledger.lag_s(self._context.campaign.target)",
        "self._kept_lag_s = 0.0",
        f"{_PROOF}::test_a_run_that_creates_none_uses_the_lag_of_earlier_runs",
    ),
    breach(
        4,
        "the larger of the kept lag and the one measured now counts",
        "dispatch/lookup_prover.py",
        "replace(proof, lag_s=max(lags, default=None))",
        "replace(proof, lag_s=min(lags, default=None))",
        f"{_PROOF}::test_the_larger_of_two_lags_counts",
    ),
    breach(
        4,
        "absent counts only after the lag with margin",
        _PATIENCE,
        "2 * lag_s + 1.0",
        "0.0",
        _SETTLE,
    ),
    breach(
        4,
        "a lag that was never measured is not taken for none",
        _PATIENCE,
        "self.settle_s if lag_s is None else 2",
        "0.0 if lag_s is None else 2",
        _SETTLE,
    ),
    breach(
        4,
        "after a fault without a reply absent counts only --settle seconds later",
        _PATIENCE,
        "(0.0 if doubt.replied else self.settle_s)",
        "0.0",
        _SETTLE,
    ),
    breach(
        4,
        "after a reply of the remote's own the lag is enough",
        _PATIENCE,
        "(0.0 if doubt.replied else self.settle_s)",
        "self.settle_s",
        _SETTLE,
    ),
    breach(
        4,
        "only a 500 with its XML is a reply of the remote's own: in the run",
        "dispatch/recorder.py",
        "replied = verdict in _REPLIES",
        "replied = True",
        f"{_RUN}::test_a_request_that_was_lost_is_sent_again_after_the_settling_time",
    ),
    breach(
        4,
        "only a 500 with its XML is a reply of the remote's own: in the ledger",
        _MOVES,
        "coalesce(a.error_type IN ('reported_failure', 'other_state'), 0)",
        "1",
        f"{_CONTRACT}/test_recovery.py::test_a_row_whose_job_id_was_taken_counts_as_not_replied",
    ),
    breach(
        4,
        "the time counts from the end of the attempt: of one that a run saw",
        "dispatch/recorder.py",
        "open_until=finished.answered_at, replied",
        "open_until=finished.began - 1000.0, replied",
        f"{_RUN}::test_a_request_that_was_lost_is_sent_again_after_the_settling_time",
    ),
    breach(
        4,
        "the time counts from the end of the attempt: as the ledger keeps it",
        "dispatch/attempt.py",
        "settle_from=answered_at if",
        "settle_from=0.0 if",
        f"{_PROOF}::test_the_time_of_a_doubt_goes_on_in_the_next_run",
    ),
    breach(
        4,
        "it counts only while the remote answers",
        _RECONCILE,
        " + silence_after(doubt.open_until)",
        "",
        _SETTLE,
    ),
    breach(
        4,
        "it counts only while the remote answers, whoever asks it: also while the look-up is being proven",
        "dispatch/looks.py",
        "            self.silence.note(seen)\n",
        "",
        _PROOF,
    ),
    breach(
        4,
        "it counts only while the remote answers: from the last answer on",
        "core/silence.py",
        "seen.asked_at if self._last_answer == -math.inf else self._last_answer",
        "max(seen.asked_at, self._last_answer)",
        _SETTLE,
    ),
    breach(
        4,
        "only a look-up that was made after that time counts, not one that was answered after it",
        _RECONCILE,
        "if seen.asked_at >= counts_from:",
        "if seen.answered_at >= counts_from:",
        _SETTLE,
    ),
    breach(
        4,
        "only a list says that there is none",
        _RECONCILE,
        "if listed and before",
        "if before",
        _SETTLE,
    ),
    breach(
        4,
        "it looks early and often",
        "core/look.py",
        "FIRST_PAUSE_S: Final = 0.5",
        "FIRST_PAUSE_S: Final = 30.0",
        _SETTLE,
    ),
)
