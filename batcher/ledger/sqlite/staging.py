"""
A manifest on its way into the ledger.

Every row goes into a temporary table as it is read; duplicates, differences and collisions are then questions in SQL,
so that nothing is kept in memory a row.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from batcher.core.row import ManifestRow
from batcher.ledger.records import Campaign, Comparison, Duplicate, HeldJob, Target

from . import amendment, elsewhere, recall, retarget
from .reader import campaign_of

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
_NUMBER_DUPLICATES: Final = """
UPDATE incoming SET key = incoming.key || '#' || again.nth
FROM (SELECT number, row_number() OVER (PARTITION BY key ORDER BY number) AS nth FROM incoming) AS again
WHERE again.number = incoming.number AND again.nth > 1
"""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class SqliteStaging:
    """Lives inside one transaction of the writing connection."""

    def __init__(self, connection: sqlite3.Connection, is_stopped: Callable[[], bool]) -> None:
        self._db = connection
        self.is_stopped = is_stopped
        self._db.execute("DROP TABLE IF EXISTS temp.incoming")
        self._db.execute(_TABLE)
        self._keys_indexed = False
        self._incoming = "incoming"

    def close(self) -> None:
        self._db.execute("DROP TABLE IF EXISTS temp.incoming")

    def recall(self, campaign: Campaign, imprint: str) -> int | None:
        rows = recall.count_rows(self._db, campaign.campaign_id, imprint)
        if rows is not None:
            self._incoming = recall.rows_of(campaign.campaign_id)
        return rows

    def note_imprint(self, campaign: Campaign, imprint: str | None) -> None:
        recall.note_imprint(self._db, campaign.campaign_id, imprint)

    def add(self, rows: Sequence[ManifestRow]) -> None:
        self._db.executemany(_ADD, rows)

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
        return elsewhere.held_elsewhere(self._db, self._incoming, campaign, base_url, limit)

    def compare(self, campaign: Campaign) -> Comparison:
        self._index_keys()
        return amendment.compare(self._db, campaign.campaign_id)

    def amend(self, campaign: Campaign) -> None:
        self._index_keys()
        amendment.amend(self._db, campaign.campaign_id)

    def restore(self, campaign: Campaign) -> int:
        self._index_keys()
        return amendment.restore(self._db, campaign.campaign_id)

    def is_tied(self, campaign: Campaign) -> bool:
        return retarget.is_tied(self._db, campaign.campaign_id)

    def retarget(self, campaign: Campaign, target: Target) -> Campaign:
        retarget.retarget(self._db, campaign.campaign_id, target)
        return self._campaign(campaign.name)

    def correct(self, campaign: Campaign) -> tuple[int, list[HeldJob]]:
        return amendment.correct(self._db, campaign.campaign_id)

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
        self._index_keys()
        amendment.insert_new(self._db, inserted[0])
        return self._campaign(name)

    def describe(
        self,
        campaign: Campaign,
        *,
        manifest: str,
        columns: Sequence[str],
        kept_columns: Sequence[str],
        reading: Mapping[str, Any],
        own_signatures: bool,
    ) -> Campaign:
        read_as = (_encode(list(columns)), _encode(list(kept_columns)), _encode(dict(reading)), int(own_signatures))
        self._db.execute(
            """
            UPDATE campaign SET manifest = ?, columns = ?, kept_columns = ?, reading = ?,
                   own_signatures = max(own_signatures, ?)
            WHERE campaign_id = ?
            """,
            (manifest, *read_as, campaign.campaign_id),
        )
        return self._campaign(campaign.name)

    def _campaign(self, name: str) -> Campaign:
        campaign = campaign_of(self._db, name)
        assert campaign is not None
        return campaign

    def _index_keys(self) -> None:
        if not self._keys_indexed:
            self._db.execute("CREATE INDEX temp.incoming_key ON incoming (key)")
            self._keys_indexed = True
