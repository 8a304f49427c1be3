"""
CSV and TSV: a header line, then a row a record.

Quoting is RFC 4180's and strict: a quote that is not closed would swallow the rows after it. A record of which every
cell is empty is passed over, as is a blank line: spreadsheets leave such lines at the end.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from typing import Final

from .problems import ManifestUnreadable, Problem
from .records import Contents, Record
from .text import LINE_LIMIT, Text

_DELIMITERS: Final = (",", ";", "\t", "|")


def read_csv(text: Text, delimiter: str | None, known: Collection[str]) -> Contents:
    """
    Reads the header, and leaves the rest to be read.

    Args:
        delimiter: None to find it out from the header.
        known: The column names that may be expected.
    """
    return _Table(text, delimiter, known).contents()


def sniff(header: str, known: Collection[str]) -> str:
    """The delimiter that splits the header into the most known names; among equals into the most cells."""
    expected = {name.casefold() for name in known}

    def score(delimiter: str) -> tuple[int, int]:
        try:
            names = next(csv.reader([header], delimiter=delimiter), [])
        except csv.Error:  # a cell longer than the reader takes: reading the header says so
            names = []
        return sum(name.casefold() in expected for name in names), len(names)

    return max(_DELIMITERS, key=score)


class _Table:
    def __init__(self, text: Text, delimiter: str | None, known: Collection[str]) -> None:
        self._text = text
        self._held: list[str] = []
        self._skipped = 0
        lines = self._hold(text.lines())
        first = self._first_line(lines)
        self._delimiter = delimiter or sniff(first, known)
        self._reader = csv.reader(chain([first], lines), delimiter=self._delimiter, strict=True)
        self._header = self._read_header()
        if first.lstrip()[:1] in ("{", "[") and not set(self._header) & set(known):
            raise self._unreadable("it looks like JSON", None, "give --format json, or jsonl for an object a line")

    def contents(self) -> Contents:
        records = self._records(tuple(self._header))
        return Contents(place="line", records=records, header=tuple(self._header), header_line=self._skipped + 1)

    def _first_line(self, lines: Iterator[str]) -> str:
        for line in lines:
            if line.strip(" \r\n" + "".join(_DELIMITERS)):
                return line
            self._skipped += 1
            self._held.clear()
        raise self._unreadable("holds nothing but blank lines", None)

    def _read_header(self) -> list[str]:
        try:
            header = next(self._reader)
        except csv.Error as error:
            raise self._broken(str(error)) from error
        self._held.clear()
        return header

    def _records(self, header: tuple[str, ...]) -> Iterator[Record | Problem]:
        reader, held, skipped, width = self._reader, self._held, self._skipped, len(header)
        begin = reader.line_num + skipped + 1
        try:
            for cells in reader:
                if len(cells) == width and (cells[0] or any(cells)):
                    yield begin, header, cells
                elif any(cell.strip() for cell in cells):
                    yield _ragged(begin, cells, width)
                begin = reader.line_num + skipped + 1
                held.clear()
        except csv.Error as error:
            raise self._broken(str(error)) from error

    def _hold(self, lines: Iterator[str]) -> Iterator[str]:
        """The lines, of which those of the record being read are kept, to say where its quote was opened."""
        held, size = self._held, 0
        for line in lines:
            size = size + len(line) if held else len(line)
            held.append(line)
            if size > LINE_LIMIT and len(held) > 1:
                raise self._broken("record too long", lines_ahead=1)
            yield line

    def _broken(self, error: str, lines_ahead: int = 0) -> ManifestUnreadable:
        """What the reader means; ``lines_ahead`` are those held that it has not counted yet."""
        last = self._skipped + self._reader.line_num + lines_ahead
        opened = _line_of_last_quote(self._held, self._delimiter)
        begun = last if opened is None else last - len(self._held) + 1 + opened
        if lines_ahead:
            return self._unreadable(
                f"a quote is opened here, and the record grows to over {LINE_LIMIT:,} characters", begun
            )
        if "expected after" in error:
            return self._unreadable(f"text follows the closing quote of a cell that begins in line {begun}", last)
        if "end of data" in error:
            return self._unreadable("a quote that is opened here is never closed", begun)
        if opened is None:
            return self._unreadable(f"a cell cannot be read: {error}", last)
        return self._unreadable("a quote that is opened here is not closed within one cell's length", begun)

    def _unreadable(self, reason: str, line: int | None, suggestion: str | None = None) -> ManifestUnreadable:
        return ManifestUnreadable(self._text.name, Problem(reason=reason, line=line, suggestion=suggestion))


def _ragged(line: int, cells: Sequence[str], width: int) -> Problem:
    few_or_many = "too few" if len(cells) < width else "too many"
    return Problem(reason=f"{few_or_many} cells: {len(cells)} where the header has {width}", line=line)


def _line_of_last_quote(lines: Sequence[str], delimiter: str) -> int | None:
    """The index of the line in which the last quoted cell of a record begins."""
    opened: int | None = None
    quoted, closed, at_start = False, False, True
    for index, line in enumerate(lines):
        for character in line:
            if character == '"' and (quoted or closed or at_start):
                # A quote right behind a closing one is a doubled quote, and the cell goes on.
                quoted, closed = not quoted, quoted
                opened = index if at_start else opened
                at_start = False
            elif not quoted:
                closed, at_start = False, character in (delimiter, "\r", "\n")
    return opened
