"""
The tables, and how an older ledger becomes a newer one.

``row`` is narrow, because every attempt writes it twice; what a row was read from stands in ``spec``. ``attempt`` is
only ever added to: an intent opens a line, its outcome closes it.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from batcher.core.errors import LedgerError, LedgerTooNew

APPLICATION_ID: Final = 0x62746368
"""SQLite's ``application_id``: "btch", so that another program's database is not taken for a ledger."""

_FIRST: Final = """
CREATE TABLE campaign (
    campaign_id    INTEGER PRIMARY KEY,
    name           TEXT NOT NULL UNIQUE,
    token          TEXT NOT NULL UNIQUE,
    base_url       TEXT NOT NULL,
    username       TEXT NOT NULL,
    manifest       TEXT NOT NULL,
    columns        TEXT NOT NULL,
    kept_columns   TEXT NOT NULL,
    reading        TEXT NOT NULL,
    own_signatures INTEGER NOT NULL,
    lag_s          REAL,
    created_at     TEXT NOT NULL
) STRICT;
CREATE TABLE row (
    campaign_id INTEGER NOT NULL REFERENCES campaign,
    number      INTEGER NOT NULL,
    key         TEXT NOT NULL,
    generation  INTEGER NOT NULL DEFAULT 0,
    stage       TEXT NOT NULL DEFAULT 'create',
    state       TEXT NOT NULL DEFAULT 'pending',
    tries       INTEGER NOT NULL DEFAULT 0,
    attempts    INTEGER NOT NULL DEFAULT 0,
    job_id      INTEGER,
    PRIMARY KEY (campaign_id, number)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX row_key ON row (key, campaign_id);
CREATE INDEX row_job ON row (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX row_doubt ON row (campaign_id, number) WHERE state IN ('sending', 'in_doubt', 'held');
CREATE TABLE spec (
    campaign_id INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    line        INTEGER NOT NULL,
    digest      BLOB NOT NULL,
    parameters  TEXT NOT NULL,
    kept        TEXT NOT NULL,
    gone        INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign_id, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE attempt (
    campaign_id   INTEGER NOT NULL,
    row_number    INTEGER NOT NULL,
    stage         TEXT NOT NULL,
    number        INTEGER NOT NULL,
    run_id        INTEGER NOT NULL,
    intent_at     TEXT NOT NULL,
    send_deadline REAL NOT NULL,
    timeout_s     REAL NOT NULL,
    sent          INTEGER,
    http_status   INTEGER,
    return_code   INTEGER,
    description   TEXT,
    error_type    TEXT,
    error         TEXT,
    job_id        INTEGER,
    extra_job_ids TEXT,
    settle_from   REAL,
    finished_at   TEXT,
    duration_ms   INTEGER,
    via           TEXT,
    PRIMARY KEY (campaign_id, row_number, stage, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE run (
    run_id      INTEGER PRIMARY KEY,
    campaign_id INTEGER NOT NULL,
    boot_id     TEXT NOT NULL,
    host        TEXT NOT NULL,
    pid         INTEGER NOT NULL,
    started_at  TEXT NOT NULL,
    finished_at TEXT,
    exit_code   INTEGER,
    stopped_by  TEXT
) STRICT;
"""

_SECOND: Final = """
ALTER TABLE attempt ADD COLUMN unchecked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempt ADD COLUMN second_look_at TEXT;
CREATE INDEX attempt_unchecked ON attempt (campaign_id, row_number) WHERE unchecked;
CREATE INDEX attempt_extra ON attempt (campaign_id, row_number) WHERE extra_job_ids IS NOT NULL;
"""
"""``unchecked``: the attempt may have made a job, and its row went on without a look-up that could have told."""

_THIRD: Final = """
ALTER TABLE attempt ADD COLUMN extra_gone INTEGER NOT NULL DEFAULT 0;
CREATE TABLE job (
    campaign_id  INTEGER NOT NULL,
    row_number   INTEGER NOT NULL,
    cost_micros  INTEGER,
    charged      INTEGER NOT NULL DEFAULT 0,
    remote_state TEXT,
    seen_at      TEXT,
    PRIMARY KEY (campaign_id, row_number)
) STRICT, WITHOUT ROWID;
"""
"""
``extra_gone``: the jobs that the row should not have are deleted. ``job`` is what the remote says of a row's job: its
cost in millionths of a dollar, as ``charged`` by the reply to its submit or as asked before; its state as last heard,
and when it was last asked for.
"""

_FOURTH: Final = """
ALTER TABLE campaign ADD COLUMN imprint TEXT;
DROP INDEX row_doubt;
CREATE INDEX row_doubt ON row (campaign_id, number) WHERE state IN ('in_doubt', 'held');
"""
"""
``imprint``: by which the manifest is known again that the campaign's rows are from, None where it cannot be. The index
of doubtful rows does without those that are being sent: it was written twice for each attempt.
"""

MIGRATIONS: Final = (_FIRST, _SECOND, _THIRD, _FOURTH)
"""The n-th script brings a ledger from version n to n + 1. Add to the end; never edit one that was released."""


def version_of(connection: sqlite3.Connection, place: str) -> int:
    """
    The ledger's version; 0 for a file with nothing in it.

    Raises:
        LedgerTooNew: a newer batcher wrote it.
        LedgerError: the file is a database, but not a ledger.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if tables and application != APPLICATION_ID:
        raise LedgerError(f"{place} is a database of another program; name another file with --ledger")
    if version > len(MIGRATIONS):
        raise LedgerTooNew(
            f"the ledger {place} was written by a newer batcher (version {version}, this one knows {len(MIGRATIONS)});"
            " update batcher"
        )
    return int(version)


def require_current(connection: sqlite3.Connection, place: str) -> None:
    """
    For whoever only reads, and so cannot migrate.

    Raises:
        LedgerError: the ledger is empty, another program's, or of another version.
    """
    version = version_of(connection, place)
    if version == 0:
        raise LedgerError(f"the ledger {place} has nothing in it yet; `batcher run` fills it")
    if version < len(MIGRATIONS):
        raise LedgerError(
            f"the ledger {place} was written by an older batcher (version {version}, this one reads {len(MIGRATIONS)});"
            " `batcher run` brings it up to date"
        )


def migrate(connection: sqlite3.Connection, place: str) -> None:
    """
    Brings the ledger to this program's version, step by step, each in a transaction.

    Raises:
        LedgerError: as ``version_of``; nothing was changed.
    """
    for number in range(version_of(connection, place), len(MIGRATIONS)):
        connection.executescript(
            f"BEGIN IMMEDIATE; {MIGRATIONS[number]}; PRAGMA application_id = {APPLICATION_ID};"
            f" PRAGMA user_version = {number + 1}; COMMIT;"
        )


def tables_of_campaigns(connection: sqlite3.Connection) -> list[str]:
    """The tables that hold something of a campaign, by their column ``campaign_id``; that of the campaigns too."""
    return [
        table
        for (table,) in connection.execute(
            """
            SELECT t.name FROM sqlite_schema t JOIN pragma_table_info(t.name) column
            WHERE t.type = 'table' AND column.name = 'campaign_id' ORDER BY t.name
            """
        )
    ]
