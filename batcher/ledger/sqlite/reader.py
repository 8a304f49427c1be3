"""The read side: campaigns, counts and results. Takes no lock; each question sees one commit."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from batcher.core.states import SHOWN_STATES, Stage, State, shown_state
from batcher.ledger.records import Books, Campaign, Overview, Result, RunInfo, Target

from .connection import open_for_reading
from .duplicates import MARKED, POSSIBLE, duplicates_of
from .failure import ledger_error
from .whereabouts import whereabouts_of

_STAGES: Final = frozenset(Stage)
_STATES: Final = frozenset(State)
_SHOWN: Final = {(stage.value, state.value): shown_state(stage, state) for stage in Stage for state in State}
_RESULTS: Final = f"""
SELECT r.number, r.key, r.stage, r.state, r.job_id, l.http_status, l.return_code, coalesce(l.description, ''),
       CASE WHEN r.attempts > 1
            THEN (SELECT count(*) FROM attempt p WHERE p.campaign_id = r.campaign_id AND p.row_number = r.number
                  AND p.stage = r.stage AND p.sent IS NOT 0)
            ELSE l.number IS NOT NULL AND l.sent IS NOT 0 END,
       CASE WHEN r.attempts > 1
            THEN (SELECT f.intent_at FROM attempt f WHERE f.campaign_id = r.campaign_id AND f.row_number = r.number
                  AND f.stage = r.stage AND f.sent IS NOT 0 ORDER BY f.number LIMIT 1)
            ELSE iif(l.sent IS NOT 0, l.intent_at, NULL) END,
       l.finished_at, l.duration_ms,
       iif(r.state = 'done', NULL, l.error_type), iif(r.state = 'done', NULL, l.error),
       j.cost_micros, j.remote_state, s.kept, s.parameters,
       CASE WHEN {MARKED}
            THEN (SELECT e.extra_job_ids FROM attempt e
                  WHERE e.campaign_id = r.campaign_id AND e.row_number = r.number AND e.stage = 'create'
                  AND e.extra_job_ids IS NOT NULL AND NOT e.extra_gone ORDER BY e.number DESC LIMIT 1) END AS extra,
       {MARKED} AND {POSSIBLE} AS possible
FROM row r
JOIN spec s USING (campaign_id, number)
LEFT JOIN job j ON j.campaign_id = r.campaign_id AND j.row_number = r.number
LEFT JOIN attempt l ON l.campaign_id = r.campaign_id AND l.row_number = r.number AND l.stage = r.stage
                    AND l.number = r.attempts
WHERE r.campaign_id = ?1
"""
"""Hardly any row has more than one attempt or job: only such are asked about more than their last attempt."""

_RECENT: Final = """
SELECT count(*) FROM attempt WHERE campaign_id = ? AND job_id IS NOT NULL
AND finished_at >= strftime('%Y-%m-%dT%H:%M:%S', 'now', '-60 seconds')
"""
RUN_FIELDS: Final = ("run_id", "started_at", "finished_at", "exit_code", "stopped_by", "host", "pid")
_CAMPAIGN: Final = """
SELECT campaign_id, name, token, base_url, username, manifest, columns, kept_columns, reading, own_signatures,
       created_at
