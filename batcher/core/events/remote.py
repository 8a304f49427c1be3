"""What a run finds out about the remote, and how it adapts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .event import Event


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
class StatusProven(Event):
    """A job's status was seen to change as the remote had said."""

    name: ClassVar[str] = "status.proven"
    lag_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusUnproven(Event):
    name: ClassVar[str] = "status.unproven"
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
