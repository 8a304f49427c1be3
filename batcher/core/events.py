"""
What happens in a run, as frozen records.

The dispatch emits them to one observer; log, progress and tests are listeners of the same records. No record carries
parameters, postal addresses or credentials.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """``name`` is ``noun.past_participle``; ``level`` is the log level it deserves when it is shown at all."""

    name: ClassVar[str]
    level: ClassVar[str] = "info"


Observer = Callable[[Event], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerMisplaced(Event):
    """The ledger lies where the promise cannot be kept; the run goes on."""

    name: ClassVar[str] = "ledger.misplaced"
    level: ClassVar[str] = "warning"
    warning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestRead(Event):
    """Sent now and then while a long manifest is being read."""

    name: ClassVar[str] = "manifest.read"
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetChanged(Event):
    """The campaign belongs to another base URL or user name from now on; ``old`` and ``new`` are base URLs."""

    name: ClassVar[str] = "target.changed"
    level: ClassVar[str] = "warning"
    old: str
    new: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Event):
    name: ClassVar[str] = "run.started"
    campaign: str
    target: str
    rows: int
    to_create: int
    in_doubt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished(Event):
    name: ClassVar[str] = "run.finished"
    campaign: str
    exit_code: int
    stopped_by: str | None
    elapsed_s: float
    counts: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentRecorded(Event):
    name: ClassVar[str] = "intent.recorded"
    level: ClassVar[str] = "debug"
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFinished(Event):
    name: ClassVar[str] = "attempt.finished"
    level: ClassVar[str] = "debug"
    key: str
    attempt: int
    verdict: str
    http_status: int | None
    return_code: int | None
    duration_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryScheduled(Event):
    name: ClassVar[str] = "retry.scheduled"
    level: ClassVar[str] = "warning"
    key: str
    attempt: int
    reason: str
    wait_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCreated(Event):
    name: ClassVar[str] = "job.created"
    level: ClassVar[str] = "row"
    key: str
    job_id: int
    attempts: int
    via: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRejected(Event):
    name: ClassVar[str] = "job.rejected"
    level: ClassVar[str] = "error"
    key: str
    http_status: int | None
    return_code: int | None
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFailed(Event):
    name: ClassVar[str] = "job.failed"
    level: ClassVar[str] = "error"
    key: str
    attempts: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobInDoubt(Event):
    name: ClassVar[str] = "job.in_doubt"
    level: ClassVar[str] = "warning"
    key: str
    attempt: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobHeld(Event):
    name: ClassVar[str] = "job.held"
    level: ClassVar[str] = "error"
    key: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtResolved(Event):
    name: ClassVar[str] = "doubt.resolved"
    level: ClassVar[str] = "info"
    key: str
    state: str
    job_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtWaived(Event):
    """A row goes on although the remote may hold a job of it."""

    name: ClassVar[str] = "doubt.waived"
    level: ClassVar[str] = "warning"
    key: str
    reason: str = "no look-up can be trusted: if the remote made a job, there will be two"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsRechecked(Event):
    """Rows that were sent more than once were looked up again; ``unanswered`` ones are left for the next run."""

    name: ClassVar[str] = "rows.rechecked"
    rows: int
    extra_jobs: int
    unanswered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsDuplicated(Event):
    """The remote holds more than one job under a row's signature; the first was adopted."""

    name: ClassVar[str] = "jobs.duplicated"
    level: ClassVar[str] = "error"
    key: str
    adopted: int
    extra: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobIdTaken(Event):
    """The remote named a job id that another row already holds."""

    name: ClassVar[str] = "job_id.taken"
    level: ClassVar[str] = "error"
    key: str
    job_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupProven(Event):
    name: ClassVar[str] = "lookup.proven"
    lag_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupUnproven(Event):
    name: ClassVar[str] = "lookup.unproven"
    level: ClassVar[str] = "warning"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerOpened(Event):
    name: ClassVar[str] = "breaker.opened"
    level: ClassVar[str] = "warning"
    reason: str
    wait_s: float
    outage_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerClosed(Event):
    name: ClassVar[str] = "breaker.closed"
    outage_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceChanged(Event):
    """
    The remote wants less, or to be left alone for a while. Told once for each such wish, not for each row.

    ``wait_s``: nobody starts for so long. ``concurrency``: requests that may be in flight from now on.
    """

    name: ClassVar[str] = "pace.changed"
    level: ClassVar[str] = "warning"
    reason: str
    wait_s: float
    concurrency: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcurrencyChanged(Event):
    """How many requests may be in flight has changed, up or down; ``most`` is what the settings allow."""

    name: ClassVar[str] = "concurrency.changed"
    level: ClassVar[str] = "debug"
    limit: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainStarted(Event):
    name: ClassVar[str] = "drain.started"
    level: ClassVar[str] = "warning"
    reason: str
    in_flight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRecovered(Event):
    """Intents that an earlier run left without an outcome are in doubt now."""

    name: ClassVar[str] = "ledger.recovered"
    level: ClassVar[str] = "warning"
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLocked(Event):
    """Another program has locked the ledger's file: nothing can be written, so everything waits, and not for ever."""

    name: ClassVar[str] = "ledger.locked"
    level: ClassVar[str] = "warning"
    gives_up_after_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveLost(Event):
    """A row was no longer in the state that a move starts from."""

    name: ClassVar[str] = "move.lost"
    level: ClassVar[str] = "error"
    key: str
    wanted: str