FROM campaign WHERE name = ?
"""
_LAST_RUN: Final = f"SELECT {', '.join(RUN_FIELDS)} FROM run WHERE campaign_id = ? ORDER BY run_id DESC LIMIT 1"


class SqliteReader:
    """One read-only connection. What SQLite reports comes out as a ``LedgerError``."""

    def __init__(self, path: Path, connection: sqlite3.Connection | None = None) -> None:
        self._place = str(path)
        self._db = open_for_reading(path) if connection is None else connection

    def campaign(self, name: str) -> Campaign | None:
        with self._snapshot():
            return campaign_of(self._db, name)

    def overviews(self) -> list[Overview]:
        with self._snapshot():
            names = [name for (name,) in self._db.execute("SELECT name FROM campaign ORDER BY campaign_id")]
            campaigns = [campaign_of(self._db, name) for name in names]
            return [_overview_of(self._db, campaign) for campaign in campaigns if campaign is not None]

    def overview(self, campaign: Campaign) -> Overview:
        with self._snapshot():
            return _overview_of(self._db, campaign)

    def results(self, campaign: Campaign, states: Sequence[str] | None = None) -> Iterator[Result]:
        select = _RESULTS
        if states is not None:
            wanted = [f"'{stage} {state}'" for stage in Stage for state in State if shown_state(stage, state) in states]
            select += f"AND r.stage || ' ' || r.state IN ({', '.join(wanted)})"
        with self._translated():
            for row in self._db.execute(f"{select} ORDER BY r.number", (campaign.campaign_id,)):
                yield _result(row)

    def with_duplicates(self, campaign: Campaign, limit: int) -> list[Result]:
        with self._translated():
            select = f"{_RESULTS} AND {MARKED} AND (extra IS NOT NULL OR possible) ORDER BY r.number LIMIT ?"
            return [_result(row) for row in self._db.execute(select, (campaign.campaign_id, limit))]

    def seen_at_remote(self, campaign: Campaign, remote_states: Sequence[str], limit: int) -> list[Result]:
        with self._translated():
            marks = ", ".join("?" * len(remote_states))
            select = (
                f"{_RESULTS} AND r.stage = 'submit' AND r.state = 'done' AND j.remote_state IN ({marks})"
                " ORDER BY r.number LIMIT ?"
            )
            return [_result(row) for row in self._db.execute(select, (campaign.campaign_id, *remote_states, limit))]

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _snapshot(self) -> Iterator[None]:
        """Several questions about one and the same commit."""
        with self._translated():
            self._db.execute("BEGIN")
            try:
                yield
            finally:
                if self._db.in_transaction:
                    self._db.execute("COMMIT")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise ledger_error(error, self._place) from error


def shown(stage: str, state: str) -> str:
    """``shown_state`` of two texts as the tables hold them; what is unknown shows as it stands."""
    if stage not in _STAGES:
        return f"{stage} {state}"
    return shown_state(Stage(stage), State(state)) if state in _STATES else state


def _overview_of(db: sqlite3.Connection, campaign: Campaign) -> Overview:
    ours = (campaign.campaign_id,)
    rows, counts = counts_of(db, campaign.campaign_id)
    run = db.execute(_LAST_RUN, ours).fetchone()
    (recent,) = db.execute(_RECENT, ours).fetchone()
    return Overview(
        campaign=campaign,
        rows=rows,
        counts=counts,
        last_run=None if run is None else RunInfo(**dict(zip(RUN_FIELDS, run, strict=True))),
        created_last_minute=recent,
        duplicates=duplicates_of(db, campaign.campaign_id),
        whereabouts=whereabouts_of(db, campaign.campaign_id),
    )


def campaign_of(db: sqlite3.Connection, name: str) -> Campaign | None:
    """The campaign of that name, None without one."""
    try:
        row = db.execute(_CAMPAIGN, (name,)).fetchone()
    except UnicodeEncodeError:  # no text that a ledger can hold
        return None
    if row is None:
        return None
    campaign_id, name, token, base_url, username, manifest, columns, kept, reading, own, created_at = row
    return Campaign(
        campaign_id=campaign_id,
        name=name,
        token=token,
        target=Target(base_url=base_url, username=username),
        manifest=manifest,
        columns=tuple(json.loads(columns)),
        kept_columns=tuple(json.loads(kept)),
        reading=json.loads(reading),
        own_signatures=bool(own),
        created_at=created_at,
    )


def counts_of(db: sqlite3.Connection, campaign_id: int) -> tuple[int, dict[str, int]]:
    """
    How many rows the manifest gave, and the ledger's rows by shown state, in the order in which they are shown.

    Words that nobody knows come last; the books do not balance with them.
    """
    return _rows_of_manifest(db, campaign_id), _by_shown_state(_standing(db, campaign_id))


def books_of(db: sqlite3.Connection, campaign_id: int, stage: Stage) -> Books:
    """``counts_of``, and how the rows stand in the stage."""
    standing = _standing(db, campaign_id)
    judged: Counter[State] = Counter()
    for (at, state), count in standing.items():
        if at == stage:
            judged[State(state)] += count
        elif stage is Stage.CREATE:
            judged[State.DONE] += count
    rows = _rows_of_manifest(db, campaign_id)
    return Books(rows=rows, counts=_by_shown_state(standing), judged=dict(judged))


def _rows_of_manifest(db: sqlite3.Connection, campaign_id: int) -> int:
    (rows,) = db.execute("SELECT count(*) FROM spec WHERE campaign_id = ?", (campaign_id,)).fetchone()
    return int(rows)


def _standing(db: sqlite3.Connection, campaign_id: int) -> dict[tuple[str, str], int]:
    """Rows by stage and state. State comes first where they are sorted: it tells more of them apart."""
    select = "SELECT stage, state, count(*) FROM row WHERE campaign_id = ? GROUP BY state, stage"
    return {(stage, state): count for stage, state, count in db.execute(select, (campaign_id,))}


def _by_shown_state(standing: Mapping[tuple[str, str], int]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for (stage, state), count in standing.items():
        found[shown(stage, state)] += count
    words = (*SHOWN_STATES, *sorted(set(found) - set(SHOWN_STATES)))
    return {name: found[name] for name in words if name in found}


def _result(row: tuple[Any, ...]) -> Result:
    number, key, stage, state, *facts, kept, parameters, extra, possible = row
    word = _SHOWN.get((stage, state)) or shown(stage, state)
    kept_texts = {} if kept == "{}" else json.loads(kept)
    extra_ids = tuple(json.loads(extra)) if extra else ()
    return Result._make((number, key, word, *facts, kept_texts, parameters, extra_ids, bool(possible)))
