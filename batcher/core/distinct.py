"""The different values that rows have in some of their fields, and how many rows have each."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """
    Rows that agree in some fields. ``values`` are in the order in which the fields were asked for, None where the rows
    do not have the field; ``line`` is where the first of them began in the manifest.
    """

    values: tuple[str | None, ...]
    rows: int
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Distinct:
    """Groups in the order of their first rows. ``rows_beyond`` belong to groups that were too many to keep."""

    groups: tuple[Group, ...]
    rows_beyond: int = 0


@dataclass(slots=True)
class Grouping:
    """Groups rows as they come, at most ``limit`` groups."""

    limit: int
    _groups: dict[tuple[str | None, ...], list[int]] = field(default_factory=dict)
    _rows_beyond: int = 0

    def add(self, values: tuple[str | None, ...], line: int) -> None:
        group = self._groups.get(values)
        if group is not None:
            group[0] += 1
        elif len(self._groups) < self.limit:
            self._groups[values] = [1, line]
        else:
            self._rows_beyond += 1

    def distinct(self) -> Distinct:
        groups = (Group(values=values, rows=rows, line=line) for values, (rows, line) in self._groups.items())
        return Distinct(groups=tuple(groups), rows_beyond=self._rows_beyond)
