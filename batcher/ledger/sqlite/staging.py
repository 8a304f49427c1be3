"""
A manifest on its way into the ledger.

Every row goes into a temporary table as it is read; duplicates, differences and collisions are then questions in SQL,
so that nothing is kept in memory a row.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Final

from batcher.core.row import ManifestRow
from batcher.ledger.records import Campaign, Comparison, Duplicate, HeldJob, Target

from .reader import campaign_of, shown

_TABLE: Final = """
CREATE TEMP TABLE incoming (
    number      INTEGER PRIMARY KEY,
    line        INTEGER NOT NULL,
    key         TEXT NOT NULL,
    digest      BLOB NOT NULL,
    parameters  TEXT NOT NULL,
    kept        TEXT NOT NULL,
    batcher_key TEXT
) STRICT
"""
_ADD: Final = "INSERT INTO incoming VALUES (?, ?, ?, ?, ?, ?, ?)"
_MAY_BE_A_JOB: Final = """
((r.state IN ('done', 'sending', 'in_doubt', 'held') OR r.stage <> 'create')
 AND NOT (r.stage = 'delete' AND r.state = 'done'))
"""
_MADE_NOTHING: Final = "(r.stage = 'create' AND r.state IN ('pending', 'rejected', 'failed', 'withdrawn'))"
_MAY_BE_CORRECTED: Final = "(r.stage = 'create' AND r.state IN ('rejected', 'failed'))"
_NUMBER_DUPLICATES: Final = """
UPDATE incoming SET key = incoming.key || '#' || again.nth
FROM (SELECT number, row_number() OVER (PARTITION BY key ORDER BY number) AS nth FROM incoming) AS again
WHERE again.number = incoming.number AND again.nth > 1
"""
_FEW: Final = 20

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class SqliteStaging:
    """Lives inside one transaction of the writing connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._db.execute("DROP TABLE IF EXISTS temp.incoming")
        self._db.execute(_TABLE)
        self._keys_indexed = False

    def close(self) -> None:
        self._db.execute("DROP TABLE IF EXISTS temp.incoming")

    def add(self, rows: Sequence[ManifestRow]) -> None:
        self._db.executemany(
            _ADD,
            [
                (row.number, row.line, row.key, row.digest, _encode(row.parameters), _encode(row.kept), row.batcher_key)
                for row in rows
            ],
        )

    def duplicates(self, limit: int) -> tuple[list[Duplicate], int]:
        self._index_keys()
        (count,) = self._db.execute("SELECT count(*) - count(DISTINCT key) FROM incoming").fetchone()
        if not count:
            return [], 0
        rows = self._db.execute(
            """
            SELECT i.key, (SELECT line FROM incoming f WHERE f.key = i.key ORDER BY f.number LIMIT 1), i.line
            FROM incoming i
            WHERE EXISTS (SELECT 1 FROM incoming e WHERE e.key = i.key AND e.number < i.number)
            ORDER BY i.number LIMIT ?
            """,
            (limit,),
        )
        return [Duplicate(key=key, first_line=first, line=line) for key, first, line in rows], count

    def number_duplicates(self) -> None:
        self._index_keys()
        # Once is enough, unless a row of the manifest has such a numbered key by itself.
        while self._db.execute(_NUMBER_DUPLICATES).rowcount:
            pass

    def held_elsewhere(self, campaign: str, base_url: str, limit: int) -> tuple[list[HeldJob], int]:
        self._index_keys()
        meeting = f"""
            FROM incoming i JOIN row r ON r.key = i.key JOIN campaign c USING (campaign_id)
            WHERE c.name <> ? AND c.base_url = ? AND {_MAY_BE_A_JOB}
        """
        (count,) = self._db.execute(f"SELECT count(*) {meeting}", (campaign, base_url)).fetchone()
        rows = self._db.execute(
            f"SELECT r.key, r.stage, r.state, r.job_id, c.name, i.line {meeting} ORDER BY i.number LIMIT ?",
            (campaign, base_url, limit),
        )
        return [_held_job(row) for row in rows], count

    def compare(self, campaign: Campaign) -> Comparison:
        self._index_keys()
        ours = (campaign.campaign_id,)
        # Not USING (number): the incoming rows have numbers too, and those are others.
        both = """FROM incoming i JOIN row r ON r.key = i.key AND r.campaign_id = ?
                  JOIN spec s ON s.campaign_id = r.campaign_id AND s.number = r.number"""
        gone = """FROM row r WHERE r.campaign_id = ? AND r.state <> 'withdrawn'
                  AND NOT EXISTS (SELECT 1 FROM incoming i WHERE i.key = r.key)"""
        differs = "(i.digest <> s.digest OR r.state = 'withdrawn')"
        (rows,) = self._db.execute("SELECT count(*) FROM incoming").fetchone()
        (shared,) = self._db.execute(f"SELECT count(*) {both}", ours).fetchone()
        (changed,) = self._db.execute(f"SELECT count(*) {both} WHERE {differs}", ours).fetchone()
        (gone_count,) = self._db.execute(f"SELECT count(*) {gone}", ours).fetchone()
        conflicts = f"{both} WHERE {differs} AND {_MAY_BE_A_JOB}"
        gone_sent = f"{gone} AND {_MAY_BE_A_JOB}"
        (conflict_count,) = self._db.execute(f"SELECT count(*) {conflicts}", ours).fetchone()
        (gone_sent_count,) = self._db.execute(f"SELECT count(*) {gone_sent}", ours).fetchone()
        few = "ORDER BY r.number LIMIT ?"
        return Comparison(
            rows=rows,
            new=rows - shared,
            changed=changed,
            gone=gone_count,
            conflicts=tuple(
                _held_job(row)
                for row in self._db.execute(
                    f"SELECT r.key, r.stage, r.state, r.job_id, '', i.line {conflicts} {few}", (*ours, _FEW)
                )
            ),
            conflict_count=conflict_count,
            gone_sent=tuple(
                _held_job(row)
                for row in self._db.execute(
                    f"SELECT r.key, r.stage, r.state, r.job_id, '', NULL {gone_sent} {few}", (*ours, _FEW)
                )
            ),
            gone_sent_count=gone_sent_count,
        )

    def create(
        self,
        *,
        name: str,
        token: str,
        target: Target,
        manifest: str,
        columns: Sequence[str],
        kept_columns: Sequence[str],
        reading: Mapping[str, Any],
        own_signatures: bool,
        now: str,
    ) -> Campaign:
        inserted = self._db.execute(
            """
            INSERT INTO campaign (name, token, base_url, username, manifest, columns, kept_columns, reading,
                                  own_signatures, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING campaign_id
            """,
            (
                name,
                token,
                target.base_url,
                target.username,
                manifest,
                _encode(list(columns)),
                _encode(list(kept_columns)),
                _encode(dict(reading)),
                int(own_signatures),
                now,
            ),
        ).fetchone()
        self._insert_new(inserted[0])
        campaign = campaign_of(self._db, name)
        assert campaign is not None
        return campaign

    def amend(self, campaign: Campaign) -> None:
        ours = campaign.campaign_id
        self._db.execute(
            f"""
            UPDATE row AS r SET state = 'withdrawn' WHERE r.campaign_id = ? AND {_MADE_NOTHING}
            AND NOT EXISTS (SELECT 1 FROM incoming i WHERE i.key = r.key)
            """,
            (ours,),
        )
        self._db.execute(
            f"""
            UPDATE row AS r SET state = 'pending', tries = 0 FROM incoming i, spec s
            WHERE r.campaign_id = ? AND i.key = r.key AND s.campaign_id = r.campaign_id AND s.number = r.number
            AND {_MADE_NOTHING} AND (i.digest <> s.digest OR r.state = 'withdrawn')
            """,
            (ours,),
        )
        self._db.execute(
            """
            UPDATE spec SET digest = i.digest, parameters = i.parameters, kept = i.kept, line = i.line
            FROM incoming i, row r
            WHERE spec.campaign_id = ? AND r.campaign_id = spec.campaign_id AND r.number = spec.number
            AND i.key = r.key AND i.digest <> spec.digest AND r.stage = 'create' AND r.state = 'pending'
            """,
            (ours,),
        )
        self._insert_new(ours)

    def correct(self, campaign: Campaign) -> tuple[int, list[HeldJob]]:
        # The digest stays that of the row in the manifest, so that the manifest as it was can be run again.
        ours = campaign.campaign_id
        self._db.execute("CREATE INDEX temp.incoming_batcher_key ON incoming (batcher_key)")
        refused = self._db.execute(
            f"""
            SELECT coalesce(i.batcher_key, i.key), coalesce(r.stage, 'create'),
                   CASE WHEN {_MAY_BE_CORRECTED} THEN 'given twice' ELSE coalesce(r.state, 'unknown') END,
                   r.job_id, '', i.line
            FROM incoming i LEFT JOIN row r ON r.key = i.batcher_key AND r.campaign_id = ?
            WHERE r.state IS NULL OR NOT {_MAY_BE_CORRECTED}
            OR EXISTS (SELECT 1 FROM incoming e WHERE e.batcher_key = i.batcher_key AND e.number < i.number)
            ORDER BY i.number
            """,
            (ours,),
        ).fetchall()
        if refused:
            return 0, [_held_job(row) for row in refused]
        self._db.execute(
            """
            UPDATE spec SET parameters = i.parameters, kept = i.kept FROM incoming i, row r
            WHERE spec.campaign_id = ? AND r.campaign_id = spec.campaign_id AND r.number = spec.number
            AND i.batcher_key = r.key
            """,
            (ours,),
        )
        moved = self._db.execute(
            f"""
            UPDATE row AS r SET state = 'pending', tries = 0 FROM incoming i
            WHERE r.campaign_id = ? AND i.batcher_key = r.key AND {_MAY_BE_CORRECTED}
            """,
            (ours,),
        )
        return moved.rowcount, []

    def _insert_new(self, campaign_id: int) -> None:
        self._index_keys()
        (last,) = self._db.execute(
            "SELECT coalesce(max(number), 0) FROM row WHERE campaign_id = ?", (campaign_id,)
        ).fetchone()
        if last:
            # Rows of an amendment are numbered on behind the last one.
            self._db.execute(
                """
                CREATE TEMP TABLE fresh AS
                SELECT i.number AS incoming, ? + row_number() OVER (ORDER BY i.number) AS number FROM incoming i
                WHERE NOT EXISTS (SELECT 1 FROM row r WHERE r.key = i.key AND r.campaign_id = ?)
                """,
                (last, campaign_id),
            )
        else:
            self._db.execute("CREATE TEMP TABLE fresh AS SELECT number AS incoming, number FROM incoming")
        self._db.execute(
            """
            INSERT INTO spec SELECT ?, f.number, i.line, i.digest, i.parameters, i.kept
            FROM fresh f JOIN incoming i ON i.number = f.incoming ORDER BY f.number
            """,
            (campaign_id,),
        )
        self._db.execute(
            """
            INSERT INTO row (campaign_id, number, key) SELECT ?, f.number, i.key
            FROM fresh f JOIN incoming i ON i.number = f.incoming ORDER BY f.number
            """,
            (campaign_id,),
        )
        self._db.execute("DROP TABLE fresh")

    def _index_keys(self) -> None:
        if not self._keys_indexed:
            self._db.execute("CREATE INDEX temp.incoming_key ON incoming (key)")
            self._keys_indexed = True


def _held_job(row: tuple[str, str, str, int | None, str, int | None]) -> HeldJob:
    key, stage, state, job_id, campaign, line = row
    return HeldJob(key=key, state=shown(stage, state), job_id=job_id, campaign=campaign, line=line)
