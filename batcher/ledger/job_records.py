"""What goes into the ledger and comes out of it about the jobs that rows have. Times of day are RFC 3339 UTC texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from batcher.core.job import AT_REST


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A job that a stage could begin with: the row's own first, then those that the row should not have."""

    number: int
    key: str
    jobs: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCost:
    """What the remote says that a row's job would cost, in millionths of a dollar."""

    number: int
    micros: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Jobs of a campaign that were submitted, and what that cost as far as it is known, in millionths of a dollar."""

    jobs: int = 0
    micros: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSeen:
    """A submitted row that was asked for: ``state`` is its job's at the remote, None where that was not answered."""

    number: int
    state: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """
    Where a campaign's submitted jobs stand at the remote, as far as the ledger has heard.

    ``counts`` by remote state, in the order in which they are shown; ``unread`` jobs were never heard of.
    ``asked_at`` is when the last of them was asked for, None before the first.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    unread: int = 0
    asked_at: str | None = None

    @property
    def on_their_way(self) -> int:
        """Jobs that are worth asking for: not seen at rest."""
        return self.unread + sum(count for state, count in self.counts.items() if state not in AT_REST)
