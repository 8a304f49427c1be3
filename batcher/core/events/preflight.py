"""What is found before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightFinished(Event):
    """Different values that were looked at, requests that this took, and doubts that stop nothing."""

    name: ClassVar[str] = "preflight.finished"
    lists: int
    documents: int
    products: int
    requests: int
    doubts: int
    elapsed_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightSkipped(Event):
    """A check could not be made, or not to its end; the run goes on without it."""

    name: ClassVar[str] = "preflight.skipped"
    level: ClassVar[str] = "warning"
    check: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightLimited(Event):
    """There is more than is looked at."""

    name: ClassVar[str] = "preflight.limited"
    check: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightDoubted(Event):
    """Something is odd and proves nothing; ``line`` is that of the first of ``rows`` rows."""

    name: ClassVar[str] = "preflight.doubted"
    level: ClassVar[str] = "warning"
    line: int
    rows: int
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListsAwaited(Event):
    """So many address lists are not ready yet; nothing is sent before they are."""

    name: ClassVar[str] = "lists.awaited"
    lists: int
    wait_s: float
