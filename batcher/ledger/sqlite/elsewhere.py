"""Whether rows of a manifest are, or may be, jobs of another campaign in the same ledger."""

from __future__ import annotations

import sqlite3
from typing import Final

from batcher.ledger.records import HeldJob

from .amendment import MAY_BE_A_JOB, held_job

_OTHERS: Final = "SELECT EXISTS (SELECT 1 FROM campaign WHERE name <> ? AND base_url = ?)"
_HELD: Final = f"""
JOIN row k ON k.key = i.key AND k.campaign_id IS NOT (SELECT campaign_id FROM campaign WHERE name = :ours)
JOIN row r ON r.campaign_id = k.campaign_id AND r.number = k.number
JOIN campaign c ON c.campaign_id = r.campaign_id
WHERE c.base_url = :base_url AND {MAY_BE_A_JOB}
AND NOT EXISTS (
    SELECT 1 FROM row m JOIN campaign o USING (campaign_id)
    WHERE m.key = i.key AND o.name = :ours AND m.state = 'done')
"""
"""``k`` is looked up in the index of keys alone: the campaign's own rows are told there, and not read."""


def held_elsewhere(
    db: sqlite3.Connection, incoming: str, campaign: str, base_url: str, limit: int
) -> tuple[list[HeldJob], int]:
    """``staging.Staging.held_elsewhere`` for the rows of ``incoming``, a table or a select."""
    if not db.execute(_OTHERS, (campaign, base_url)).fetchone()[0]:
        return [], 0
    names = {"ours": campaign, "base_url": base_url, "limit": limit}
    held = f"FROM {incoming} i {_HELD}"
    (count,) = db.execute(f"SELECT count(DISTINCT i.number) {held}", names).fetchone()
    first = f"SELECT r.key, r.stage, r.state, r.job_id, c.name, i.line {held} ORDER BY i.number LIMIT :limit"
    return [held_job(row) for row in db.execute(first, names)] if count else [], count
