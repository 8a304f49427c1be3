"""
What is remembered of texts that were found valid: whole combinations, because rows differ in little else than numbers.

It is bounded for a manifest as a whole, however many layouts it has and whatever its cells hold.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final, NamedTuple

_COMBINATIONS: Final = 4096
_LONGEST_PAIRS: Final = 1000
"""Characters; a longer combination is not remembered."""


class Texts(NamedTuple):
    """The text fields of a row, valid: as the pairs of a JSON object, and what a hash of the row begins with."""

    pairs: str
    hashed: blake2b


class Memory:
    """Fills the parts that readers look things up in, and empties them all when together they hold too much."""

    def __init__(self) -> None:
        self._parts: list[dict[object, Texts]] = []
        self._count = 0

    def remember(self, part: dict[object, Texts], picked: object, texts: Texts) -> None:
        if len(texts.pairs) > _LONGEST_PAIRS:
            return
        if self._count >= _COMBINATIONS:
            for full in self._parts:
                full.clear()
            self._parts.clear()
            self._count = 0
        if not part:
            self._parts.append(part)
        part[picked] = texts
        self._count += 1
