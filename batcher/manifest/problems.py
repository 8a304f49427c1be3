"""
What is wrong with a manifest, collected so that one report names all of it.

A manifest holds names and addresses of people. So a problem's reason never contains a value; what may be shown of a
value stands beside it, short and made printable, and is left out for fields that are personal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from batcher.core.errors import ManifestError

KEPT_PROBLEMS: Final = 100
"""As many as a person reads before mending the first; the rest is counted, so that memory does not grow."""

_SHOWN_CHARACTERS: Final = 40


def shown(text: str) -> str:
    """A value or name as a message may show it: in double quotes, short, on one line, without control characters."""
    return f'"{bare(text)}"'


def bare(text: str) -> str:
    """The same without the quotes."""
    return on_one_line(text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…")


def on_one_line(text: str) -> str:
    """The text with what is not printable written out: line ends, control characters, bytes that are no UTF-8."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def _named(column: str) -> str:
    """A column's name in a message: bare where it reads as one word."""
    return column if bare(column) == column and column and " " not in column else shown(column)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """
    One thing to mend.

    ``place`` is what is counted in this format (``line``, ``item``, ``row``) and ``line`` its number, None where the
    problem is the file's as a whole. ``value`` is what may be shown of the cell. ``field`` is the parameter that the
    column stands for, where it is one.
    """

    reason: str
    line: int | None = None
    place: str = "line"
    column: str | None = None
    field: str | None = None
    value: str | None = None
    suggestion: str | None = None

    def at(self, place: str, line: int | None) -> Problem:
        """The same problem, found there."""
        return replace(self, place=place, line=line)

    def __str__(self) -> str:
        where = [] if self.line is None else [f"{self.place} {self.line}"]
        if self.column is not None:
            alias = f" ({self.field})" if self.field not in (None, self.column) else ""
            where.append(f"column {_named(self.column)}{alias}")
        what = self.reason if self.value is None else f"{shown(self.value)} {self.reason}"
        advice = "" if self.suggestion is None else f"; {self.suggestion}"
        return (", ".join(where) + ": " if where else "") + what + advice


class Problems:
    """The problems of one manifest in the order in which they were found: the first hundred, and how many in all."""

    __slots__ = ("first", "total")

    def __init__(self) -> None:
        self.first: list[Problem] = []
        self.total = 0

    def add(self, problem: Problem) -> None:
        self.total += 1
        if len(self.first) < KEPT_PROBLEMS:
            self.first.append(problem)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.first)

    def __len__(self) -> int:
        """How many there are in all, those that were not kept included."""
        return self.total


class ManifestUnreadable(ManifestError):
    """The manifest cannot be read, or not any further. ``problem`` says what, and where."""

    def __init__(self, name: str, problem: Problem) -> None:
        super().__init__(f"{name}: {problem}")
        self.name = name
        self.problem = problem


class ManifestInvalid(ManifestError):
    """The manifest was read, and some of it must be mended first. The message is the whole report, a line a problem."""

    def __init__(self, name: str, problems: Problems) -> None:
        super().__init__(_report(name, problems))
        self.name = name
        self.problems = problems


def _report(name: str, problems: Problems) -> str:
    if problems.total == 1:
        return f"{name}: {problems.first[0]}"
    lines = [f"{name}: {problems.total:,} problems", *(f"  {problem}" for problem in problems)]
    if more := problems.total - len(problems.first):
        lines.append(f"  and {more:,} more")
    return "\n".join(lines)
