"""What a conversation about jobs at the remote yields, and what it is sent: looks and pauses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .job import JobAnswer
from .outcome import LookUpAnswer

FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Look:
    """Ask the remote for the jobs under this signature."""

    signature: str


@dataclass(frozen=True, slots=True)
class LookAt:
    """Ask the remote how this job stands."""

    job_id: int


@dataclass(frozen=True, slots=True)
class Pause:
    """Let this many seconds pass."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The answer to a look, and when it was asked and answered (boot-time seconds)."""

    answer: LookUpAnswer | JobAnswer
    asked_at: float
    answered_at: float
