"""
What may be wrong with a ledger, in words: what it is, and what to do about it.

None of it can come of a run, however it ends. It takes a bug of ours, a disk that fails, or hands on the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from .records import RunInfo


class Flaw(StrEnum):
    """One way in which a ledger is not sound."""

    DAMAGED = "damaged"
    BOOKS = "books_do_not_balance"
    NO_CAMPAIGN = "campaign_missing"
    NO_ROW = "row_missing"
    NO_SPEC = "contents_missing"
    UNREADABLE_SPEC = "contents_unreadable"
    PENDING_WITHOUT_PARAMETERS = "pending_though_pruned"
    UNKNOWN_WORD = "state_unknown"
    ATTEMPTS = "attempts_do_not_count"
    NO_RUN = "run_missing"
    NO_INTENT = "sending_without_intent"
    NO_ATTEMPT = "doubt_without_attempt"
    OPEN_ATTEMPT = "attempt_left_open"
    NO_JOB_ID = "job_id_missing"
    EARLY_JOB_ID = "job_id_too_early"
    UNTOLD_JOB_ID = "job_id_untold"
    JOB_TWICE = "job_id_twice"


_KEEP: Final = "keep the ledger, and report this line"
_MISSING: Final = (
    "put a backup of after the last run in the ledger's place, if there is one; else keep the ledger, and report this"
)
_DO_NOT_SEND: Final = "do not run this campaign before you have looked for its job in the account; report this line"
_WORDS: Final[Mapping[Flaw, tuple[str, str]]] = {
    Flaw.DAMAGED: ("{detail}", ""),
    Flaw.BOOKS: ("the manifest gave {rows} rows, and {counted} are in a known state", _KEEP),
    Flaw.NO_CAMPAIGN: ("{count} lines of table {table} belong to a campaign that is not there", _MISSING),
    Flaw.NO_ROW: ("the row is gone from table row, and {table} still has lines of it", _MISSING),
    Flaw.NO_SPEC: ("what the row was read from is gone", _MISSING),
    Flaw.UNREADABLE_SPEC: ("what the row was read from cannot be read", _MISSING),
    Flaw.PENDING_WITHOUT_PARAMETERS: ("it is pending, and what it sends was pruned", _KEEP),
    Flaw.UNKNOWN_WORD: ('stage "{stage}", state "{state}": no such stage or state', "update batcher, or report this"),
    Flaw.ATTEMPTS: ("it was attempted {attempts} times, and {noted} attempts are written down", _DO_NOT_SEND),
    Flaw.NO_RUN: ("attempt {attempt} belongs to run {run}, which is not there", _KEEP),
    Flaw.NO_INTENT: ("it is sending, and no open attempt says so", _DO_NOT_SEND),
    Flaw.NO_ATTEMPT: ("it is {state}, and was never attempted", _DO_NOT_SEND),
    Flaw.OPEN_ATTEMPT: ("it is {state}, and an attempt has no end: it may have been sent", _DO_NOT_SEND),
    Flaw.NO_JOB_ID: ("it is {state} in stage {stage}, and has no job id", _DO_NOT_SEND),
    Flaw.EARLY_JOB_ID: ("it is {state}, and has the job id {job_id}", _DO_NOT_SEND),
    Flaw.UNTOLD_JOB_ID: ("no attempt, look-up or person has told of its job {job_id}", "look at that job; report this"),
    Flaw.JOB_TWICE: ("row {other_row} of {other} has the same job {job_id}", "look at that job; report this line"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One flaw, where it is, and the facts that its words want."""

    flaw: Flaw
    campaign: str | None = None
    row_number: int | None = None
    facts: Mapping[str, Any]

    @property
    def what(self) -> str:
        return _WORDS[self.flaw][0].format_map(self.facts)

    @property
    def advice(self) -> str:
        return _WORDS[self.flaw][1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """
    What a look at a whole ledger has shown.

    ``findings`` are the first ones, ``count`` is of all. ``open_runs`` are campaigns whose latest run has no end, which
    is nothing wrong: it is at work, or it was broken off. ``newest`` is the version that this program writes.
    """

    version: int
    newest: int
    campaigns: int = 0
    rows: int = 0
    attempts: int = 0
    findings: tuple[Finding, ...]
    count: int
    open_runs: Mapping[str, RunInfo] = field(default_factory=dict)

    @property
    def is_damaged(self) -> bool:
        """Whether the file itself is broken: then the books were not looked at."""
        return any(finding.flaw is Flaw.DAMAGED for finding in self.findings)
