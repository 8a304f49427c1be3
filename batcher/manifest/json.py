"""
A JSON document, read as a stream: ``[job, job, ...]`` or ``{"defaults": {...}, "jobs": [job, ...]}``.

Only one item is in memory at a time. The document's own brackets and commas are read here; each item is cut out by the
decoder that JSON Lines uses too, so that both give the same values and the same complaints.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .objects import record_of, why_no_object
from .problems import ManifestUnreadable, Problem, shown
from .records import Contents, Record
from .text import Text
from .window import Window


def read_json(text: Text) -> Contents:
    """
    Reads up to the first job, the defaults included, and leaves the rest to be read.

    Raises:
        ManifestUnreadable: What stands before the first job is not what a manifest begins with.
    """
    document = _Document(text)
    return Contents(place="item", records=document.items(), defaults=document.defaults)


class _Document:
    """The rules of the outer level: what may follow what."""

    def __init__(self, text: Text) -> None:
        self._window = Window(text)
        self._in_object = False
        self.defaults: Mapping[str, object] = {}
        match self._window.next():
            case "[":
                self._window.take()
            case "{":
                self._in_object = True
                self._enter_object()
            case "":
                raise self._window.unreadable("holds nothing but blanks")
            case _:
                raise self._window.unreadable("is no JSON: a manifest begins with [ or {")

    def items(self) -> Iterator[Record | Problem]:
        window, number = self._window, 0
        more = window.next() != "]"
        while more:
            number += 1
            window.item = number
            yield record_of(window.value(), "item", number)
            more = window.take_if(",")
        if not window.take_if("]"):
            raise window.unexpected("a comma or ] after the item")
        window.item = None
        self._leave()

    def _enter_object(self) -> None:
        self._window.take()
        name = self._name()
        if name == "defaults":
            self.defaults = self._read_defaults()
            if not self._window.take_if(","):
                raise self._window.unexpected('a comma and "jobs" after the defaults')
            name = self._name()
        if name != "jobs":
            raise self._unknown(name)
        if not self._window.take_if("["):
            raise self._window.unexpected('a list after "jobs"')

    def _read_defaults(self) -> Mapping[str, object]:
        defaults = self._window.value()
        if type(defaults) is not dict:
            raise self._window.unreadable(f'"defaults" {why_no_object(defaults)}')
        return defaults

    def _name(self) -> str:
        if self._window.next() != '"':
            raise self._window.unexpected('the name "defaults" or "jobs"')
        name = self._window.value()
        if not self._window.take_if(":"):
            raise self._window.unexpected("a colon after the name")
        return str(name)

    def _unknown(self, name: str) -> ManifestUnreadable:
        if name == "defaults":
            return self._window.unreadable('"defaults" stands there twice')
        return self._window.unreadable(
            f'has {shown(name)} at its top level; "defaults" and "jobs" are all that is known there',
            "give --format jsonl if there is an object a line",
        )

    def _leave(self) -> None:
        if self._in_object and not self._window.take_if("}"):
            if not self._window.take_if(","):
                raise self._window.unexpected("a } after the jobs")
            name = self._name()
            if name == "defaults":
                raise self._window.unreadable('"defaults" stands after "jobs"; it must come first')
            raise self._unknown(name) if name != "jobs" else self._window.unreadable('"jobs" stands there twice')
        if self._window.next():
            raise self._window.unreadable("something follows the end of the document")
