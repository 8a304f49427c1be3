"""
The manifest that a campaign's rows are from, known again by its imprint: then there is nothing to read or to compare.

Only for a campaign that holds all of its rows as they were read. Where rows are gone from the manifest or were pruned,
it is compared row by row.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from .pruned import PRUNED

_ROWS: Final = f"""
SELECT (SELECT count(*) FROM row r WHERE r.campaign_id = c.campaign_id) FROM campaign c
WHERE c.campaign_id = ? AND c.imprint = ?
AND NOT EXISTS (SELECT 1 FROM spec s WHERE s.campaign_id = c.campaign_id AND (s.gone OR {PRUNED}))
"""


def count_rows(db: sqlite3.Connection, campaign_id: int, imprint: str) -> int | None:
    """See ``staging.Staging.recall``."""
    found = db.execute(_ROWS, (campaign_id, imprint)).fetchone()
    return None if found is None else int(found[0])


def rows_of(campaign_id: int) -> str:
    """The campaign's rows as its manifest gave them, in the place of the table ``incoming``."""
    return f"""
        (SELECT number, line, key FROM row JOIN spec USING (campaign_id, number) WHERE campaign_id = {campaign_id:d})
    """


def note_imprint(db: sqlite3.Connection, campaign_id: int, imprint: str | None) -> None:
    db.execute("UPDATE campaign SET imprint = ? WHERE campaign_id = ?", (imprint, campaign_id))
