"""
An Excel workbook: the first sheet, its first used row the header. Read whole, as the format wants it.

A spreadsheet holds numbers, not digits: an id comes as a whole number and is written out, which is exact up to 15
digits. Zeros in front of it are lost before we see it, so a number is refused in a field that is text. A cell that is a
date is taken in mailingDate only. Formulas count as what they last came to.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import Final

from .problems import ManifestUnreadable, Problem
from .records import Contents, Record
from .source import Source
from .values import Unusable
from .workbook import TOO_LARGE, UNPACKED_LIMIT, why_unusable

_EXACT_UP_TO: Final = 10**15
"""A spreadsheet keeps 15 digits of a number and makes the rest zeros."""

_DAMAGED: Final = Problem(reason="the workbook is damaged or locked")
_DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)
"""What the standard library makes of an archive that is broken, or locked (then it says RuntimeError)."""


def read_xlsx(source: Source) -> Contents:
    """
    Reads the workbook, and takes the header.

    Raises:
        ManifestUnreadable: It is no workbook, it is locked, it is empty, or the reader for it is not installed.
    """
    first_row, rows = _rows_of_first_sheet(source)
    numbered = ((number, _trimmed([_cell(value) for value in row])) for number, row in enumerate(rows, first_row + 1))
    header_line, header = next(((number, row) for number, row in numbered if row), (0, []))
    if not header:
        raise ManifestUnreadable(source.name, Problem(reason="the first sheet is empty"))
    names = tuple(str(name) for name in header)
    return Contents(place="row", records=_records(numbered, names), header=names, header_line=header_line)


def _rows_of_first_sheet(source: Source) -> tuple[int, list[list[object]]]:
    """The number of rows above the first used one, and the rows from there."""
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError as error:
        reason = "reading .xlsx needs an extra: pip install 'batcher[excel]'"
        raise ManifestUnreadable(source.name, Problem(reason=reason)) from error
    packed = _packed(source)
    try:
        unusable = why_unusable(packed)
        if unusable is not None:
            raise ManifestUnreadable(source.name, Problem(reason=unusable))
        packed.seek(0)
        with CalamineWorkbook.from_filelike(packed) as workbook:
            sheet = workbook.get_sheet_by_index(0)
            rows = [list[object](row) for row in sheet.to_python()]
            return (sheet.start or (0, 0))[0], rows
    except (CalamineError, *_DAMAGE) as error:
        raise ManifestUnreadable(source.name, _DAMAGED) from error
    except BaseException as error:
        # Rust's panics are no Exceptions, so that nobody takes them for one; here they say that a value makes no sense.
        if type(error).__module__ != "pyo3_runtime":
            raise
        raise ManifestUnreadable(source.name, _DAMAGED) from error


def _packed(source: Source) -> io.BytesIO:
    packed = io.BytesIO()
    while chunk := source.read1():
        if packed.tell() + len(chunk) > UNPACKED_LIMIT:
            raise ManifestUnreadable(source.name, Problem(reason=TOO_LARGE))
        packed.write(chunk)
    packed.seek(0)
    return packed


def _records(rows: Iterator[tuple[int, Sequence[object]]], header: tuple[str, ...]) -> Iterator[Record | Problem]:
    width = len(header)
    for number, cells in rows:
        if len(cells) > width:
            reason = f"too many cells: {len(cells)} where the header has {width}"
            yield Problem(reason=reason, place="row", line=number)
        elif cells:
            yield number, header, (*cells, *[""] * (width - len(cells)))


def _trimmed(cells: list[object]) -> list[object]:
    """Without the empty cells at the end, which a sheet has wherever any row is longer."""
    end = len(cells)
    while end and cells[end - 1] == "":
        end -= 1
    return cells[:end]


def _cell(value: object) -> object:
    if not isinstance(value, float) or not value.is_integer():
        return value
    return (
        int(value) if abs(value) < _EXACT_UP_TO else Unusable("is a number of more than 15 digits: format it as text")
    )
