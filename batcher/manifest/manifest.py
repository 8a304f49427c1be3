"""A manifest as the rest of the program sees it: rows that may be sent, and the problems of those that may not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from types import TracebackType
from typing import Final, Self

from batcher.core.row import ManifestRow

from .columns import Columns
from .imprint import Imprint
from .problems import ManifestInvalid, ManifestUnreadable, Problem, Problems
from .reading import Reading
from .records import Contents
from .validation import RowReader

_ASK_EVERY: Final = 1000


class Manifest:
    """
    An open manifest. A context manager; its rows can be read once.

    ``name`` is for people. ``problems`` are complete when all rows are read. ``imprint`` is that of the file.
    """

    def __init__(
        self,
        *,
        name: str,
        file_format: str,
        contents: Contents,
        reading: Reading,
        close: Callable[[], None],
        imprint: Imprint,
    ) -> None:
        self.name = name
        self.format = file_format
        self.imprint = imprint
        self.problems = Problems()
        self._contents = contents
        self._columns = Columns(contents, reading, self.problems)
        self._close = close
        self._begun = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The manifest's own columns in its order, without those of a failed file; for JSON complete after reading."""
        return self._columns.names

    @property
    def kept_columns(self) -> tuple[str, ...]:
        """Those of the columns that go to the results only."""
        return self._columns.kept

    @property
    def field_of(self) -> Mapping[str, str]:
        """The field that each column is sent as; columns that are not sent are left out."""
        return self._columns.field_of

    def rows(self, is_stopped: Callable[[], bool] = lambda: False) -> Iterator[ManifestRow]:
        """
        The valid rows, in the manifest's order. What is wrong with the others is in ``problems`` afterwards.

        Rows are numbered from 1, invalid ones included. Whatever the file holds, nothing is raised; where it cannot be
        read on, the rows end and the last problem says why. They end early, too, once ``is_stopped`` says so.
        """
        if self._begun:
            raise RuntimeError("a manifest's rows can be read once")
        self._begun = True
        self._columns.report_what_is_known()
        count, reader_for = 0, self._columns.reader_for
        try:
            for count, record in enumerate(self._contents.records, 1):
                if isinstance(record, Problem):
                    self.problems.add(record)
                else:
                    line, names, cells = record
                    reader = reader_for(names, line)
                    row = reader.row(count, line, cells)
                    if row is not None:
                        yield row
                    else:
                        self._refuse(reader, line, cells)
                if count % _ASK_EVERY == 0 and is_stopped():
                    return
        except ManifestUnreadable as error:
            self.problems.add(error.problem)
            return
        if count == 0:
            self.problems.add(Problem(reason="there are no rows in it"))
        else:
            self._columns.report_what_never_came()

    def batches(self, size: int = 1000, is_stopped: Callable[[], bool] = lambda: False) -> Iterator[list[ManifestRow]]:
        """The valid rows, up to ``size`` at a time."""
        rows = self.rows(is_stopped)
        while batch := list(islice(rows, size)):
            yield batch

    def require_valid(self) -> None:
        """
        To be called when the rows are read.

        Raises:
            ManifestInvalid: There is anything to mend; its message is the whole report.
        """
        if self.problems.total:
            raise ManifestInvalid(self.name, self.problems)

    def close(self) -> None:
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _refuse(self, reader: RowReader, line: int, cells: Sequence[object]) -> None:
        missing = reader.layout.missing if self._contents.header is None else ()
        for problem in (*missing, *reader.problems(cells)):
            self.problems.add(problem.at(self._contents.place, line))
