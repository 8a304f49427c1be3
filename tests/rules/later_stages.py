"""The rules broken where they concern jobs that are submitted or deleted."""

from __future__ import annotations

from typing import Final

from .breach import breach

_STATUS: Final = "core/test_status.py"
_SUBMIT: Final = "dispatch/test_submission.py"

BREACHES: Final = (
    breach(
        1,
        "no submit without a committed intent for that stage",
        "ledger/sqlite/moves.py",
        "AND state = 'pending' AND attempts = ? AND stage = ?",
        "AND state = 'pending' AND attempts = ? AND stage <> ?",
        _SUBMIT,
    ),
    breach(
        2,
        "a stage begins only for rows that are done with the one before",
        "ledger/sqlite/jobs.py",
        "(r.stage, r.state) IN (VALUES {pairs}) AND r.job_id > 0",
        "r.job_id > 0",
        f"{_SUBMIT} dispatch/test_deletion.py",
    ),
    breach(
        4,
        "a draft is submitted again only after its time",
        "core/status.py",
        "if reading is Reading.UNDONE and is_time:",
        "if reading is Reading.UNDONE:",
        f"{_STATUS} dispatch/test_submit_storm.py",
    ),
    breach(
        4,
        "time counts only while the remote answers: statuses",
        "core/status.py",
        "+ silence_after(doubt.open_until)",
        "",
        _STATUS,
    ),
    breach(
        4,
        "a status that did not change when it had to is not believed",
        "core/status.py",
        "while proof_now().trust is not Trust.BROKEN:",
        "while True:",
        _STATUS,
    ),
    breach(
        4,
        "a status that is not understood is no draft",
        "core/status.py",
        "return Reading.UNKNOWN if answer.state is None else table[answer.state]",
        "return table[answer.state or RemoteState.EDITING]",
        _STATUS,
    ),
    breach(
        4,
        "a number and a word that contradict each other are no state",
        "core/job.py",
        "return None if contradicts else by_word",
        "return by_number if contradicts else by_word",
        "click2mail/test_job.py",
    ),
    breach(
        6,
        "money is not spent on the remote's word that it failed",
        "cli/stages.py",
        "strict_500=True, on_doubt=on_doubt",
        "on_doubt=plan.retry.on_doubt",
        "cli/test_stages.py",
    ),
    breach(
        7,
        "a success about another job is none",
        "dispatch/stages/work.py",
        "answer.job_id != job_id",
        "answer.job_id < 0",
        _SUBMIT,
    ),
    breach(
        7,
        "never act on job id 0",
        "click2mail/remote.py",
        "if job_id < 1:",
        "if job_id < 0:",
        "click2mail/test_job.py",
    ),
    breach(
        8,
        "a payment that is refused stops the stage at once",
        "dispatch/hopeless.py",
        "elif verdict is Verdict.PAYMENT_REFUSED:",
        "elif False:",
        _SUBMIT,
    ),
    breach(
        8,
        "a payment that is refused leaves its row created",
        "core/retry.py",
        "Verdict.FORBIDDEN | Verdict.PAYMENT_REFUSED:\n            return State.PENDING",
        "Verdict.FORBIDDEN:\n            return State.PENDING\n        case Verdict.PAYMENT_REFUSED:\n"
        "            return State.REJECTED",
        _SUBMIT,
    ),
    breach(
        9,
        "once the run is to stop, nothing more is sent",
        "dispatch/attempt.py",
        "if self._gate.may_go(permit) and not context.stop.requested:",
        "if self._gate.may_go(permit):",
        _SUBMIT,
    ),
)
