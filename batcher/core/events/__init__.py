"""
What happens in a run, as frozen records.

The dispatch emits them to one observer; log, progress and tests are listeners of the same records. No record carries
parameters, postal addresses or credentials.
"""

from .event import Event, Observer
from .preflight import ListsAwaited, PreflightDoubted, PreflightFinished, PreflightLimited, PreflightSkipped
from .remote import (
    BreakerClosed,
    BreakerOpened,
    ConcurrencyChanged,
    LookupProven,
    LookupUnproven,
    PaceChanged,
    StatusProven,
    StatusUnproven,
)
from .row import (
    AttemptFinished,
    DoubtResolved,
    DoubtWaived,
    IntentRecorded,
    JobCreated,
    JobDeleted,
    JobFailed,
    JobHeld,
    JobIdTaken,
    JobInDoubt,
    JobRejected,
    JobsDuplicated,
    JobSubmitted,
    MoveLost,
    RetryScheduled,
    RowsRechecked,
)
from .run import (
    CostsRead,
    DrainStarted,
    LedgerLocked,
    LedgerMisplaced,
    LedgerRecovered,
    ManifestRead,
    RunFinished,
    RunStarted,
    StatesRead,
    TargetChanged,
)

__all__ = [
    "AttemptFinished",
    "BreakerClosed",
    "BreakerOpened",
    "ConcurrencyChanged",
    "CostsRead",
    "DoubtResolved",
    "DoubtWaived",
    "DrainStarted",
    "Event",
    "IntentRecorded",
    "JobCreated",
    "JobDeleted",
    "JobFailed",
    "JobHeld",
    "JobIdTaken",
    "JobInDoubt",
    "JobRejected",
    "JobSubmitted",
    "JobsDuplicated",
    "LedgerLocked",
    "LedgerMisplaced",
    "LedgerRecovered",
    "ListsAwaited",
    "LookupProven",
    "LookupUnproven",
    "ManifestRead",
    "MoveLost",
    "Observer",
    "PaceChanged",
    "PreflightDoubted",
    "PreflightFinished",
    "PreflightLimited",
    "PreflightSkipped",
    "RetryScheduled",
    "RowsRechecked",
    "RunFinished",
    "RunStarted",
    "StatesRead",
    "StatusProven",
    "StatusUnproven",
    "TargetChanged",
]
