"""What the checks before a run find, and what they could not find out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

from batcher.core.events import Observer, PreflightDoubted, PreflightLimited, PreflightSkipped
from batcher.core.outcome import Answer, in_words
from batcher.core.preflight import MOST_SHOWN, Finding, Weight

from .asking import AT_ONCE

T = TypeVar("T")

MOST_READ: Final = 200
"""Single questions of a kind: at four at once and a tenth of a second each, five seconds."""


class Findings:
    """
    Collected over all checks.

    ``unfinished`` are the checks that have begun and neither ended nor given up.
    """

    def __init__(self, emit: Observer) -> None:
        self._emit = emit
        self.found: list[Finding] = []
        self.doubts = 0
        self.unfinished: set[str] = set()

    def add(self, finding: Finding | None) -> None:
        """Takes a finding in; doubts are told at once, the first ones."""
        if finding is None:
            return
        if finding.weight is not Weight.DOUBTFUL:
            self.found.append(finding)
            return
        self.doubts += 1
        if self.doubts <= MOST_SHOWN:
            self._emit(PreflightDoubted(line=finding.group.line, rows=finding.group.rows, about=finding.about))

    def begin(self, check: str) -> None:
        self.unfinished.add(check)

    def end(self, check: str) -> None:
        self.unfinished.discard(check)

    def skip(self, check: str, answer: Answer | str) -> None:
        """A check gives up; what it has found so far still counts."""
        self.end(check)
        reason = answer if isinstance(answer, str) else in_words(answer)
        self._emit(PreflightSkipped(check=check, reason=reason))

    def limit(self, check: str, reason: str) -> None:
        self._emit(PreflightLimited(check=check, reason=reason))


def in_fours(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """As many as are asked at once; after each lot it shows whether it is worth going on."""
    for at in range(0, len(items), AT_ONCE):
        yield items[at : at + AT_ONCE]


def spread(items: Sequence[T], most: int) -> list[T]:
    """At most so many of the items, evenly from the first to the last."""
    if len(items) <= most:
        return list(items)
    return [items[at * len(items) // most] for at in range(most)]
