"""
What attempts came to, as SQL: the attempt's line is closed, and its row moves if it is where the attempt left it.

Nearly every outcome of a run is the same: a reply, a job, nothing against it. Those are written together, and undone
and written one at a time as soon as anything about one of them is not as it should be.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Final

from batcher.core.errors import IllegalMove
from batcher.core.states import DOUBTFUL, Stage, State, may_move
from batcher.ledger.records import Outcome, Recorded

from .jobs import note_done

_MOVE: Final = """
UPDATE row SET state = ?, tries = ?, job_id = coalesce(?, job_id)
WHERE campaign_id = ? AND number = ? AND state = ? AND stage = ? AND attempts = ?
"""
_LATE_MOVE: Final = """
UPDATE row SET state = 'done', tries = ?, job_id = coalesce(?, job_id)
WHERE campaign_id = ? AND number = ? AND state = 'in_doubt' AND stage = ?
"""
_CLOSE: Final = """
UPDATE attempt SET sent = ?, http_status = coalesce(?, http_status), return_code = coalesce(?, return_code),
       description = coalesce(nullif(?, ''), description), error_type = coalesce(?, error_type),
       error = coalesce(?, error), job_id = coalesce(?, job_id), extra_job_ids = ?, settle_from = ?,
       finished_at = ?, duration_ms = coalesce(?, duration_ms), via = ?, unchecked = max(unchecked, ?)
WHERE campaign_id = ? AND row_number = ? AND stage = ? AND number = ?
"""
_HOLDER: Final = """
SELECT 1 FROM row r JOIN campaign c USING (campaign_id)
WHERE r.job_id = ? AND NOT (r.campaign_id = ? AND r.number = ?)
AND c.base_url = (SELECT base_url FROM campaign WHERE campaign_id = ?)
"""
_CREATE: Final = """
UPDATE row SET state = 'done', tries = ?, job_id = ?
WHERE campaign_id = ? AND number = ? AND state = 'sending' AND stage = 'create' AND attempts = ?
"""
_CLOSE_CREATED: Final = """
UPDATE attempt SET sent = 1, http_status = ?, return_code = ?, description = ?, job_id = ?, finished_at = ?,
       duration_ms = ?, via = ?
WHERE campaign_id = ? AND row_number = ? AND stage = 'create' AND number = ?
"""
_CREATE_WITH: Final = attrgetter("tries", "job_id", "campaign_id", "number", "attempt")
_CLOSE_CREATED_WITH: Final = attrgetter(
    *("http_status", "return_code", "description", "job_id", "finished_at", "duration_ms", "via"),
    *("campaign_id", "number", "attempt"),
)
_HOLDERS: Final = "SELECT count(*) FROM row WHERE job_id IN (SELECT value FROM json_each(?))"
_WITHDRAW: Final = """
UPDATE row SET state = 'withdrawn'
WHERE campaign_id = ? AND number = ? AND stage = 'create' AND state IN ('pending', 'rejected', 'failed')
AND (SELECT gone FROM spec WHERE campaign_id = ? AND number = ?)
"""
_MADE_NOTHING: Final = frozenset({State.PENDING, State.REJECTED, State.FAILED})


def record_outcomes(db: sqlite3.Connection, outcomes: Sequence[Outcome]) -> list[Recorded]:
    for outcome in outcomes:
        _require_legal(outcome)
    if all(map(_is_creation, outcomes)) and _record_creations(db, outcomes):
        return [Recorded.MOVED] * len(outcomes)
    return [record_outcome(db, outcome) for outcome in outcomes]


def record_outcome(db: sqlite3.Connection, outcome: Outcome) -> Recorded:
    _require_legal(outcome)
    new, recorded = outcome.new, Recorded.MOVED
    # Whatever a later stage does, it does to the job that the row has.
    job_id = outcome.job_id if outcome.stage is Stage.CREATE and new is State.DONE else None
    error_type = outcome.error_type
    if job_id is not None and _is_held_by_another(db, outcome, job_id):
        # Two rows cannot be one job: nothing the remote says of this row is believed any more.
        new = State.IN_DOUBT if outcome.old is State.SENDING else State.HELD
        recorded, job_id, error_type = Recorded.ID_TAKEN, None, "id_taken"
    row = (outcome.campaign_id, outcome.number)
    if outcome.old is not new:
        moved = db.execute(
            _MOVE, (new, outcome.tries, job_id, *row, outcome.old, outcome.stage, outcome.attempt)
        ).rowcount
        if not moved and new is State.DONE:
            # A reply that comes after its row was given up on is still the truth about it.
            moved = db.execute(_LATE_MOVE, (outcome.tries, job_id, *row, outcome.stage)).rowcount
        if not moved:
            recorded = Recorded.LOST
        elif new is State.DONE:
            note_done(db, outcome)
    db.execute(_CLOSE, _closing(outcome, error_type))
    if recorded is Recorded.MOVED and new in _MADE_NOTHING and db.execute(_WITHDRAW, (*row, *row)).rowcount:
        recorded = Recorded.WITHDRAWN
    return recorded


def _require_legal(outcome: Outcome) -> None:
    if outcome.old not in DOUBTFUL or not may_move(outcome.old, outcome.new):
        raise IllegalMove(f"row {outcome.number}: {outcome.old} → {outcome.new} is no outcome of an attempt")
    is_created = outcome.stage is Stage.CREATE and outcome.new is State.DONE
    if is_created and (outcome.job_id is None or outcome.job_id < 1):
        raise IllegalMove(f"row {outcome.number}: done without the id of its job")


def _is_creation(outcome: Outcome) -> bool:
    """Whether it is what nearly every outcome is: the reply to a POST names the row's job, and that is all."""
    is_first = outcome.old is State.SENDING and outcome.new is State.DONE and outcome.stage is Stage.CREATE
    return is_first and outcome.sent and not (outcome.error or outcome.extra_job_ids or outcome.unchecked)


def _record_creations(db: sqlite3.Connection, outcomes: Sequence[Outcome]) -> bool:
    """Writes rows that became jobs; False, and nothing is written, unless all moved and each has a job of its own."""
    job_ids = {outcome.job_id for outcome in outcomes}
    if len(job_ids) < len(outcomes):
        return False
    db.execute("SAVEPOINT creations")
    moved = db.executemany(_CREATE, map(_CREATE_WITH, outcomes)).rowcount
    (holders,) = db.execute(_HOLDERS, (json.dumps(list(job_ids)),)).fetchone()
    is_sound = bool(moved == holders == len(outcomes))
    if is_sound:
        db.executemany(_CLOSE_CREATED, map(_CLOSE_CREATED_WITH, outcomes))
    else:
        db.execute("ROLLBACK TO creations")
    db.execute("RELEASE creations")
    return is_sound


def _closing(outcome: Outcome, error_type: str | None) -> tuple[Any, ...]:
    return (
        int(outcome.sent),
        outcome.http_status,
        outcome.return_code,
        outcome.description,
        error_type,
        outcome.error,
        outcome.job_id,
        json.dumps(outcome.extra_job_ids) if outcome.extra_job_ids else None,
        outcome.settle_from,
        outcome.finished_at,
        outcome.duration_ms,
        outcome.via,
        int(outcome.unchecked),
        outcome.campaign_id,
        outcome.number,
        outcome.stage,
        outcome.attempt,
    )


def _is_held_by_another(db: sqlite3.Connection, outcome: Outcome, job_id: int) -> bool:
    ours = outcome.campaign_id
    return db.execute(_HOLDER, (job_id, ours, outcome.number, ours)).fetchone() is not None
