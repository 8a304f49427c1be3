"""Rule 8 broken: trouble with the account or the remote is the run's, and not a row's."""

from __future__ import annotations

from typing import Final

from .breach import breach

_RULES: Final = "dispatch/test_rules.py"

BREACHES: Final = (
    breach(
        8,
        "rejected credentials stop the run at once",
        "dispatch/hopeless.py",
        "if verdict in {Verdict.BAD_CREDENTIALS, Verdict.FORBIDDEN}:",
        "if verdict is Verdict.FORBIDDEN:",
        "dispatch/test_run.py::test_wrong_credentials_stop_the_run_at_once",
    ),
    breach(
        8,
        "rejected credentials stop the run at once: at a look-up",
        "dispatch/looks.py",
        "answer.http_status == HTTPStatus.UNAUTHORIZED",
        "False",
        "dispatch/test_proof.py::test_rejected_credentials_at_a_look_up_stop_the_run_and_hold_no_row",
    ),
    breach(
        8,
        "403 stops the run unless GET /credit answers",
        "dispatch/attempt.py",
        "return Verdict.REJECTED if answers else Verdict.FORBIDDEN",
        "return Verdict.REJECTED",
        f"{_RULES}::test_a_forbidden_account_stops_the_run",
    ),
    breach(
        8,
        "403 rejects the row alone where GET /credit answers",
        "dispatch/attempt.py",
        "return Verdict.REJECTED if answers else Verdict.FORBIDDEN",
        "return Verdict.FORBIDDEN",
        f"{_RULES}::test_a_forbidden_row_is_rejected_alone_when_the_account_works",
    ),
    breach(
        8,
        "the row goes back to pending",
        "core/retry.py",
        "Verdict.FORBIDDEN | Verdict.PAYMENT_REFUSED:\n            return State.PENDING",
        "Verdict.FORBIDDEN | Verdict.PAYMENT_REFUSED:\n            return State.REJECTED",
        "dispatch/test_run.py::test_wrong_credentials_stop_the_run_at_once",
    ),
    breach(
        8,
        "an outage pauses the run: the breaker opens",
        "core/breaker.py",
        " or self.in_a_row >= self.threshold",
        "",
        "core/test_breaker.py",
    ),
    breach(
        8,
        "an outage pauses the run: an open breaker lets nobody start",
        "dispatch/gate.py",
        "self._breaker.room(wanted)",
        "wanted",
        "dispatch/test_run.py::test_an_outage_pauses_the_run_and_fails_no_row",
    ),
    breach(
        8,
        "an outage does not turn rows into failures",
        "core/retry.py",
        "{Verdict.UNREACHED, Verdict.BAD",
        "{Verdict.BAD",
        "dispatch/test_run.py::test_an_outage_pauses_the_run_and_fails_no_row core/test_retry.py",
    ),
    breach(
        8,
        "--max-outage ends the run, and every untried row is pending",
        "dispatch/gate.py",
        ">= self._context.plan.max_outage_s",
        ">= 1.2 * self._context.plan.max_outage_s",
        "dispatch/test_outage.py::test_an_outage_without_end_ends_the_run_in_time_with_every_untried_row_pending",
    ),
)
