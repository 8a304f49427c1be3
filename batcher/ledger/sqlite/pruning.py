"""
Forgetting what campaigns sent, or whole campaigns, so that it is gone from the file too.

SQLite leaves what is deleted in its pages until they are used again. With ``secure_delete`` it writes zeros there;
``VACUUM`` then builds the file anew without the space, and the checkpoint empties the log. A process that is killed
between those steps leaves nothing to be read either, once the next one has closed the ledger.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from batcher.core.errors import LedgerBusy
from batcher.core.retention import AT_REST, Fate, Usage

from .connection import LOCK_PATIENCE_S, open_for_reading, open_for_writing
from .duplicates import duplicates_of
from .failure import ledger_error
from .lock import LedgerLock
from .schema import tables_of_campaigns

_LAST_USED: Final = """
SELECT max(created_at,
    coalesce((SELECT max(max(started_at, coalesce(finished_at, ''))) FROM run WHERE campaign_id = :campaign), ''),
    coalesce((SELECT max(max(intent_at, coalesce(finished_at, ''), coalesce(second_look_at, ''))) FROM attempt
              WHERE campaign_id = :campaign), ''))
FROM campaign WHERE campaign_id = :campaign
"""
_OPEN_ROWS: Final = f"""
SELECT state, count(*) FROM row WHERE campaign_id = ?
AND state NOT IN ({", ".join(f"'{state}'" for state in sorted(AT_REST))}) GROUP BY state
"""
_HAS_PARAMETERS: Final = "SELECT EXISTS (SELECT 1 FROM spec WHERE campaign_id = ? AND parameters <> '')"
_STRIP: Final = (
    "UPDATE spec SET parameters = '', kept = '{}' WHERE campaign_id = ? AND parameters <> ''",
    # The remote may repeat in its words what it was sent.
    """
    UPDATE attempt SET description = NULL, error = NULL
    WHERE campaign_id = ? AND (description IS NOT NULL OR error IS NOT NULL)
    """,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """Every campaign as it was before, and the bytes that the ledger's files take less."""

    usages: tuple[Usage, ...]
    freed_bytes: int


def usages(ledger: Path) -> list[Usage]:
    """Every campaign as far as pruning asks; takes no lock."""
    with closing(open_for_reading(ledger)) as db, _translated(ledger):
        db.execute("BEGIN")
        return [_usage_of(db, campaign_id) for campaign_id in _campaign_ids(db)]


def prune(ledger: Path, fate_of: Callable[[Usage], Fate]) -> Pruned:
    """
    Takes from every campaign what ``fate_of`` says, each in a transaction, and gives the space back.

    ``fate_of`` is asked anew under the lock, so that what it says holds for what is there then.

    Raises:
        LedgerBusy: a run holds the ledger, and nothing was pruned; or somebody reads it, and the space is not free yet.
        LedgerError: it cannot be used; campaigns that were pruned already stay so.
    """
    open_for_reading(ledger).close()  # so that no ledger is made where there is none
    lock = LedgerLock(ledger)
    lock.acquire()
    try:
        size_before = _size_of(ledger)
        with closing(open_for_writing(ledger)) as db, _translated(ledger):
            db.execute("PRAGMA secure_delete = ON")
            before = [_prune_campaign(db, campaign_id, fate_of) for campaign_id in _campaign_ids(db)]
            _give_space_back(db, ledger)
            return Pruned(usages=tuple(before), freed_bytes=max(0, size_before - _size_of(ledger)))
    finally:
        lock.release()


def _give_space_back(db: sqlite3.Connection, ledger: Path) -> None:
    # Always: pages that have become nearly empty do not count as free, and an earlier prune may have got stuck here.
    db.execute("VACUUM")
    db.execute(f"PRAGMA busy_timeout = {LOCK_PATIENCE_S * 1000:.0f}")
    (is_busy, _, _) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if is_busy:
        raise LedgerBusy(
            f"what was to go is gone from the ledger {ledger}, but somebody still reads it as it was, and its files"
            " keep it until then; run the same command again when nobody reads"
        )


def _prune_campaign(db: sqlite3.Connection, campaign_id: int, fate_of: Callable[[Usage], Fate]) -> Usage:
    db.execute("BEGIN IMMEDIATE")
    usage = _usage_of(db, campaign_id)
    fate = fate_of(usage)
    if fate is Fate.STRIPPED:
        _strip(db, campaign_id)
    elif fate is Fate.DROPPED:
        for table in tables_of_campaigns(db):
            db.execute(f"DELETE FROM {table} WHERE campaign_id = ?", (campaign_id,))
    db.execute("COMMIT")
    return usage


def _strip(db: sqlite3.Connection, campaign_id: int) -> None:
    for statement in _STRIP:
        db.execute(statement, (campaign_id,))
    (reading,) = db.execute("SELECT reading FROM campaign WHERE campaign_id = ?", (campaign_id,)).fetchone()
    # Constants are parameters that all rows have in common.
    left = json.dumps(json.loads(reading) | {"constants": {}}, ensure_ascii=False)
    db.execute("UPDATE campaign SET reading = ? WHERE campaign_id = ?", (left, campaign_id))


def _usage_of(db: sqlite3.Connection, campaign_id: int) -> Usage:
    (name,) = db.execute("SELECT name FROM campaign WHERE campaign_id = ?", (campaign_id,)).fetchone()
    (rows,) = db.execute("SELECT count(*) FROM row WHERE campaign_id = ?", (campaign_id,)).fetchone()
    (last_used,) = db.execute(_LAST_USED, {"campaign": campaign_id}).fetchone()
    (has_parameters,) = db.execute(_HAS_PARAMETERS, (campaign_id,)).fetchone()
    return Usage(
        campaign=name,
        rows=rows,
        last_used=last_used,
        open_rows=dict(db.execute(_OPEN_ROWS, (campaign_id,))),
        possible_duplicates=duplicates_of(db, campaign_id).possible,
        has_parameters=bool(has_parameters),
    )


def _campaign_ids(db: sqlite3.Connection) -> list[int]:
    return [campaign_id for (campaign_id,) in db.execute("SELECT campaign_id FROM campaign ORDER BY campaign_id")]


def _size_of(ledger: Path) -> int:
    """Bytes of the ledger and its log."""
    files = (ledger, ledger.with_name(ledger.name + "-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


@contextmanager
def _translated(ledger: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise ledger_error(error, str(ledger)) from error
