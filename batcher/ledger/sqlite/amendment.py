"""
A manifest beside the campaign that the ledger has of it: what differs, and what may be taken in.

The functions read the rows of ``staging`` from the temporary table ``incoming``, whose keys are indexed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final

from batcher.ledger.records import Comparison, HeldJob

from .pruned import PRUNED
from .reader import shown

MAY_BE_A_JOB: Final = """
((r.state IN ('done', 'sending', 'in_doubt', 'held') OR r.stage <> 'create')
 AND NOT (r.stage = 'delete' AND r.state = 'done'))
"""
_MADE_NOTHING: Final = "(r.stage = 'create' AND r.state IN ('pending', 'rejected', 'failed', 'withdrawn'))"
_MAY_BE_CORRECTED: Final = "(r.stage = 'create' AND r.state IN ('pending', 'rejected', 'failed'))"
_BOTH: Final = """
FROM incoming i JOIN row r ON r.key = i.key AND r.campaign_id = ?
JOIN spec s ON s.campaign_id = r.campaign_id AND s.number = r.number
"""
"""Not USING (number): the incoming rows have numbers too, and those are others."""

_KNOWN: Final = "FROM row r JOIN spec s USING (campaign_id, number) WHERE campaign_id = ?"
_DIFFERS: Final = "(i.digest <> s.digest OR r.state = 'withdrawn')"
_WOULD_BE_MISSED: Final = f"(r.state <> 'withdrawn' AND NOT (s.gone AND NOT {_MADE_NOTHING}))"
"""A row that is gone is news, unless that was said before: it is withdrawn, or was a job by then."""

_IS_NEW: Final = "NOT EXISTS (SELECT 1 FROM row r WHERE r.key = i.key AND r.campaign_id = :ours)"
_FEW: Final = 20


def compare(db: sqlite3.Connection, campaign_id: int) -> Comparison:
    """What the incoming rows would change in the campaign."""
    (rows,) = db.execute("SELECT count(*) FROM incoming").fetchone()
    conflict, missed = f"{_DIFFERS} AND {MAY_BE_A_JOB}", f"{_WOULD_BE_MISSED} AND {MAY_BE_A_JOB}"

    def count(what: str, *conditions: str) -> tuple[int, ...]:
        sums = [f"count(*) FILTER (WHERE {condition})" for condition in conditions]
        counts: tuple[int, ...] = db.execute(f"SELECT {', '.join(sums)} {what}", (campaign_id,)).fetchone()
        return counts

    def first_few(many: int, what: str, line: str) -> tuple[HeldJob, ...]:
        select = f"SELECT r.key, r.stage, r.state, r.job_id, '', {line} {what} ORDER BY r.number LIMIT {_FEW}"
        return tuple(held_job(row) for row in db.execute(select, (campaign_id,))) if many else ()

    both, changed, conflicts, found, found_sent = count(_BOTH, "TRUE", _DIFFERS, conflict, _WOULD_BE_MISSED, missed)
    known, known_sent = count(_KNOWN, _WOULD_BE_MISSED, missed)
    gone_sent = known_sent - found_sent
    is_gone = "NOT EXISTS (SELECT 1 FROM incoming i WHERE i.key = r.key)"
    return Comparison(
        rows=rows,
        new=rows - both,
        changed=changed,
        gone=known - found,
        conflicts=first_few(conflicts, f"{_BOTH} WHERE {conflict}", "i.line"),
        conflict_count=conflicts,
        gone_sent=first_few(gone_sent, f"{_KNOWN} AND {missed} AND {is_gone}", "NULL"),
        gone_sent_count=gone_sent,
    )


def amend(db: sqlite3.Connection, campaign_id: int) -> None:
    """Withdraws, changes and adds rows as far as nothing was made of them; see ``staging.Staging.amend``."""
    db.execute(
        f"""
        UPDATE row AS r SET state = 'withdrawn' WHERE r.campaign_id = ? AND {_MADE_NOTHING}
        AND NOT EXISTS (SELECT 1 FROM incoming i WHERE i.key = r.key)
        """,
        (campaign_id,),
    )
    db.execute(
        f"""
        UPDATE row AS r SET state = 'pending', tries = 0 FROM incoming i, spec s
        WHERE r.campaign_id = ? AND i.key = r.key AND s.campaign_id = r.campaign_id AND s.number = r.number
        AND {_MADE_NOTHING} AND (i.digest <> s.digest OR r.state = 'withdrawn')
        """,
        (campaign_id,),
    )
    db.execute(
        """
        UPDATE spec SET digest = i.digest, parameters = i.parameters, kept = i.kept, line = i.line
        FROM incoming i, row r
        WHERE spec.campaign_id = ? AND r.campaign_id = spec.campaign_id AND r.number = spec.number
        AND i.key = r.key AND i.digest <> spec.digest
        AND ((r.stage = 'create' AND r.state = 'pending') OR (r.stage = 'delete' AND r.state = 'done'))
        """,
        (campaign_id,),
    )
    # What is gone and may be a job stays as it is, and is not asked about again.
    db.execute(
        """
        UPDATE spec SET gone = NOT EXISTS (
            SELECT 1 FROM incoming i JOIN row r ON r.key = i.key
            WHERE r.campaign_id = spec.campaign_id AND r.number = spec.number)
        WHERE campaign_id = ?
        """,
        (campaign_id,),
    )
    restore(db, campaign_id)
    insert_new(db, campaign_id)


def restore(db: sqlite3.Connection, campaign_id: int) -> int:
    """Gives pruned rows of which nothing was made what they send; see ``staging.Staging.restore``."""
    return db.execute(
        f"""
        UPDATE spec AS s SET parameters = i.parameters, kept = i.kept FROM incoming i, row r
        WHERE s.campaign_id = ? AND {PRUNED} AND r.campaign_id = s.campaign_id AND r.number = s.number
        AND i.key = r.key AND i.digest = s.digest AND NOT {MAY_BE_A_JOB}
        """,
        (campaign_id,),
    ).rowcount


def correct(db: sqlite3.Connection, campaign_id: int) -> tuple[int, list[HeldJob]]:
    """Puts incoming rows in place of those that made nothing; see ``staging.Staging.correct``."""
    # The digest stays that of the row in the manifest, so that the manifest as it was can be run again.
    db.execute("CREATE INDEX temp.incoming_batcher_key ON incoming (batcher_key)")
    refused = db.execute(
        f"""
        SELECT coalesce(i.batcher_key, i.key), coalesce(r.stage, 'create'),
               CASE WHEN {_MAY_BE_CORRECTED} THEN iif({PRUNED}, 'pruned', 'given twice')
                    ELSE coalesce(r.state, 'unknown') END,
               r.job_id, '', i.line
        FROM incoming i LEFT JOIN row r ON r.key = i.batcher_key AND r.campaign_id = ?
        LEFT JOIN spec s ON s.campaign_id = r.campaign_id AND s.number = r.number
        WHERE r.state IS NULL OR NOT {_MAY_BE_CORRECTED} OR {PRUNED}
        OR EXISTS (SELECT 1 FROM incoming e WHERE e.batcher_key = i.batcher_key AND e.number < i.number)
        ORDER BY i.number
        """,
        (campaign_id,),
    ).fetchall()
    if refused:
        return 0, [held_job(row) for row in refused]
    db.execute(
        """
        UPDATE spec SET parameters = i.parameters, kept = i.kept FROM incoming i, row r
        WHERE spec.campaign_id = ? AND r.campaign_id = spec.campaign_id AND r.number = spec.number
        AND i.batcher_key = r.key
        """,
        (campaign_id,),
    )
    moved = db.execute(
        f"""
        UPDATE row AS r SET state = 'pending', tries = 0 FROM incoming i
        WHERE r.campaign_id = ? AND i.batcher_key = r.key AND {_MAY_BE_CORRECTED}
        """,
        (campaign_id,),
    )
    return moved.rowcount, []


def insert_new(db: sqlite3.Connection, campaign_id: int) -> None:
    """Makes rows, all pending, of the incoming ones whose keys the campaign does not have."""
    (last,) = db.execute("SELECT coalesce(max(number), 0) FROM row WHERE campaign_id = ?", (campaign_id,)).fetchone()
    number, new = "i.number", "incoming i"
    keys_kept: AbstractContextManager[None] = _keys_sorted_once(db)
    if last:
        # Rows of an amendment are numbered on behind the last one, and told to be new by the index of keys.
        number, new = f"{last} + row_number() OVER (ORDER BY i.number)", f"incoming i WHERE {_IS_NEW}"
        keys_kept = nullcontext()
    db.execute(
        f"""
        INSERT INTO spec (campaign_id, number, line, digest, parameters, kept)
        SELECT :ours, {number}, i.line, i.digest, i.parameters, i.kept FROM {new} ORDER BY i.number
        """,
        {"ours": campaign_id},
    )
    with keys_kept:
        db.execute(
            f"INSERT INTO row (campaign_id, number, key) SELECT :ours, {number}, i.key FROM {new} ORDER BY i.number",
            {"ours": campaign_id},
        )


@contextmanager
def _keys_sorted_once(db: sqlite3.Connection) -> Iterator[None]:
    """
    Makes the index of keys anew after what is done inside, where that is less work than to put in one key at a time.

    All in one transaction: nobody ever sees the ledger without it.
    """
    (rows,) = db.execute("SELECT count(*) FROM incoming").fetchone()
    if db.execute("SELECT 1 FROM row LIMIT 1 OFFSET ?", (rows,)).fetchone():
        yield
        return
    (definition,) = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'row_key'").fetchone()
    db.execute("DROP INDEX row_key")
    yield
    db.execute(definition)


def held_job(row: tuple[str, str, str, int | None, str, int | None]) -> HeldJob:
    """From key, stage, state, job id, campaign and line."""
    key, stage, state, job_id, campaign, line = row
    return HeldJob(key=key, state=shown(stage, state), job_id=job_id, campaign=campaign, line=line)
