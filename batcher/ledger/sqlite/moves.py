"""The moves of the state machine as SQL. Each names the state it starts from, and tells when it no longer held."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from batcher.core.errors import IllegalMove
from batcher.core.states import Stage, State, may_move
from batcher.ledger.records import Intents, KnownRow, OpenDoubt, StoredRow, Target

from .jobs import JOBS
from .pruned import PRUNED, parameters_of, parameters_to_send

_JOBS: Final = f"CASE r.stage WHEN 'create' THEN '[]' ELSE {JOBS} END"
_CLAIM: Final = f"""
SELECT r.number, r.key, r.generation, s.parameters, r.tries, r.attempts, {_JOBS}
FROM row r JOIN spec s USING (campaign_id, number)
WHERE r.campaign_id = ? AND r.number > ? AND r.state = 'pending' AND r.stage = ?
ORDER BY r.number LIMIT ?
"""
_INTENT_MOVE: Final = """
UPDATE row SET state = 'sending', attempts = ?
WHERE campaign_id = ? AND number = ? AND state = 'pending' AND attempts = ? AND stage = ?
"""
_INTENT: Final = """
INSERT INTO attempt (campaign_id, row_number, stage, number, run_id, intent_at, send_deadline, timeout_s)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_BY_DOUBT: Final = "INDEXED BY row_doubt"
_IS_DOUBTFUL: Final = "state IN ('in_doubt', 'held')"
"""Such rows stand in a small index, which SQLite takes only where it is named, with its condition as it is there."""

_ORPHANED: Final = """
UPDATE row SET state = 'in_doubt' WHERE campaign_id = ? AND state = 'sending'
RETURNING campaign_id, number, stage, attempts
"""
_DIED: Final = """
UPDATE attempt SET error_type = 'process_died', error = 'the run that sent it ended without an answer'
WHERE campaign_id = ? AND row_number = ? AND stage = ? AND number = ?
"""
_OTHER_BOOT: Final = f"""
UPDATE attempt SET run_id = ?, send_deadline = ?, settle_from = NULL
FROM row r {_BY_DOUBT}
WHERE r.campaign_id = ? AND r.{_IS_DOUBTFUL} AND attempt.campaign_id = r.campaign_id
AND attempt.row_number = r.number AND attempt.stage = r.stage AND attempt.number = r.attempts
AND (SELECT boot_id FROM run WHERE run.run_id = attempt.run_id) <> ?
"""
_DOUBT: Final = f"""
SELECT r.number, r.key, r.stage, r.state, r.generation, s.parameters, r.tries, r.attempts,
       coalesce(a.settle_from, a.send_deadline + a.timeout_s, 0.0),
       coalesce(a.error_type IN ('reported_failure', 'other_state'), 0), {_JOBS}
"""
_OF_DOUBT: Final = """
JOIN spec s USING (campaign_id, number)
LEFT JOIN attempt a ON a.campaign_id = r.campaign_id AND a.row_number = r.number
     AND a.stage = r.stage AND a.number = r.attempts
WHERE r.campaign_id = ?
"""
_KNOWN: Final = """
SELECT c.token, r.number, r.generation, r.job_id FROM row r JOIN campaign c USING (campaign_id)
WHERE c.base_url = ? AND c.username = ? AND NOT c.own_signatures
AND r.job_id IS NOT NULL AND (r.stage = 'submit' OR (r.stage = 'create' AND r.state = 'done'))
AND (SELECT count(*) FROM attempt a WHERE a.campaign_id = r.campaign_id AND a.row_number = r.number
     AND a.stage = 'create' AND a.sent IS NOT 0) = 1
AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.campaign_id = r.campaign_id AND a.row_number = r.number
                AND a.stage = 'create' AND a.via = 'person')
ORDER BY r.job_id DESC LIMIT 1
"""

_PUT_OFF: Final = """
UPDATE attempt SET settle_from = ? WHERE campaign_id = ? AND row_number = ? AND number = ?
AND stage = (SELECT stage FROM row r WHERE r.campaign_id = attempt.campaign_id AND r.number = attempt.row_number)
"""
_HAS_PARAMETERS: Final = f"""
EXISTS (SELECT 1 FROM spec s WHERE s.campaign_id = row.campaign_id AND s.number = row.number AND NOT {PRUNED})
"""
_FRESH_TRIES: Final = """
UPDATE row SET tries = 0 WHERE campaign_id = ? AND tries > 0 AND state IN ('pending', 'in_doubt')
"""


def claim(db: sqlite3.Connection, campaign_id: int, stage: Stage, after: int, limit: int) -> list[StoredRow]:
    return [
        StoredRow(
            number=number,
            key=key,
            generation=generation,
            parameters=_reading(stage)(number, parameters),
            tries=tries,
            attempts=attempts,
            jobs=() if jobs == "[]" else tuple(json.loads(jobs)),
        )
        for number, key, generation, parameters, tries, attempts, jobs in db.execute(
            _CLAIM, (campaign_id, after, stage, limit)
        )
    ]


