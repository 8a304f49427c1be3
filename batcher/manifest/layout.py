"""
Where everything stands in a row.

A layout is worked out once for a list of columns: once for a table, and for JSON once for every combination of names
that its objects have. Rows are then read by position.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from .fields import BATCHER_KEY, FAILED_FILE_COLUMNS, FIELDS, REQUIRED, SIGNATURE, Field, Kind
from .mapping import field_named, is_kept
from .problems import Problem, shown
from .reading import Reading
from .suggestion import closest, did_you_mean

COLUMN_LIMIT: Final = 1000
"""Columns of a row: far more than there are fields, and few enough to name each that is wrong."""

_SIGNATURE_REFUSED: Final = Problem(
    column=SIGNATURE,
    reason="it belongs to the ledger, which finds a row's job again by it",
    suggestion="--keep-app-signature allows it, and jobs can then not be found again after a lost reply",
)


@dataclass(frozen=True, slots=True)
class Slot:
    """One field of a row: the column it comes from, and its position among the cells."""

    field: Field
    column: str
    at: int
    name: str
    """The field's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """
    Where everything stands in a row that has these columns.

    ``fillers`` are cells to append to every row: defaults and constants. ``texts`` and ``numbers`` are in canonical
    order, and ``pick`` takes the cells of all ``texts``. ``faults`` are the columns' own and are reported once;
    ``missing`` is what a row with these columns lacks.
    """

    fillers: tuple[object, ...]
    texts: tuple[Slot, ...]
    numbers: tuple[Slot, ...]
    pick: Callable[[Sequence[object]], object]
    kept: tuple[tuple[str, int], ...]
    key: tuple[str, int] | None
    batcher_key: int | None
    faults: tuple[Problem, ...]
    missing: tuple[Problem, ...]


def lay_out(
    columns: Sequence[str], reading: Reading, defaults: Mapping[str, object], *, with_hints: bool = True
) -> Layout:
    """
    The layout of rows that have these columns. A default fills a column that the row does not have.

    Args:
        with_hints: Whether faults say what was most likely meant, which takes time.
    """
    taken = set(columns)
    added = {name: cell for name, cell in defaults.items() if name not in taken}
    survey = _Survey((*columns, *added), reading, with_hints=with_hints)
    slots = [Slot(FIELDS[name], column, at, name) for name, (column, at) in sorted(survey.sent.items())]
    texts = tuple(slot for slot in slots if slot.field.kind is not Kind.NUMBER)
    key_at = survey.first_at.get(reading.key) if reading.key is not None else None
    return Layout(
        fillers=(*added.values(), *reading.constants.values()),
        texts=texts,
        numbers=tuple(slot for slot in slots if slot.field.kind is Kind.NUMBER),
        pick=itemgetter(*[slot.at for slot in texts]) if texts else tuple,
        kept=tuple(survey.kept.items()),
        key=None if key_at is None or reading.key is None else (reading.key, key_at),
        batcher_key=survey.first_at.get(BATCHER_KEY),
        faults=tuple(survey.faults),
        missing=tuple(survey.missing()),
    )


class _Survey:
    """One walk over the columns of a row: what each is for, and which are at fault."""

    def __init__(self, names: Sequence[str], reading: Reading, *, with_hints: bool) -> None:
        self._reading = reading
        self._hints_wanted = with_hints
        self.sent: dict[str, tuple[str, int]] = {}
        self.kept: dict[str, int] = {}
        self.first_at: dict[str, int] = {}
        self.faults: list[Problem] = []
        unknown: list[str] = []
        width = len(names)
        if width > COLUMN_LIMIT:
            self.faults.append(Problem(reason=f"there are {width:,} columns; {COLUMN_LIMIT:,} are the most"))
            names = names[:COLUMN_LIMIT]
        for at, name in enumerate(names):
            if name in self.first_at or not name:
                fault = Problem(column=name, reason="stands there twice") if name else _nameless(at)
                self.faults.append(fault)
                continue
            self.first_at[name] = at
            if (target := field_named(name, reading)) is not None:
                self._claim(target, name, at)
            elif is_kept(name, reading):
                self.kept[name] = at
            elif name not in FAILED_FILE_COLUMNS:
                unknown.append(name)
        self._unknown = unknown
        self.faults += [self._fault_of_unknown(name) for name in unknown]
        for at, name in enumerate(reading.constants, width):
            self._claim_constant(name, at)

    def missing(self) -> list[Problem]:
        problems = [
            Problem(column=name, reason="is missing", suggestion=self._meant_by(name))
            for name in REQUIRED
            if name not in self.sent
        ]
        key = self._reading.key
        if key is not None and key not in self.first_at:
            hint = did_you_mean(key, self._unknown) if self._hints_wanted else None
            problems.append(Problem(column=key, reason="is missing, and --key names it", suggestion=hint))
        if self._reading.only_corrections and BATCHER_KEY not in self.first_at:
            problems.append(Problem(column=BATCHER_KEY, reason="is missing: this is no failed file"))
        return problems

    def _claim(self, target: str, column: str, at: int) -> None:
        if target in self.sent:
            reason = f"stands for {target}, and so does the column {shown(self.sent[target][0])}"
            self.faults.append(Problem(column=column, reason=reason))
        else:
            self.sent[target] = (column, at)

    def _claim_constant(self, target: str, at: int) -> None:
        if target in self.sent:
            reason = f"--set {target} gives it a constant, and the manifest has it too"
            self.faults.append(Problem(column=self.sent[target][0], reason=reason, suggestion="leave one of them away"))
        else:
            self.sent[target] = (target, at)

    def _fault_of_unknown(self, name: str) -> Problem:
        if name == SIGNATURE:
            return _SIGNATURE_REFUSED
        advice = "--keep takes it to the results without sending it"
        free = [field for field in FIELDS if field not in self.sent] if self._hints_wanted else []
        hint = did_you_mean(name, free)
        return Problem(
            column=name, reason="is no field of a job", suggestion=f"{hint} Else {advice}" if hint else advice
        )

    def _meant_by(self, field: str) -> str | None:
        """The column that was most likely meant to be the field."""
        if not self._hints_wanted:
            return None
        meant = next((name for name in self._unknown if closest(name, [field]) is not None), None)
        return None if meant is None else f"is it the column {shown(meant)}?"


def _nameless(at: int) -> Problem:
    return Problem(reason=f"the column in position {at + 1} has no name")
