"""What happens to a run as a whole, to its manifest and to its ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Event):
    name: ClassVar[str] = "run.started"
    campaign: str
    target: str
    stage: str
    rows: int
    to_send: int
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
class DrainStarted(Event):
    name: ClassVar[str] = "drain.started"
    level: ClassVar[str] = "warning"
    reason: str
    in_flight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestRead(Event):
    """Sent now and then while a long manifest is being read."""

    name: ClassVar[str] = "manifest.read"
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CostsRead(Event):
    """Sent now and then while the costs of many jobs are read."""

    name: ClassVar[str] = "costs.read"
    jobs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatesRead(Event):
    """One more job was asked where it stands; ``total`` is how many will be."""

    name: ClassVar[str] = "states.read"
    level: ClassVar[str] = "debug"
    jobs: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetChanged(Event):
    """The campaign belongs to another base URL or user name from now on; ``old`` and ``new`` are base URLs."""

    name: ClassVar[str] = "target.changed"
    level: ClassVar[str] = "warning"
    old: str
    new: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerMisplaced(Event):
    """The ledger lies where the promise cannot be kept; the run goes on."""

    name: ClassVar[str] = "ledger.misplaced"
    level: ClassVar[str] = "warning"
    warning: str


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
