"""
Looking at a whole ledger as it is at one moment: is the file whole, do the books balance, can the moves have been?

Takes no lock and writes nothing, so a run may go on beside it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from typing import Final

from batcher.core.errors import LedgerError
from batcher.ledger.records import RunInfo
from batcher.ledger.soundness import Finding, Flaw, Inspection

from .connection import open_read_only
from .failure import ledger_error
from .flaws import flaws_of
from .reader import RUN_FIELDS
from .schema import MIGRATIONS, version_of

_OPEN_RUNS: Final = f"""
SELECT c.name, {", ".join(RUN_FIELDS)} FROM run JOIN campaign c USING (campaign_id)
WHERE finished_at IS NULL AND run_id IN (SELECT max(run_id) FROM run GROUP BY campaign_id) ORDER BY run_id
"""


def inspect(ledger: Path, limit: int) -> Inspection:
    """
    Looks at all of a ledger, of whatever version; ``limit`` is how many findings are kept.

    Raises:
        LedgerError: it cannot be read at all, has nothing in it, or was written by a newer batcher.
    """
    with closing(open_read_only(ledger)) as db:
        try:
            db.execute("BEGIN")
            return _inspect(db, ledger, limit)
        except sqlite3.Error as error:
            raise ledger_error(error, str(ledger)) from error


def _inspect(db: sqlite3.Connection, ledger: Path, limit: int) -> Inspection:
    version = version_of(db, str(ledger))
    if version == 0:
        raise LedgerError(f"the ledger {ledger} has nothing in it yet; `batcher run` fills it")
    if damage := _damage(db, limit):
        findings = tuple(Finding(flaw=Flaw.DAMAGED, facts={"detail": " ".join(text.split())}) for text in damage)
        return Inspection(version=version, newest=len(MIGRATIONS), findings=findings, count=len(findings))
    first, count = _counted(flaws_of(db), limit)
    return Inspection(
        version=version,
        newest=len(MIGRATIONS),
        campaigns=_count(db, "campaign"),
        rows=_count(db, "row"),
        attempts=_count(db, "attempt"),
        findings=first,
        count=count,
        open_runs={name: RunInfo(**dict(zip(RUN_FIELDS, run, strict=True))) for name, *run in db.execute(_OPEN_RUNS)},
    )


def _damage(db: sqlite3.Connection, limit: int) -> list[str]:
    """What is broken in the file, in SQLite's words; nothing where it is whole."""
    try:
        return _complaints(db, f"PRAGMA integrity_check({limit})")
    except sqlite3.DatabaseError as error:
        if not error.sqlite_errorname.startswith("SQLITE_CORRUPT"):
            raise
        # So broken that it breaks the check; the quick one looks at less, and comes further.
        found = [str(error)]
        with suppress(sqlite3.DatabaseError):
            found += _complaints(db, f"PRAGMA quick_check({limit})")
        return found[:limit]


def _complaints(db: sqlite3.Connection, check: str) -> list[str]:
    return [text for (text,) in db.execute(check) if text != "ok"]


def _counted(findings: Iterable[Finding], limit: int) -> tuple[tuple[Finding, ...], int]:
    """The first of them, and how many there are."""
    rest = iter(findings)
    first = tuple(islice(rest, limit))
    return first, len(first) + sum(1 for _ in rest)


def _count(db: sqlite3.Connection, table: str) -> int:
    (count,) = db.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(count)
