"""Which column stands for which field, as its name and the flags say."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from .fields import FAILED_FILE_COLUMNS, FIELDS, SIGNATURE
from .problems import Problem, bare
from .reading import Reading
from .suggestion import closest, did_you_mean

_LOOKED_AT: Final = 100
"""Columns among which a field is looked for by its likeness, which takes time."""


def known_names(reading: Reading) -> set[str]:
    """Every column name that means something in this reading."""
    named_by_flags = {*reading.mapping, *reading.keep, *([reading.key] if reading.key is not None else [])}
    return {*FIELDS, *FAILED_FILE_COLUMNS, *named_by_flags}


def field_named(column: str, reading: Reading) -> str | None:
    """The field that a column is sent as, None where it is not sent."""
    if column in reading.mapping:
        return reading.mapping[column]
    if column in reading.keep or column not in FIELDS:
        return None
    return None if column == SIGNATURE and not reading.keep_app_signature else column


def is_kept(column: str, reading: Reading) -> bool:
    """Whether a column goes to the results only; a key that is not sent does, without being listed."""
    if column in reading.mapping or column in FAILED_FILE_COLUMNS:
        return False
    return column in reading.keep or (column == reading.key and column not in FIELDS)


def is_header(names: Sequence[str], reading: Reading) -> bool:
    """
    Whether a table's first line names columns: one field at least, however spelled.

    A first line that is data holds what people are called and where they live, and no message may quote that.
    """
    known = known_names(reading)
    return any(name in known or closest(name, known) is not None for name in names[:_LOOKED_AT])


def absent_from(columns: Collection[str], reading: Reading) -> list[Problem]:
    """What ``--map`` names and the manifest lacks: most likely a slip, and a value that would silently not be sent."""
    return [
        Problem(
            reason=f"--map {bare(column)}={target}: the manifest has no such column",
            suggestion=did_you_mean(column, columns),
        )
        for column, target in reading.mapping.items()
        if column not in columns
    ]
