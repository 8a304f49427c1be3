"""
The cells of a sheet, as far as its XML tells of them while it goes by.

Tags may have a prefix, as .NET writes them. A row or cell that does not name its place stands behind the one before it.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

_SPREAD_LIMIT: Final = 30_000_000
"""Cells, at some 30 bytes each: a million rows of every field there is."""

_OVERLAP_BYTES: Final = 4096
"""What is cut in two by one piece is whole with the next, unless it is longer; few formulas are."""

_PLACE: Final = re.compile(
    rb"""<(?:[^\s<>/:]+:)?(row|c)(?=[\s/>])(?:[^<]*?[\s"']r\s*=\s*["']([A-Za-z]*)([0-9]+)["'])?"""
)
_ERROR_CELL: Final = re.compile(rb"""<(?:[^\s<>/:]+:)?c(?=\s)[^<]*?[\s"']t\s*=\s*["']e["']""")
_FORMULA_WITHOUT_VALUE: Final = re.compile(
    rb"""<(?:[^\s<>/:]+:)?c(?=[\s>])(?![^<]*?[\s"']t\s*=\s*["']str["'])[^<]*"""
    rb"<(?:[^\s<>/:]+:)?f(?=[\s/>])[^<]*(?:</(?:[^\s<>/:]+:)?f\s*>\s*)?"
    rb"(?:</(?:[^\s<>/:]+:)?c\s*>|<(?:[^\s<>/:]+:)?v(?=[\s/>])[^<>]*(?:/>|>\s*</))"
)

_Place = tuple[bytes, bytes, bytes]
"""A tag, and the letters and digits of the place it names; without digits it names none."""

_LOOSE_CELL: Final[_Place] = (b"c", b"", b"")
_LOOSE_ROW: Final[_Place] = (b"row", b"", b"")

_ERROR: Final = "a cell in a sheet shows an error such as #N/A, which would be taken for an empty one: mend it"
_NO_VALUE: Final = (
    "a cell in a sheet has a formula and not yet its value, and would be taken for an empty one: open the workbook in a"
    " spreadsheet program and save it"
)
_TWICE: Final = "a sheet has a row or a cell twice, or rows out of order: save it anew, or as CSV"
_TOO_FAR_APART: Final = "a sheet has cells too far apart: delete what stands far outside the table, or save it as CSV"


class Sheet:
    """A part of a workbook that goes by in pieces; most parts are no sheets, and nothing is found in them."""

    def __init__(self) -> None:
        self._is_sheet = False
        self._end = b""
        self._last_row = -1
        self._furthest_row = 0
        self._furthest_column = 0
        self._loose_rows = 0
        self._loose_cells = 0
        self._most_loose_cells = 0

    def fault_in(self, piece: bytes) -> str | None:
        """What is against reading a sheet with this piece in it."""
        self._is_sheet = self._is_sheet or b"sheetData" in piece
        if (b'"e"' in piece or b"'e'" in piece) and _ERROR_CELL.search(piece):
            return _ERROR
        if (b"<f" in piece or b":f" in piece) and _FORMULA_WITHOUT_VALUE.search(self._end + piece):
            return _NO_VALUE
        self._end = piece[-_OVERLAP_BYTES:]
        places = _PLACE.findall(piece)
        if self._is_sheet and not self._in_order(places):
            return _TWICE
        return _TOO_FAR_APART if self._spread_with(places) > _SPREAD_LIMIT else None

    def _in_order(self, places: list[_Place]) -> bool:
        """Whether rows come one after the other, as far as they have a number, and no cell stands there twice."""
        named = [place for place in places if place[2]]
        rows = [self._last_row, *(int(digits) for tag, _, digits in named if tag == b"row")]
        self._last_row = rows[-1]
        return len(set(named)) == len(named) and all(one < following for one, following in pairwise(rows))

    def _spread_with(self, places: list[_Place]) -> int:
        """Cells that there must be room for."""
        if _LOOSE_ROW in places or _LOOSE_CELL in places:
            self._note_loose(places)
        digits, letters = {place[2] or b"0" for place in places}, {place[1] for place in places}
        self._furthest_row = max([self._furthest_row, *map(int, digits)])
        self._furthest_column = max([self._furthest_column, *map(_column_number, letters)])
        return (self._furthest_row + self._loose_rows) * (self._furthest_column + self._most_loose_cells)

    def _note_loose(self, places: list[_Place]) -> None:
        self._loose_rows += places.count(_LOOSE_ROW)
        for tag, _, digits in places:
            if tag == b"row":
                self._loose_cells = 0
            elif not digits:
                self._loose_cells += 1
                self._most_loose_cells = max(self._most_loose_cells, self._loose_cells)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
