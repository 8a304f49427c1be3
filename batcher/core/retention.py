"""
What a ledger may forget, and when: what the rows of a campaign sent, or the campaign as a whole.

Only a campaign that has come to its end may lose anything. As long as it stays, its keys and job ids stay, and no
other campaign sends its rows again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .states import State

AT_REST: Final = frozenset({State.DONE, State.REJECTED, State.WITHDRAWN})
"""A row in one of these is sent no further, in whatever stage, unless a person asks for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """
    Moments as RFC 3339 UTC texts, which compare as they are; what was last used before them goes. None: nothing goes.

    ``parameters`` is for what the rows sent, ``campaigns`` for whole campaigns.
    """

    parameters: str | None = None
    campaigns: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """
    A campaign as far as pruning asks.

    ``last_used`` is the latest of all times that the ledger has of it, in the form of ``Retention``'s. ``open_rows``
    are rows that are not at rest, by state; ``possible_duplicates`` rows that may be more jobs than one.
    ``has_parameters``: something of what was sent is left.
    """

    campaign: str
    rows: int
    last_used: str
    open_rows: Mapping[str, int]
    possible_duplicates: int
    has_parameters: bool


class Fate(StrEnum):
    """What becomes of a campaign."""

    KEPT = "kept"
    STRIPPED = "parameters"
    """What its rows sent goes; keys, states, job ids and times stay."""
    DROPPED = "whole"


class Hindrance(StrEnum):
    """Why a campaign that is old enough stays as it is."""

    OPEN = "open"
    POSSIBLE_DUPLICATES = "possible_duplicates"


def fate_of(usage: Usage, retention: Retention) -> tuple[Fate, Hindrance | None]:
    """What becomes of the campaign, and what has kept it from a worse fate."""
    may_drop = _is_before(usage, retention.campaigns)
    may_strip = _is_before(usage, retention.parameters) and usage.has_parameters
    if usage.open_rows:
        return Fate.KEPT, Hindrance.OPEN if may_drop or may_strip else None
    if may_drop and not usage.possible_duplicates:
        return Fate.DROPPED, None
    return Fate.STRIPPED if may_strip else Fate.KEPT, Hindrance.POSSIBLE_DUPLICATES if may_drop else None


def _is_before(usage: Usage, moment: str | None) -> bool:
    return moment is not None and usage.last_used < moment
