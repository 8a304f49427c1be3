"""
A campaign whose target was mistyped: it may go to another one for as long as no job can have been made at the first.

Doubtful and created rows keep a campaign where it is: only there can they be looked up. So does a row that the vendor
has judged, because its verdict is that account's.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from batcher.core.classify import Verdict
from batcher.ledger.records import Target, Via

_TURNED_AWAY: Final = ", ".join(
    f"'{verdict}'"
    for verdict in (Verdict.BAD_CREDENTIALS, Verdict.FORBIDDEN, Verdict.NOT_FOUND, Verdict.NOT_MADE, Verdict.REJECTED)
)
_TIED: Final = f"""
SELECT EXISTS (
    SELECT 1 FROM row WHERE campaign_id = :campaign
    AND NOT (stage = 'create' AND state IN ('pending', 'failed', 'withdrawn'))
) OR EXISTS (
    SELECT 1 FROM attempt WHERE campaign_id = :campaign
    AND NOT coalesce(sent = 0, 0)
    AND NOT coalesce(error_type IN ({_TURNED_AWAY}) AND via = '{Via.REPLY}' AND return_code IS NULL, 0)
    AND NOT coalesce(via = '{Via.PERSON}', 0)
)
"""


def is_tied(db: sqlite3.Connection, campaign_id: int) -> bool:
    """
    Whether a row is a job at the campaign's target, may be one, or was judged there.

    Attempts of which nothing was sent do not tie it, nor those that a reply turned away before anybody looked at the
    row (401, 403, 404, 429, and refusals without the vendor's code), nor those that a person has settled.
    """
    return bool(db.execute(_TIED, {"campaign": campaign_id}).fetchone()[0])


def retarget(db: sqlite3.Connection, campaign_id: int, target: Target) -> None:
    """Gives the campaign another target; what was measured at the old one is forgotten."""
    db.execute(
        "UPDATE campaign SET base_url = ?, username = ?, lag_s = NULL WHERE campaign_id = ?",
        (target.base_url, target.username, campaign_id),
    )
