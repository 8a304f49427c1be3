"""What every reader hands on, whatever the format: records of columns and cells, in the manifest's order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .problems import Problem

Record = tuple[int, tuple[str, ...], Sequence[object]]
"""Where it began (line, item or row), its columns, its cells. What is not text comes from JSON or a spreadsheet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """
    A manifest, opened.

    ``header`` are the columns of a table and ``header_line`` where they stand; ``header`` is None where every record
    names its own, as JSON objects do. A problem among the ``records`` takes the place of a row that is none. The
    iterator raises ``ManifestUnreadable`` where the file cannot be read on.
    """

    place: str
    records: Iterator[Record | Problem]
    header: tuple[str, ...] | None = None
    header_line: int = 1
    defaults: Mapping[str, object] = field(default_factory=dict)
