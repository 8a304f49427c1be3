"""
The promise, checked at every step of every process: no job twice, no job unrecorded, no POST without its intent.

What the ledger says is read over a connection of its own, so only what was committed counts.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from batcher.core.states import DOUBTFUL, State

from .vendor import Vendor


@dataclass(frozen=True, slots=True)
class RowEntry:
    """What the ledger has of a row; ``known_ids``: all jobs that it names for it; ``is_open``: an intent has no end."""

    state: State
    job_id: int | None
    attempts: int
    is_open: bool
    known_ids: frozenset[int]


class Books:
    """The ledger as another process reads it."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._version = -1
        self._rows: dict[str, RowEntry] = {}

    def close(self) -> None:
        self._db.close()

    def rows(self) -> dict[str, RowEntry]:
        """Rows of all campaigns by signature, as the last commit left them."""
        (version,) = self._db.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self._version, self._rows = version, self._read()
        return self._rows

    def _read(self) -> dict[str, RowEntry]:
        extra = {(campaign, number): json.loads(ids) for campaign, number, ids in self._db.execute(_EXTRA)}
        return {
            f"{token}-{number}": RowEntry(
                state=State(state),
                job_id=job_id,
                attempts=attempts,
                is_open=bool(is_open),
                known_ids=frozenset(extra.get((campaign, number), ())) | ({job_id} if job_id is not None else set()),
            )
            for campaign, token, number, state, job_id, attempts, is_open in self._db.execute(_ROWS)
        }


_ROWS = """
SELECT r.campaign_id, c.token, r.number, r.state, r.job_id, r.attempts,
       EXISTS (SELECT 1 FROM attempt a WHERE a.campaign_id = r.campaign_id AND a.row_number = r.number
               AND a.stage = r.stage AND a.number = r.attempts AND a.finished_at IS NULL)
FROM row r JOIN campaign c USING (campaign_id) ORDER BY r.campaign_id, r.number
"""
_EXTRA = "SELECT campaign_id, row_number, extra_job_ids FROM attempt WHERE extra_job_ids IS NOT NULL"


class Audit:
    """
    Collects what goes against the promise in ``complaints``.

    Two things are beyond it, and are noted in ``excused``, by signature, with the reason. A failure that the remote
    itself reports, and that made the job all the same: without ``strict_500`` it is sent again where this run has not
    proven the look-up (``is_proven``). And a job that listings miss although they show the control.
    """

    def __init__(self) -> None:
        self.vendor: Vendor
        self.books: Books
        self.strict_500 = False
        self.is_proven = False
        self.complaints: list[str] = []
        self.excused: dict[str, str] = {}
        self.posts: Counter[str] = Counter()
        self._posted: set[tuple[str, int]] = set()

    def has_job(self, signature: str) -> bool:
        """Whether the ledger holds a row as created."""
        row = self.books.rows().get(signature)
        return row is not None and row.state is State.DONE

    def receive(self, signature: str) -> None:
        """A POST whose first byte leaves now."""
        row = self.books.rows()[signature]
        attempt = (signature, row.attempts)
        if row.state is not State.SENDING or not row.is_open or attempt in self._posted:
            self.complain(f"{signature} is sent without an intent of its own: {row}")
        if signature in self.vendor.in_flight:
            self.complain(f"{signature} is sent twice at the same time")
        if signature not in self.excused and (at_stake := self._at_stake(signature, row)):
            self.complain(f"{signature} is sent, and {at_stake}")
        self._posted.add(attempt)
        self.posts[signature] += 1

    def check(self) -> None:
        """What must hold between any two steps."""
        for signature in self.vendor.misled:
            self.excused.setdefault(signature, "listings miss it")
        for signature, row in self.books.rows().items():
            if signature not in self.excused:
                self._check_row(signature, row)

    def _check_row(self, signature: str, row: RowEntry) -> None:
        ids = self.vendor.ids(signature)
        if len(ids) > 1:
            self.complain(f"{signature} is two jobs: {ids}")
        if row.state is State.DONE and row.job_id not in ids:
            self.complain(f"{signature} is done with job {row.job_id}, which is not its own")
        if row.state in DOUBTFUL or not (at_stake := self._at_stake(signature, row)):
            return
        if self._may_take_its_word(signature, row):
            self.excused[signature] = "the remote reported a failure, and no look-up could be proven"
        else:
            self.complain(f"{signature} is {row.state}, and {at_stake}")

    def _at_stake(self, signature: str, row: RowEntry) -> str:
        """What is lost, or made twice, unless the row is looked up; "" without any such thing."""
        unrecorded = [job_id for job_id in self.vendor.ids(signature) if job_id not in row.known_ids]
        if unrecorded:
            return f"the remote holds job {unrecorded[0]} of it"
        return "the remote is still at work on it" if self.vendor.is_at_work_on(signature) else ""

    def _may_take_its_word(self, signature: str, row: RowEntry) -> bool:
        is_free = row.state in {State.PENDING, State.FAILED} and not self.strict_500 and not self.is_proven
        return is_free and self.vendor.latest[signature].is_reported_failure

    def complain(self, complaint: str) -> None:
        """Something is wrong; the process is ended for it when its time comes."""
        self.complaints.append(complaint)
