"""
JSON objects as records: one decoder for JSON and JSON Lines.

It is the standard library's. yajl, which streaming parsers build on, puts "?" for half a surrogate pair and fails
differently from other backends; here nothing is changed on the way, and an error is the same on every machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Final

from .problems import Problem, shown
from .records import Record
from .values import Unusable


class _Doubled(dict[str, object]):
    """An object in which a name stands twice: JSON does not say which value counts."""

    __slots__ = ("name",)

    def __init__(self, pairs: Sequence[tuple[str, object]]) -> None:
        super().__init__(pairs)
        self.name = _first_doubled(name for name, _ in pairs)


def _first_doubled(names: Iterable[str]) -> str:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            break
        seen.add(name)
    return name


def _object_of(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _Doubled(pairs)


def _constant(name: str) -> Unusable:
    return Unusable(f"is {name}, which is not JSON")


DECODER: Final = json.JSONDecoder(object_pairs_hook=_object_of, parse_constant=_constant)


def record_of(value: object, place: str, number: int) -> Record | Problem:
    """A decoded value as a record, or why it is none."""
    if type(value) is dict:
        return number, tuple(value), tuple(value.values())
    return Problem(reason=why_no_object(value), place=place, line=number)


def why_no_object(value: object) -> str:
    match value:
        case _Doubled():
            return f"has the name {shown(value.name)} twice"
        case str():
            return "is text, not an object"
        case list():
            return "is a list, not an object"
        case None:
            return "is null, not an object"
        case bool():
            return "is true or false, not an object"
        case _:
            return "is a number, not an object"


def why_undecodable(error: ValueError | RecursionError) -> str:
    """What the decoder stumbled over, without a word of the text itself."""
    match error:
        case json.JSONDecodeError():
            complaint = error.msg[:1].lower() + error.msg[1:]
            return f"is not valid JSON: {complaint.removesuffix(' at').removesuffix(' starting')}"
        case RecursionError():
            return "is nested too deeply"
        case _:
            return "holds a number with more digits than any id"
