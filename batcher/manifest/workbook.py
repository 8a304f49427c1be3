"""
What is looked for in a workbook before it is read, because its reader does not say it.

The reader makes room for every cell up to the furthest, and where there is no such room the process dies. And a cell
that shows an error, such as #N/A, comes out of it empty: an option would silently not be sent.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Final

_SPREAD_LIMIT: Final = 30_000_000
"""Cells, at some 30 bytes each: a million rows of every field there is."""

_CHUNK_BYTES: Final = 1 << 20
_OVERLAP_BYTES: Final = 256
"""What is cut in two by one look is whole in the next."""

_REFERENCE: Final = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,7})([0-9]{1,18})["']""")
_ERROR_CELL: Final = re.compile(rb"""<c\s[^<>]*\bt\s*=\s*["']e["']""")


def why_unusable(packed: io.BytesIO) -> str | None:
    """What is against reading the workbook; raises what ``zipfile`` raises."""
    with zipfile.ZipFile(packed) as archive:
        for name in archive.namelist():
            if not name.startswith("xl/worksheets/") or not name.endswith(".xml"):
                continue
            with archive.open(name) as sheet:
                reason = _why_unusable(iter(lambda: sheet.read(_CHUNK_BYTES), b""))
            if reason is not None:
                return reason
    return None


def _why_unusable(chunks: Iterator[bytes]) -> str | None:
    rows = columns = 0
    rest = b""
    for chunk in chunks:
        seen = rest + chunk
        if _ERROR_CELL.search(seen):
            return "a cell in a sheet shows an error such as #N/A, which would be taken for an empty one: mend it"
        for letters, digits in set(_REFERENCE.findall(seen)):
            rows = max(rows, int(digits))
            columns = max(columns, _column_number(letters))
        if rows * columns > _SPREAD_LIMIT:
            return "a sheet has cells too far apart: delete what stands far outside the table, or save it as CSV"
        rest = seen[-_OVERLAP_BYTES:]
    return None


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
