"""Where submitted jobs stand at the remote: whom to ask next, and what was heard."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from batcher.core.job import AT_REST
from batcher.core.tracking import SEEN_STATES
from batcher.ledger.job_records import Draft, JobSeen, Whereabouts

_AT_REST: Final = ", ".join(f"'{state}'" for state in sorted(AT_REST))
_ON_THEIR_WAY: Final = f"""
SELECT r.number, r.key, r.job_id FROM row r
LEFT JOIN job j ON j.campaign_id = r.campaign_id AND j.row_number = r.number
WHERE r.campaign_id = ? AND r.stage = 'submit' AND r.state = 'done'
AND coalesce(j.remote_state, '') NOT IN ({_AT_REST}) ORDER BY j.seen_at NULLS FIRST, r.number LIMIT ?
"""
_SEEN: Final = """
INSERT INTO job (campaign_id, row_number, remote_state, seen_at) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET remote_state = coalesce(excluded.remote_state, remote_state), seen_at = excluded.seen_at
"""
_COUNTS: Final = """
SELECT j.remote_state, count(*), max(j.seen_at) FROM row r
LEFT JOIN job j ON j.campaign_id = r.campaign_id AND j.row_number = r.number
WHERE r.campaign_id = ? AND r.stage = 'submit' AND r.state = 'done' GROUP BY j.remote_state
"""


def on_their_way(db: sqlite3.Connection, campaign_id: int, limit: int) -> list[Draft]:
    return [
        Draft(number=number, key=key, jobs=(job_id,))
        for number, key, job_id in db.execute(_ON_THEIR_WAY, (campaign_id, limit))
    ]


def note_remote_states(db: sqlite3.Connection, campaign_id: int, seen: Sequence[JobSeen], now: str) -> None:
    db.executemany(_SEEN, [(campaign_id, job.number, job.state, now) for job in seen])


def whereabouts_of(db: sqlite3.Connection, campaign_id: int) -> Whereabouts:
    """Where the submitted jobs stand; states of another version's come last."""
    found = {state: (count, last) for state, count, last in db.execute(_COUNTS, (campaign_id,))}
    times = [last for _, last in found.values() if last]
    unread, _ = found.pop(None, (0, None))
    order = [*SEEN_STATES, *sorted(set(found) - set(SEEN_STATES))]
    counts = {state: found[state][0] for state in order if state in found}
    return Whereabouts(counts=counts, unread=unread, asked_at=max(times, default=None))
