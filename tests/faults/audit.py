"""The ledger's word against the emulator's own truth and what passed the proxy."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.fate import Asked

STATES = frozenset({"pending", "sending", "done", "rejected", "failed", "in_doubt", "held", "withdrawn"})
_MADE_NOTHING = frozenset({"pending", "rejected", "failed", "withdrawn"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """
    What the ledger says of its one campaign.

    Attributes:
        rows: State, job id and attempts by row number.
        deadlines: The send deadline of each attempt by row number, boot-time seconds.
    """

    token: str
    size: int
    rows: dict[int, tuple[str, int | None, int]]
    deadlines: dict[int, list[float]]

    def states(self) -> Counter[str]:
        return Counter(state for state, _, _ in self.rows.values())

    def number_of(self, signature: str) -> int | None:
        """The row that a signature belongs to."""
        token, _, number = signature.rpartition("-")
        return int(number) if token == self.token and number.isdecimal() else None


def read_book(path: Path) -> Book | None:
    """The ledger as it stands; None before the campaign is loaded."""
    if not path.exists():
        return None
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=20.0)
    try:
        if not db.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'campaign'").fetchone()[0]:
            return None
        campaign = db.execute("SELECT campaign_id, token FROM campaign").fetchone()
        if campaign is None:
            return None
        ours = (campaign[0],)
        (size,) = db.execute("SELECT count(*) FROM spec WHERE campaign_id = ?", ours).fetchone()
        rows = db.execute("SELECT number, state, job_id, attempts FROM row WHERE campaign_id = ?", ours)
        found = {number: (state, job_id, attempts) for number, state, job_id, attempts in rows}
        deadlines: dict[int, list[float]] = defaultdict(list)
        attempts = "SELECT row_number, send_deadline FROM attempt WHERE campaign_id = ? ORDER BY number"
        for number, deadline in db.execute(attempts, ours):
            deadlines[number].append(deadline)
        return Book(token=campaign[1], size=size, rows=found, deadlines=dict(deadlines))
    finally:
        db.close()


@dataclass(slots=True, kw_only=True)
class Findings:
    """
    What is wrong, in words, and the counts that a table wants.

    Attributes:
        duplicates: Jobs beyond the first of a signature.
        unrecorded: Jobs whose row does not know that there may be one.
        lost: Rows that the ledger has no known state for, or that it calls created without a job to show for it.
        blind: Requests without a committed intent, or later than their intent was good for.
    """

    words: list[str]
    duplicates: int = 0
    unrecorded: int = 0
    lost: int = 0
    blind: int = 0


def compare(
    book: Book | None, jobs: list[dict[str, Any]], asked: Iterable[Asked], *, window_s: float, slack_s: float
) -> Findings:
    """
    Compares while no run is at work.

    Args:
        asked: All requests that passed the proxy in this campaign.
        window_s: How long an intent was good for.
        slack_s: A request may be seen so long after it was written.
    """
    findings = Findings(words=[])
    by_signature: dict[str, list[int]] = defaultdict(list)
    for job in jobs:
        by_signature[job["appSignature"]].append(job["id"])
    for signature, ids in by_signature.items():
        if len(ids) > 1:
            findings.duplicates += len(ids) - 1
            findings.words.append(f"{signature} has jobs {ids}")
        findings.unrecorded += _unrecorded(book, signature, ids, findings.words)
    if book is not None:
        findings.lost += _lost(book, by_signature, findings.words)
    findings.blind += _blind(book, asked, window_s, slack_s, findings.words)
    return findings


def _unrecorded(book: Book | None, signature: str, ids: list[int], words: list[str]) -> int:
    number = None if book is None else book.number_of(signature)
    if book is None or number not in book.rows:
        words.append(f"jobs {ids} of {signature} belong to no row")
        return len(ids)
    state, job_id, _ = book.rows[number]
    if state in _MADE_NOTHING or (state == "done" and job_id not in ids):
        words.append(f"row {number} is {state} with job {job_id}, and {ids} exist")
        return len(ids)
    return 0


def _lost(book: Book, by_signature: dict[str, list[int]], words: list[str]) -> int:
    lost = 0
    if book.size != len(book.rows):
        words.append(f"the manifest gave {book.size} rows and the ledger has {len(book.rows)}")
        lost += abs(book.size - len(book.rows))
    known = {job_id for ids in by_signature.values() for job_id in ids}
    for number, (state, job_id, _) in book.rows.items():
        if state not in STATES or (state == "done" and job_id not in known):
            words.append(f"row {number} is {state!r} with job {job_id}, which does not exist")
            lost += 1
    return lost


def _blind(book: Book | None, asked: Iterable[Asked], window_s: float, slack_s: float, words: list[str]) -> int:
    blind = 0
    posts: Counter[int | None] = Counter()
    for request in asked:
        if not request.creates:
            continue
        number = None if book is None else book.number_of(request.signature)
        posts[number] += 1
        deadlines = book.deadlines.get(number, []) if book is not None and number is not None else []
        if posts[number] > len(deadlines):
            words.append(f"row {number} was posted {posts[number]} times with {len(deadlines)} intents")
            blind += 1
        elif not any(deadline - window_s <= request.at <= deadline + slack_s for deadline in deadlines):
            late = ", ".join(f"{request.at - deadline:.2f}" for deadline in deadlines)
            words.append(f"row {number} was posted outside of its windows: {late} s after they ended")
            blind += 1
    return blind
