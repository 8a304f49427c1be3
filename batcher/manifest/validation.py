"""
A record into a row to send, or into what is wrong with it.

Two ways lead through a record. The quick one makes the row and gives up at the first doubt; the thorough one then goes
through the cells in the manifest's order and names every fault. What is text hardly differs from row to row, so the
quick one remembers whole combinations of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from batcher.core.row import ManifestRow

from .key import begin_hash, hashes
from .layout import Layout, Slot
from .memory import Memory, Texts
from .problems import Problem
from .values import is_number, read_kept, read_key, read_value


class _Names(NamedTuple):
    """What a row is known by: its own key, the key of the row it corrects, and what is only kept."""

    key: str | None
    batcher_key: str | None
    kept: dict[str, str]


_NAMELESS: Final = _Names(None, None, {})
_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class RowReader:
    """Reads records that have one layout."""

    def __init__(self, layout: Layout, memory: Memory, *, only_corrections: bool) -> None:
        self.layout = layout
        self._memory = memory
        self._only_corrections = only_corrections
        self._is_sound = not layout.faults and not layout.missing
        self._known: dict[object, Texts] = {}
        self._has_names = bool(layout.kept) or layout.key is not None or layout.batcher_key is not None

    def row(self, number: int, line: int, cells: Sequence[object]) -> ManifestRow | None:
        """The row, None where anything is wrong with it or its columns."""
        if not self._is_sound:
            return None
        layout = self.layout
        if layout.fillers:
            cells = (*cells, *layout.fillers)
        texts = self._texts(cells)
        if texts is None:
            return None
        (pairs, hashed), numbers = texts, ""
        for slot in layout.numbers:
            text = cells[slot.at]
            if type(text) is not str or not is_number(text):
                text = read_value(slot.field, text)
                if isinstance(text, Problem):
                    return None
            if text:
                pairs += f'"{slot.name}":"{text}",'
                numbers += f"{slot.name}\0{text}\0"
        names = self._names(cells) if self._has_names else _NAMELESS
        if names is None:
            return None
        own_key, batcher_key, kept = names
        key, digest = hashes(hashed, numbers, kept)
        kept_json = _encode(kept) if kept else "{}"
        return ManifestRow(number, line, own_key or key, digest, f"{{{pairs[:-1]}}}", kept_json, batcher_key)

    def problems(self, cells: Sequence[object]) -> Iterator[Problem]:
        """
        All that is wrong with the record's own cells, in the order of its columns.

        There is something where ``row`` gave None, unless a default is at fault: that is the file's problem, once.
        """
        own = len(cells)
        cells = (*cells, *self.layout.fillers)
        found = [*self._value_problems(cells), *self._name_problems(cells)]
        for at, problem in sorted(found, key=lambda one: one[0]):
            if at < own:
                yield problem

    def _texts(self, cells: Sequence[object]) -> Texts | None:
        picked = self.layout.pick(cells)
        try:
            known = self._known.get(picked)
        except TypeError:  # a nested JSON value cannot be looked up
            return None
        return known or self._learn(picked, cells)

    def _learn(self, picked: object, cells: Sequence[object]) -> Texts | None:
        parameters: dict[str, str] = {}
        for slot in self.layout.texts:
            text = read_value(slot.field, cells[slot.at])
            if isinstance(text, Problem):
                return None
            if text or slot.field.may_be_empty:
                parameters[slot.name] = text
        pairs = "".join([f"{_encode(name)}:{_encode(text)}," for name, text in parameters.items()])
        texts = Texts(pairs, begin_hash(parameters))
        # A number is not remembered: 20300101.0, which is refused, would be found as 20300101.
        if all(isinstance(cells[slot.at], str | None) for slot in self.layout.texts):
            self._memory.remember(self._known, picked, texts)
        return texts

    def _names(self, cells: Sequence[object]) -> _Names | None:
        """None where one of them is unusable."""
        layout = self.layout
        kept: dict[str, str] = {}
        for name, at in layout.kept:
            text = read_kept(cells[at])
            if isinstance(text, Problem):
                return None
            kept[name] = text
        key = None if layout.key is None else read_key(cells[layout.key[1]])
        batcher_key = None if layout.batcher_key is None else self._corrected(cells[layout.batcher_key])
        if isinstance(key, Problem) or isinstance(batcher_key, Problem):
            return None
        return _Names(key, batcher_key, kept)

    def _corrected(self, cell: object) -> str | Problem | None:
        if not self._only_corrections and cell in ("", None):
            return None
        return read_key(cell)

    def _value_problems(self, cells: Sequence[object]) -> Iterator[tuple[int, Problem]]:
        slot: Slot
        for slot in (*self.layout.texts, *self.layout.numbers):
            value = read_value(slot.field, cells[slot.at])
            if isinstance(value, Problem):
                yield slot.at, replace(value, column=slot.column)

    def _name_problems(self, cells: Sequence[object]) -> Iterator[tuple[int, Problem]]:
        layout = self.layout
        for name, at in layout.kept:
            read = read_kept(cells[at])
            if isinstance(read, Problem):
                yield at, replace(read, column=name)
        if layout.key is not None:
            name, at = layout.key
            read = read_key(cells[at])
            if isinstance(read, Problem):
                yield at, replace(read, column=name)
        if layout.batcher_key is not None:
            corrected = self._corrected(cells[layout.batcher_key])
            if isinstance(corrected, Problem):
                yield layout.batcher_key, replace(corrected, column="batcher_key")
