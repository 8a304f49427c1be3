"""
Products: what makes one, and how a combination of options that is not known relates to those that are.

The remote resolves a product from eight texts and refuses what it does not know. Some of its names have two blanks in a
row, end with one, or hold an en dash, so a text is never mended here: what differs only in such things is named with
the exact spelling, and a person decides. Source: API reference, "Create a job" and "Cost estimate".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache
from typing import Final

OPTION_FIELDS: Final = (
    "documentClass",
    "layout",
    "productionTime",
    "envelope",
    "color",
    "paperType",
    "printOption",
    "mailClass",
)
"""The fields that together name a product; ``mailClass`` may be left to the remote's default."""

REQUIRED_OPTIONS: Final = OPTION_FIELDS[:-1]

_FEW: Final = 3
_NAMES_OF_ONE_CLASS: Final = (
    {"note card - folded 4.25 x 5.5", "notecard folded 4.25 x 5.5", "notecard - folded 4.25 x 5.5"},
    {"priority mail letter 8.5 x 11", "priority letter 8.5 x 11"},
    {"priority express letter 8.5 x 11", "priority mail express letter 8.5 x 11"},
    {"reply mail postcard 4.25 x 6", "reply postcard 4.25 x 6"},
)
"""What the API and what its pages and menus call one class, as ``plain`` gives it."""
_DASHES: Final = {ord(dash): "-" for dash in "‐‑‒–—−"}


@dataclass(frozen=True, slots=True)
class Combination:
    """Values in the order of ``OPTION_FIELDS``; None where nothing is said of a field, which is not the empty text."""

    values: tuple[str | None, ...]

    @classmethod
    def of(cls, named: Mapping[str, str | None]) -> Combination:
        """The combination that these values by field make; other names are left aside."""
        return cls(tuple(named.get(field) for field in OPTION_FIELDS))

    @property
    def document_class(self) -> str | None:
        return self.values[0]

    def named(self) -> dict[str, str]:
        """What is said, by field."""
        return {field: value for field, value in zip(OPTION_FIELDS, self.values, strict=True) if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field in which two combinations differ."""

    field: str
    given: str
    offered: str

    @property
    def is_spelling(self) -> bool:
        """Whether they differ in case, blanks and dashes only."""
        return plain(self.given) == plain(self.offered)

    def __str__(self) -> str:
        return f"{self.field} {quoted(self.offered)} instead of {quoted(self.given)}"


class Standing(StrEnum):
    """How a combination relates to those that are offered."""

    OFFERED = "offered"
    MISSPELT = "misspelt"
    """Offered, but spelled otherwise."""
    NOT_OFFERED = "not_offered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """``nearest``: what would have to be changed, for each of the nearest combinations; empty where it is offered."""

    standing: Standing
    nearest: tuple[tuple[Difference, ...], ...] = ()


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """A text without what is easily mistaken: case, number of blanks, blanks at the ends, kinds of dashes."""
    return " ".join(text.translate(_DASHES).casefold().split())


def may_be_one_class(one: str, other: str) -> bool:
    """Whether two names of document classes may mean the same one."""
    names = {plain(one), plain(other)}
    return len(names) == 1 or any(names <= known for known in _NAMES_OF_ONE_CLASS)


def quoted(text: str) -> str:
    """A text as people must see it: every blank of it between quotes, and what cannot be seen written out."""
    return f'"{text}"' if text.isprintable() else ascii(text)


def differences(given: Combination, offered: Combination) -> tuple[Difference, ...]:
    """The fields in which both say something, and not the same."""
    return tuple(
        Difference(field=field, given=ours, offered=theirs)
        for field, ours, theirs in zip(OPTION_FIELDS, given.values, offered.values, strict=True)
        if ours is not None and theirs is not None and ours != theirs
    )


def judge(given: Combination, offered: Iterable[Combination]) -> Judgement:
    """Where a combination stands among those that are offered, and which of them are nearest."""
    candidates = dict.fromkeys(differences(given, one) for one in offered)
    if () in candidates:
        return Judgement(standing=Standing.OFFERED)
    ranked = sorted(candidates, key=_distance)
    if ranked and all(difference.is_spelling for difference in ranked[0]):
        return Judgement(standing=Standing.MISSPELT, nearest=(ranked[0],))
    nearest: list[tuple[Difference, ...]] = []
    for found in ranked:
        if len(nearest) < _FEW and not any(set(nearer) < set(found) for nearer in nearest):
            nearest.append(found)
    return Judgement(standing=Standing.NOT_OFFERED, nearest=tuple(nearest))


def most_similar(text: str, among: Iterable[str]) -> str | None:
    """The text that was most likely meant; None where none resembles it."""
    ranked = sorted(((_likeness(text, other), other) for other in among), key=lambda one: -one[0])
    return ranked[0][1] if ranked and ranked[0][0] >= 0.6 else None


def _distance(found: tuple[Difference, ...]) -> tuple[int, float, int]:
    """Fields that really differ count first, then how much, then spelling."""
    real = [difference for difference in found if not difference.is_spelling]
    return len(real), -sum(_likeness(one.given, one.offered) for one in real), len(found)


@lru_cache(maxsize=4096)
def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, plain(one)[:200], plain(other)[:200], autojunk=False).ratio()
