"""The different values that rows have in some of their fields, and how many rows have each."""

from __future__ import annotations

from dataclasses import dataclass


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
