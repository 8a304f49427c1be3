"""The columns that have turned up so far, and a reader for every combination of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from .fields import FAILED_FILE_COLUMNS
from .layout import lay_out
from .mapping import absent_from, field_named, is_kept, known_names
from .memory import Memory
from .problems import KEPT_PROBLEMS, Problem, Problems
from .reading import Reading
from .records import Contents
from .validation import RowReader

_REMEMBERED_LAYOUTS: Final = 512
_REMEMBERED_COLUMNS: Final = 64
"""Objects have few combinations of few names; others are worked out anew, so that memory is bounded."""

_REMEMBERED_FAULTS: Final = 1000


class Columns:
    """
    A table's columns are known from its header, an object's from itself.

    What is wrong with a column is reported once, whatever the number of rows that have it; that a row lacks one is a
    table's problem once, and among objects every row's own.
    """

    def __init__(self, contents: Contents, reading: Reading, problems: Problems) -> None:
        self._contents = contents
        self._reading = reading
        self._problems = problems
        self._known_names = known_names(reading)
        self._names: dict[str, None] = {}
        self._readers: dict[tuple[str, ...], RowReader] = {}
        self._memory = Memory()
        self._reported: set[tuple[str | None, str]] = set()
        self._note((*contents.defaults, *(contents.header or ())))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._names)

    @property
    def kept(self) -> tuple[str, ...]:
        return tuple(name for name in self._names if is_kept(name, self._reading))

    @property
    def field_of(self) -> Mapping[str, str]:
        named = ((name, field_named(name, self._reading)) for name in self._names)
        return {name: field for name, field in named if field is not None}

    def report_what_is_known(self) -> None:
        """The problems of a table's header, or of a document's defaults."""
        contents = self._contents
        if contents.header is not None:
            layout = self.reader_for(contents.header, contents.header_line).layout
            for problem in (*layout.missing, *absent_from(contents.header, self._reading)):
                self._problems.add(problem.at(contents.place, contents.header_line))
        elif contents.defaults:
            for problem in self._problems_of_defaults():
                self._problems.add(replace(problem, suggestion="it stands in the defaults"))

    def report_what_never_came(self) -> None:
        """Columns that the flags name and no object had."""
        if self._contents.header is None:
            for problem in absent_from(self._names, self._reading):
                self._problems.add(problem)

    def reader_for(self, names: tuple[str, ...], line: int) -> RowReader:
        """The reader for records with these columns, met first in ``line``."""
        reader = self._readers.get(names)
        return reader or self._make_reader(names, line)

    def _make_reader(self, names: tuple[str, ...], line: int) -> RowReader:
        hints_wanted = self._problems.total < KEPT_PROBLEMS
        layout = lay_out(names, self._reading, self._contents.defaults, with_hints=hints_wanted)
        reader = RowReader(layout, self._memory, only_corrections=self._reading.only_corrections)
        self._note(names)
        for fault in layout.faults:
            self._report_once(fault.at(self._contents.place, line))
        if len(names) <= _REMEMBERED_COLUMNS:
            if len(self._readers) >= _REMEMBERED_LAYOUTS:
                self._readers.clear()
                self._memory = Memory()
            self._readers[names] = reader
        return reader

    def _problems_of_defaults(self) -> Iterator[Problem]:
        defaults = self._contents.defaults
        without_corrections = replace(self._reading, only_corrections=False)
        layout = lay_out(tuple(defaults), without_corrections, {}, with_hints=False)
        yield from RowReader(layout, Memory(), only_corrections=False).problems(tuple(defaults.values()))

    def _note(self, names: tuple[str, ...]) -> None:
        """A table has all its columns at once; of objects only what is known is noted, so that memory is bounded."""
        is_table = self._contents.header is not None
        for name in names:
            if name not in FAILED_FILE_COLUMNS and (is_table or name in self._known_names):
                self._names[name] = None

    def _report_once(self, fault: Problem) -> None:
        seen = (fault.column, fault.reason)
        if seen in self._reported:
            return
        self._problems.add(fault)
        if len(self._reported) < _REMEMBERED_FAULTS:
            self._reported.add(seen)
