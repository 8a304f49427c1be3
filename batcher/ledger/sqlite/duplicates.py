"""Rows that may be more jobs than one: which were sent more than once, and what a second look at them has shown."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Final

from batcher.ledger.records import Duplicates, SentAgain

_SENT_AGAIN: Final = """
SELECT r.number, r.key, r.generation, r.job_id, r.attempts FROM row r
WHERE r.campaign_id = ? AND r.stage = 'create' AND r.state = 'done' AND r.attempts > 1
AND (SELECT count(*) FROM attempt a WHERE a.campaign_id = r.campaign_id AND a.row_number = r.number
     AND a.stage = r.stage AND a.sent IS NOT 0) > 1
AND (SELECT second_look_at FROM attempt l WHERE l.campaign_id = r.campaign_id AND l.row_number = r.number
     AND l.stage = r.stage AND l.number = r.attempts) IS NULL
ORDER BY r.number
"""
_SECOND_LOOK: Final = """
UPDATE attempt SET second_look_at = ?, extra_job_ids = coalesce(?, extra_job_ids)
WHERE campaign_id = ? AND row_number = ? AND stage = 'create' AND number = ?
"""
POSSIBLE: Final = """
EXISTS (SELECT 1 FROM attempt u JOIN attempt b ON b.campaign_id = u.campaign_id AND b.row_number = u.row_number
        AND b.stage = u.stage AND b.number > u.number AND b.sent IS NOT 0
        WHERE u.campaign_id = r.campaign_id AND u.row_number = r.number AND u.stage = 'create' AND u.unchecked)
AND NOT EXISTS (SELECT 1 FROM attempt l WHERE l.campaign_id = r.campaign_id AND l.row_number = r.number
                AND l.stage = 'create' AND l.second_look_at IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM attempt n WHERE n.campaign_id = l.campaign_id AND n.stage = 'create'
                                AND n.row_number = l.row_number AND n.number > l.number))
"""
"""Whether row ``r`` was sent again unchecked, and no look-up has told since what became of that."""

MARKED: Final = """
r.number IN (SELECT row_number FROM attempt INDEXED BY attempt_unchecked WHERE campaign_id = ?1 AND unchecked
             UNION SELECT row_number FROM attempt INDEXED BY attempt_extra
             WHERE campaign_id = ?1 AND extra_job_ids IS NOT NULL AND NOT extra_gone)
"""
"""Whether row ``r`` is worth asking; from two small indexes. The first parameter is the campaign."""

_COUNT_POSSIBLE: Final = f"SELECT count(*) FROM row r WHERE r.campaign_id = ?1 AND {MARKED} AND {POSSIBLE}"
_COUNT_KNOWN: Final = """
SELECT count(DISTINCT row_number) FROM attempt INDEXED BY attempt_extra
WHERE campaign_id = ? AND extra_job_ids IS NOT NULL AND NOT extra_gone
"""


def sent_again(db: sqlite3.Connection, campaign_id: int) -> list[SentAgain]:
    return [
        SentAgain(number=number, key=key, generation=generation, job_id=job_id, attempts=attempts)
        for number, key, generation, job_id, attempts in db.execute(_SENT_AGAIN, (campaign_id,))
    ]


def note_second_look(db: sqlite3.Connection, campaign_id: int, row: SentAgain, extra: Sequence[int], now: str) -> None:
    listed = json.dumps(list(extra)) if extra else None
    db.execute(_SECOND_LOOK, (now, listed, campaign_id, row.number, row.attempts))


def duplicates_of(db: sqlite3.Connection, campaign_id: int) -> Duplicates:
    (known,) = db.execute(_COUNT_KNOWN, (campaign_id,)).fetchone()
    (possible,) = db.execute(_COUNT_POSSIBLE, (campaign_id,)).fetchone()
    return Duplicates(known=known, possible=possible)
