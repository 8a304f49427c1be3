"""What happens to rows, their attempts and their jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .event import Event


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
class JobSubmitted(Event):
    """``cost_micros``: what the remote says that it took, in millionths of a dollar; None where nobody said."""

    name: ClassVar[str] = "job.submitted"
    level: ClassVar[str] = "row"
    key: str
    job_id: int
    attempts: int
    via: str
    cost_micros: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDeleted(Event):
    """``extra``: jobs that the row should not have had, and that went with it."""

    name: ClassVar[str] = "job.deleted"
    level: ClassVar[str] = "row"
    key: str
    job_id: int
    attempts: int
    via: str
    extra: tuple[int, ...] = ()


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
class MoveLost(Event):
    """A row was no longer in the state that a move starts from."""

    name: ClassVar[str] = "move.lost"
    level: ClassVar[str] = "error"
    key: str
    wanted: str
