"""
The books and the moves as questions in SQL: each finds rows that no run could have left like that.

A question gives campaign, row number and the facts that ``ledger.soundness`` has words for. All of them go through the
tables in the order of their keys, once, and so take seconds for a million rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any, Final

from batcher.core.states import Stage, State
from batcher.ledger.soundness import Finding, Flaw

from .pruned import PRUNED
from .reader import shown
from .schema import tables_of_campaigns

_STAGES: Final = ", ".join(f"'{stage}'" for stage in Stage)
_STATES: Final = ", ".join(f"'{state}'" for state in State)

_QUESTIONS: Final = {
    Flaw.NO_SPEC: """
        SELECT r.campaign_id, r.number FROM row r WHERE NOT EXISTS (
            SELECT 1 FROM spec s WHERE s.campaign_id = r.campaign_id AND s.number = r.number)
        ORDER BY r.campaign_id, r.number
    """,
    Flaw.NO_ROW: """
        SELECT s.campaign_id, s.number, 'spec' AS "table" FROM spec s WHERE NOT EXISTS (
            SELECT 1 FROM row r WHERE r.campaign_id = s.campaign_id AND r.number = s.number)
        UNION ALL
        SELECT DISTINCT a.campaign_id, a.row_number, 'attempt' FROM attempt a WHERE NOT EXISTS (
            SELECT 1 FROM row r WHERE r.campaign_id = a.campaign_id AND r.number = a.row_number)
    """,
    Flaw.UNREADABLE_SPEC: f"""
        SELECT s.campaign_id, s.number FROM spec s
        WHERE NOT json_valid(s.kept) OR (NOT json_valid(s.parameters) AND NOT {PRUNED})
    """,
    Flaw.PENDING_WITHOUT_PARAMETERS: f"""
        SELECT r.campaign_id, r.number FROM spec s JOIN row r USING (campaign_id, number)
        WHERE {PRUNED} AND r.stage = 'create' AND r.state NOT IN ('done', 'rejected', 'withdrawn')
    """,
    Flaw.NO_RUN: """
        SELECT a.campaign_id, a.row_number, a.number AS attempt, a.run_id AS run FROM attempt a WHERE NOT EXISTS (
            SELECT 1 FROM run u WHERE u.run_id = a.run_id AND u.campaign_id = a.campaign_id)
    """,
    Flaw.ATTEMPTS: """
        SELECT r.campaign_id, r.number, max(a.number) AS attempts, count(*) AS noted
        FROM row r JOIN attempt a
             ON a.campaign_id = r.campaign_id AND a.row_number = r.number AND a.stage <> r.stage
        GROUP BY r.campaign_id, r.number, a.stage HAVING count(*) <> max(a.number)
    """,
    Flaw.JOB_TWICE: """
        SELECT r.campaign_id, r.number, r.job_id, o.number AS other_row, d.name AS other
        FROM row r INDEXED BY row_job JOIN row o INDEXED BY row_job ON o.job_id = r.job_id
             AND (o.campaign_id, o.number) < (r.campaign_id, r.number)
        JOIN campaign c ON c.campaign_id = r.campaign_id
        JOIN campaign d ON d.campaign_id = o.campaign_id AND d.base_url = c.base_url
        WHERE r.job_id IS NOT NULL
    """,
}

_BOOKS: Final = f"""
SELECT name, rows, counted FROM (
    SELECT c.campaign_id, c.name, (SELECT count(*) FROM spec s WHERE s.campaign_id = c.campaign_id) AS rows,
           (SELECT count(*) FROM row r WHERE r.campaign_id = c.campaign_id
            AND r.stage IN ({_STAGES}) AND r.state IN ({_STATES})) AS counted
    FROM campaign c)
WHERE rows <> counted ORDER BY campaign_id
"""
_MOVES: Final = f"""
SELECT campaign_id, number, stage, state, attempts, noted, job_id, CASE
    WHEN stage NOT IN ({_STAGES}) OR state NOT IN ({_STATES}) THEN '{Flaw.UNKNOWN_WORD}'
    WHEN noted <> attempts OR latest <> attempts THEN '{Flaw.ATTEMPTS}'
    WHEN state = 'sending' AND NOT latest_is_open THEN '{Flaw.NO_INTENT}'
    WHEN state IN ('in_doubt', 'held') AND attempts = 0 THEN '{Flaw.NO_ATTEMPT}'
    WHEN state IN ('pending', 'rejected', 'failed', 'withdrawn') AND open > 0 THEN '{Flaw.OPEN_ATTEMPT}'
    WHEN (state = 'done' OR stage <> 'create') AND coalesce(job_id, 0) < 1 THEN '{Flaw.NO_JOB_ID}'
    WHEN state <> 'done' AND stage = 'create' AND generation = 0 AND job_id IS NOT NULL THEN '{Flaw.EARLY_JOB_ID}'
    WHEN job_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM attempt a WHERE a.campaign_id = moved.campaign_id AND a.row_number = moved.number
        AND a.stage = 'create' AND a.job_id = moved.job_id) THEN '{Flaw.UNTOLD_JOB_ID}'
    END AS flaw
FROM (
    SELECT r.campaign_id, r.number, r.generation, r.stage, r.state, r.attempts, r.job_id,
           count(a.number) AS noted, coalesce(max(a.number), 0) AS latest,
           count(*) FILTER (WHERE a.number IS NOT NULL AND a.finished_at IS NULL) AS open,
           coalesce(max(a.finished_at IS NULL) FILTER (WHERE a.number = r.attempts), 0) AS latest_is_open
    FROM row r LEFT JOIN attempt a
         ON a.campaign_id = r.campaign_id AND a.row_number = r.number AND a.stage = r.stage
    GROUP BY r.campaign_id, r.number
) AS moved
WHERE flaw IS NOT NULL
"""


def flaws_of(db: sqlite3.Connection) -> Iterator[Finding]:
    """All that is wrong with the books and the moves of a ledger whose file is whole."""
    names = dict(db.execute("SELECT campaign_id, name FROM campaign"))
    for table in tables_of_campaigns(db):
        strangers = f"SELECT count(*) FROM {table} WHERE campaign_id NOT IN (SELECT campaign_id FROM campaign)"
        (count,) = db.execute(strangers).fetchone()
        if count:
            yield Finding(flaw=Flaw.NO_CAMPAIGN, facts={"table": table, "count": count})
    for name, rows, counted in db.execute(_BOOKS):
        yield Finding(flaw=Flaw.BOOKS, campaign=name, facts={"rows": rows, "counted": counted})
    for flaw, question in _QUESTIONS.items():
        for campaign, number, facts in _answers(db, question, names):
            yield Finding(flaw=flaw, campaign=campaign, row_number=number, facts=facts)
    for campaign, number, facts in _answers(db, _MOVES, names):
        flaw = Flaw(facts.pop("flaw"))
        if flaw is not Flaw.UNKNOWN_WORD:
            facts["state"] = shown(facts["stage"], facts["state"]).replace("_", " ")
        yield Finding(flaw=flaw, campaign=campaign, row_number=number, facts=facts)


def _answers(
    db: sqlite3.Connection, question: str, names: dict[int, str]
) -> Iterator[tuple[str | None, int, dict[str, Any]]]:
    """Campaign, row number and facts by name."""
    cursor = db.execute(question)
    columns = [column for column, *_ in cursor.description][2:]
    for campaign_id, number, *facts in cursor:
        yield names.get(campaign_id), number, dict(zip(columns, facts, strict=True))
