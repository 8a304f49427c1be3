"""Rule 2 broken: a move is written only if the old state still holds."""

from __future__ import annotations

from typing import Final

from .breach import breach

_CONTRACT: Final = "contracts/ledger"
_RULES: Final = "dispatch/test_rules.py"
_GONE: Final = "dispatch/test_gone.py"
_PRUNING: Final = "ledger/test_pruning.py"
_MOVES: Final = "ledger/sqlite/moves.py"

BREACHES: Final = (
    breach(
        2,
        "an outcome moves its row only if the old state still holds",
        "ledger/sqlite/outcomes.py",
        "number = ? AND state = ? AND stage = ? AND attempts = ?",
        "number = ? AND ? <> '' AND stage = ? AND attempts = ?",
        f"{_CONTRACT}/test_outcomes.py::test_an_outcome_whose_row_is_elsewhere_is_lost_and_moves_nothing",
    ),
    breach(
        2,
        "an outcome moves its row only if no later attempt was made",
        "ledger/sqlite/outcomes.py",
        "state = ? AND stage = ? AND attempts = ?",
        "state = ? AND stage = ? AND ? > 0",
        f"{_CONTRACT}/test_outcomes.py::test_the_outcome_of_an_earlier_attempt_does_not_move_a_row_that_is_being_sent_again",
    ),
    breach(
        2,
        "an intent moves only a row that is pending",
        _MOVES,
        "number = ? AND state = 'pending' AND attempts",
        "number = ? AND attempts",
        f"{_CONTRACT}/test_intents.py::test_an_intent_does_not_move_a_row_that_is_not_pending",
    ),
    breach(
        2,
        "a move that changes nothing is news: the ledger says so",
        "ledger/sqlite/outcomes.py",
        "recorded = Recorded.LOST",
        "pass",
        f"{_CONTRACT}/test_outcomes.py::test_an_outcome_whose_row_is_elsewhere_is_lost_and_moves_nothing",
    ),
    breach(
        2,
        "a move that changes nothing is news: an outcome's stops the run",
        "dispatch/recorder.py",
        'context.stop.request(StopReason.LEDGER, detail=f"row {row.number} was moved by somebody else")',
        "pass",
        "dispatch/test_drain.py::test_a_row_that_somebody_else_moved_while_it_was_sent_stops_the_run",
    ),
    breach(
        2,
        "a move that changes nothing is news: an intent's stops the run",
        "dispatch/feed.py",
        'context.stop.request(StopReason.LEDGER, detail=f"row {row.number} was moved by somebody else")',
        "pass",
        f"{_RULES}::test_a_row_that_somebody_else_moved_is_not_sent",
    ),
    breach(
        2,
        "only the moves of the picture exist",
        "ledger/sqlite/outcomes.py",
        "outcome.old not in DOUBTFUL or not may_move(outcome.old, outcome.new)",
        "outcome.old not in DOUBTFUL",
        f"{_CONTRACT}/test_outcomes.py::test_a_move_that_the_picture_does_not_have_is_refused",
    ),
    breach(
        2,
        "a rejected row is not released by a run",
        "dispatch/run.py",
        "(State.FAILED,))",
        "(State.FAILED, State.REJECTED))",
        "dispatch/test_intents.py::test_a_rejected_row_stays_rejected_in_the_next_run",
    ),
    breach(
        2,
        "a row that is gone from the manifest is not pending again: the ledger",
        "ledger/sqlite/outcomes.py",
        "new in _MADE_NOTHING and",
        "new is State.REJECTED and",
        f"{_GONE}::test_a_row_that_is_gone_and_no_job_is_withdrawn_and_not_sent_again",
    ),
    breach(
        2,
        "a row that is gone from the manifest is not pending again: an amendment notes that it is gone",
        "ledger/sqlite/amendment.py",
        "UPDATE spec SET gone = NOT EXISTS (",
        "UPDATE spec SET gone = 0 AND NOT EXISTS (",
        f"{_GONE}::test_a_row_that_is_gone_and_no_job_is_withdrawn_and_not_sent_again",
    ),
    breach(
        2,
        "a row that is gone from the manifest is not pending again: the run goes by what the ledger says",
        "dispatch/doubts.py",
        "State.HELD, Recorded.WITHDRAWN: State.WITHDRAWN}",
        "State.HELD}",
        f"{_GONE}::test_a_row_that_is_gone_and_no_job_is_withdrawn_and_not_sent_again",
    ),
    breach(
        2,
        "a withdrawn row is not sent",
        _MOVES,
        "r.state = 'pending' AND r.stage = ?\nORDER",
        "r.state IN ('pending', 'withdrawn') AND r.stage = ?\nORDER",
        f"{_CONTRACT}/test_amending.py::test_a_withdrawn_row_is_not_claimed",
    ),
    breach(
        2,
        "a row that was pruned is not sent: `retry` leaves it",
        _MOVES,
        "(stage <> 'create' OR {_HAS_PARAMETERS})",
        "1",
        f"{_PRUNING}::test_a_rejected_row_that_was_pruned_is_not_released",
    ),
    breach(
        2,
        "a row that was pruned is not sent: corrections leave it",
        "ledger/sqlite/amendment.py",
        " OR {PRUNED}",
        "",
        f"{_PRUNING}::test_corrections_of_pruned_rows_are_refused_because_constants_are_gone",
    ),
    breach(
        2,
        "a row that was pruned is not sent: nobody is handed one",
        _MOVES,
        "_reading(stage)(number, parameters)",
        "parameters_of(parameters)",
        f"{_PRUNING}::test_a_row_without_parameters_that_waits_all_the_same_is_never_handed_out",
    ),
    breach(
        2,
        "only a campaign that has come to its end is pruned",
        "core/retention.py",
        "if usage.open_rows:",
        "if not usage.rows:",
        "core/test_retention.py::test_a_campaign_with_a_row_that_is_not_at_rest_stays_whole_and_is_told_of",
    ),
    breach(
        2,
        "a row that was pruned stays a job in the eyes of another campaign",
        "ledger/sqlite/pruning.py",
        "        _strip(db, campaign_id)",
        """        _strip(db, campaign_id)
        db.execute("DELETE FROM row WHERE campaign_id = ?", (campaign_id,))""",
        f"{_PRUNING}::test_another_campaign_still_does_not_send_what_is_a_job",
    ),
    breach(
        2,
        "a move that changes nothing is news: of many rows at once",
        "ledger/sqlite/outcomes.py",
        "moved == holders == len(outcomes)",
        "holders == len(outcomes)",
        "contracts/ledger/test_outcome_groups.py",
    ),
    breach(
        2,
        "an outcome moves its row only if the old state still holds: of many rows at once",
        "ledger/sqlite/outcomes.py",
        "number = ? AND state = 'sending' AND stage = 'create'",
        "number = ? AND stage = 'create'",
        "contracts/ledger/test_outcome_groups.py",
    ),
    breach(
        2,
        "an outcome moves its row only if no later attempt was made: of many rows at once",
        "ledger/sqlite/outcomes.py",
        "AND state = 'sending' AND stage = 'create' AND attempts = ?",
        "AND state = 'sending' AND stage = 'create' AND ? > 0",
        "contracts/ledger/test_outcome_groups.py",
    ),
    breach(
        2,
        "only the moves of the picture exist: of many rows at once",
        "ledger/sqlite/outcomes.py",
        "    for outcome in outcomes:\n        _require_legal(outcome)\n",
        "",
        "contracts/ledger/test_outcome_groups.py",
    ),
)
