"""A part of the results: a Markdown table, what there is to say about it, and the raw figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """``raw`` goes to the JSON file; ``head`` and ``lines`` have the same number of cells."""

    name: str
    title: str
    head: Sequence[str]
    lines: Sequence[Sequence[str]]
    notes: Sequence[str] = ()
    raw: Any = field(default=None)

    def markdown(self) -> str:
        """The first column to the left, all figures to the right."""
        rule = f"|---|{'--:|' * (len(self.head) - 1)}"
        table = "\n".join([_line(self.head), rule, *map(_line, self.lines)])
        notes = "".join(f"\n- {note}" for note in self.notes)
        return f"**{self.title}**\n\n{table}\n" + (f"{notes}\n" if notes else "")


def number(value: float | None, form: str = ",.0f") -> str:
    """A figure for a cell; a dash where there is none."""
    return "–" if value is None else format(value, form)


def rounded(value: float | None) -> str:
    """With three digits that count: more would be noise."""
    if value is None:
        return "–"
    return f"{float(f'{value:.3g}'):,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def spread(values: Iterable[float | None]) -> str:
    """From the least to the most."""
    known = [value for value in values if value is not None]
    return f"{rounded(min(known))}–{rounded(max(known))}" if known else "–"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