def record_intents(db: sqlite3.Connection, intents: Intents) -> frozenset[int]:
    ours = intents.campaign_id
    moves = [(attempt, ours, number, attempt - 1, intents.stage) for number, attempt in intents.attempts.items()]
    moved = list(intents.attempts)
    db.execute("SAVEPOINT intents")
    if db.executemany(_INTENT_MOVE, moves).rowcount != len(moves):
        # Some row is not where its worker thinks it is: find out which by moving one at a time.
        db.execute("ROLLBACK TO intents")
        moved = [move[2] for move in moves if db.execute(_INTENT_MOVE, move).rowcount == 1]
    db.execute("RELEASE intents")
    shared = (intents.run_id, intents.recorded_at, intents.send_deadline, intents.timeout_s)
    db.executemany(_INTENT, [(ours, number, intents.stage, intents.attempts[number], *shared) for number in moved])
    return frozenset(moved)


def recover(db: sqlite3.Connection, campaign_id: int, run_id: int, boot_id: str, boot_now: float) -> int:
    orphans = db.execute(_ORPHANED, (campaign_id,)).fetchall()
    db.executemany(_DIED, orphans)
    db.execute(_OTHER_BOOT, (run_id, boot_now, campaign_id, boot_id))
    db.execute(_FRESH_TRIES, (campaign_id,))
    return len(orphans)


def doubts(db: sqlite3.Connection, campaign_id: int, stage: Stage, states: Sequence[State]) -> list[OpenDoubt]:
    if not states:
        return []  # an index cannot be looked into for nothing at all
    marks = ", ".join(f"'{state}'" for state in states)
    where = f"AND r.{_IS_DOUBTFUL} AND r.stage = ? AND r.state IN ({marks})"
    select = f"{_DOUBT} FROM row r {_BY_DOUBT} {_OF_DOUBT} {where} ORDER BY r.number"
    return [_open_doubt(row, _reading(stage)) for row in db.execute(select, (campaign_id, stage))]


def put_off(db: sqlite3.Connection, campaign_id: int, number: int, attempt: int, settle_from: float) -> None:
    db.execute(_PUT_OFF, (settle_from, campaign_id, number, attempt))


def known_row(db: sqlite3.Connection, target: Target) -> KnownRow | None:
    row = db.execute(_KNOWN, (target.base_url, target.username)).fetchone()
    if row is None:
        return None
    token, number, generation, job_id = row
    return KnownRow(token=token, number=number, generation=generation, job_id=job_id)


def find_row(db: sqlite3.Connection, campaign_id: int, number: int | None, key: str | None) -> OpenDoubt | None:
    by, value = ("r.number", number) if key is None else ("r.key", key)
    try:
        row = db.execute(f"{_DOUBT} FROM row r {_OF_DOUBT} AND {by} = ?", (campaign_id, value)).fetchone()
    except (UnicodeEncodeError, OverflowError):  # no text and no number that a ledger can hold
        return None
    return None if row is None else _open_doubt(row, lambda _, stored: parameters_of(stored))


def release(
    db: sqlite3.Connection, campaign_id: int, stage: Stage, states: Sequence[State], keys: Sequence[str] | None
) -> int:
    for state in states:
        if not may_move(state, State.PENDING) or state not in {State.FAILED, State.REJECTED}:
            raise IllegalMove(f"rows that are {state} cannot simply become pending")
    marks = ", ".join(f"'{state}'" for state in states)
    can_be_sent = f"(stage <> 'create' OR {_HAS_PARAMETERS})"
    where = f"campaign_id = ? AND stage = ? AND state IN ({marks}) AND {can_be_sent}"
    update = f"UPDATE row SET state = 'pending', tries = 0 WHERE {where}"
    if keys is None:
        return db.execute(update, (campaign_id, stage)).rowcount
    return sum(db.execute(f"{update} AND key = ?", (campaign_id, stage, key)).rowcount for key in keys)


def _reading(stage: Stage) -> Callable[[int, str], Mapping[str, str]]:
    """How a row's parameters are read: only a row that is to be created sends them."""
    return parameters_to_send if stage is Stage.CREATE else lambda _, stored: parameters_of(stored)


def _open_doubt(
    row: tuple[int, str, str, str, int, str, int, int, float, int, str],
    parameters_of_row: Callable[[int, str], Mapping[str, str]],
) -> OpenDoubt:
    number, key, stage, state, generation, parameters, tries, attempts, open_until, replied, jobs = row
    return OpenDoubt(
        number=number,
        key=key,
        stage=Stage(stage),
        state=State(state),
        generation=generation,
        parameters=parameters_of_row(number, parameters),
        tries=tries,
        attempts=attempts,
        open_until=open_until,
        replied=bool(replied),
        jobs=tuple(json.loads(jobs)),
    )
