"""The jobs that rows have: which a stage can begin with, and what they cost."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Final

from batcher.core.states import STARTS, Stage, State
from batcher.ledger.job_records import Draft, JobCost, Spent
from batcher.ledger.records import Outcome

from .pruned import PRUNED

JOBS: Final = """
(SELECT json_group_array(id) FROM (
    SELECT r.job_id AS id WHERE r.job_id > 0
    UNION ALL
    SELECT x.value FROM attempt e, json_each(e.extra_job_ids) x
    WHERE r.stage <> 'submit' AND e.campaign_id = r.campaign_id AND e.row_number = r.number AND e.stage = 'create'
    AND e.extra_job_ids IS NOT NULL AND NOT e.extra_gone AND x.value <> r.job_id))
"""
"""Row ``r``'s own job, and those it should not have, which are never submitted: a JSON array."""

_EXTRA_GONE: Final = """
UPDATE attempt SET extra_gone = 1
WHERE campaign_id = ? AND row_number = ? AND stage = 'create' AND extra_job_ids IS NOT NULL
"""
_CHARGED: Final = """
INSERT INTO job (campaign_id, row_number, cost_micros, charged) VALUES (?, ?, ?, 1)
ON CONFLICT DO UPDATE SET cost_micros = excluded.cost_micros, charged = 1
"""
_ASKED: Final = """
INSERT INTO job (campaign_id, row_number, cost_micros) VALUES (?, ?, ?)
ON CONFLICT DO UPDATE SET cost_micros = excluded.cost_micros WHERE NOT charged
"""
_SPENT: Final = """
SELECT count(*), coalesce(sum(j.cost_micros), 0), count(*) - count(j.cost_micros)
FROM row r LEFT JOIN job j ON j.campaign_id = r.campaign_id AND j.row_number = r.number
WHERE r.campaign_id = ? AND r.stage = 'submit' AND r.state IN ('done', 'sending', 'in_doubt', 'held')
"""
_FORGET: Final = "DELETE FROM job WHERE campaign_id = ? AND row_number IN (SELECT number FROM again)"


def _beginning(stage: Stage, *, is_open: bool) -> str:
    """The condition on row ``r`` that the stage may begin, or with ``is_open`` go on, from there."""
    at = set(STARTS[stage])
    if is_open:
        at |= {(stage, State.PENDING), (stage, State.FAILED)}
    pairs = ", ".join(f"('{begun}', '{state}')" for begun, state in sorted(at))
    return f"(r.stage, r.state) IN (VALUES {pairs}) AND r.job_id > 0"


def drafts(db: sqlite3.Connection, campaign_id: int, stage: Stage, after: int, limit: int) -> list[Draft]:
    # As the stage would see it: what is deleted goes with the jobs that the row should not have.
    jobs = JOBS.replace("r.stage", f"'{stage}'")
    select = f"""
        SELECT r.number, r.key, {jobs} FROM row r
        WHERE r.campaign_id = ? AND r.number > ? AND {_beginning(stage, is_open=True)} ORDER BY r.number LIMIT ?
    """
    return [
        Draft(number=number, key=key, jobs=tuple(json.loads(listed)))
        for number, key, listed in db.execute(select, (campaign_id, after, limit))
    ]


def begin_stage(db: sqlite3.Connection, campaign_id: int, stage: Stage, through: int) -> int:
    """Puts every row up to that number from which the stage may begin into it; returns how many are pending there."""
    db.execute(
        f"""
        UPDATE row AS r SET stage = ?1, state = 'pending', tries = 0, attempts = (
            SELECT coalesce(max(number), 0) FROM attempt a
            WHERE a.campaign_id = r.campaign_id AND a.row_number = r.number AND a.stage = ?1)
        WHERE r.campaign_id = ?2 AND r.number <= ?3 AND {_beginning(stage, is_open=False)}
        """,
        (stage, campaign_id, through),
    )
    db.execute(
        "UPDATE row SET state = 'pending', tries = 0"
        " WHERE campaign_id = ? AND number <= ? AND stage = ? AND state = 'failed'",
        (campaign_id, through, stage),
    )
    pending = "SELECT count(*) FROM row WHERE campaign_id = ? AND number <= ? AND stage = ? AND state = 'pending'"
    return int(db.execute(pending, (campaign_id, through, stage)).fetchone()[0])


def create_anew(db: sqlite3.Connection, campaign_id: int) -> int:
    """Makes deleted rows pending again, each under another signature; returns how many."""
    db.execute("DROP TABLE IF EXISTS temp.again")
    db.execute(
        "CREATE TEMP TABLE again AS SELECT number FROM row"
        " JOIN spec s USING (campaign_id, number)"
        f" WHERE campaign_id = ? AND stage = 'delete' AND state = 'done' AND NOT s.gone AND NOT ({PRUNED})",
        (campaign_id,),
    )
    renewed = db.execute(
        """
        UPDATE row AS r SET stage = 'create', state = 'pending', tries = 0, job_id = NULL, generation = generation + 1,
               attempts = (SELECT coalesce(max(number), 0) FROM attempt a WHERE a.campaign_id = r.campaign_id
                           AND a.row_number = r.number AND a.stage = 'create')
        WHERE campaign_id = ? AND number IN (SELECT number FROM again)
        """,
        (campaign_id,),
    ).rowcount
    db.execute(_FORGET, (campaign_id,))
    db.execute("DROP TABLE temp.again")
    return renewed


def note_done(db: sqlite3.Connection, outcome: Outcome) -> None:
    """What follows for the row's jobs from a stage that is done."""
    row = (outcome.campaign_id, outcome.number)
    if outcome.stage is Stage.SUBMIT and outcome.cost_micros is not None:
        db.execute(_CHARGED, (*row, outcome.cost_micros))
    elif outcome.stage is Stage.DELETE:
        db.execute(_EXTRA_GONE, row)


def note_costs(db: sqlite3.Connection, campaign_id: int, costs: Sequence[JobCost]) -> None:
    db.executemany(_ASKED, [(campaign_id, cost.number, cost.micros) for cost in costs])


def spent(db: sqlite3.Connection, campaign_id: int) -> Spent:
    jobs, micros, unknown = db.execute(_SPENT, (campaign_id,)).fetchone()
    return Spent(jobs=jobs, micros=micros, unknown=unknown)
