"""
What the emulator answers, and its two spellings.

XML is what the documents show. JSON has the same fields without the root element; the vendor calls it
unsupported, yet some clients ask for it (vendor's API questions and answers).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias, Union
from xml.sax.saxutils import escape

from batcher.sandbox.verdicts import Verdict

Fields: TypeAlias = "tuple[tuple[str, Value], ...]"
Value: TypeAlias = Union[str, int, float, Fields, "list[Fields]"]

_PROLOG = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
# Characters XML 1.0 cannot carry, even escaped. They can come in with a parameter and go out again in a listing.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Reply:
    """
    A reply of the API itself.

    Attributes:
        fields: Name and value in order. A tuple is a nested element, a list is an element repeated.
    """

    http: int
    root: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class Page:
    """A body that is no API reply: an HTML page of whatever stands in front of the API, or a file."""

    http: int
    body: bytes
    content_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


Answer: TypeAlias = Reply | Page


def refusal(root: str, verdict: Verdict) -> Reply:
    """A failure as the vendor writes it: under its HTTP status, with id 0."""
    fields: Fields = (("id", 0), ("status", verdict.code), ("description", verdict.description))
    return Reply(verdict.http, root, fields)


def as_page(answer: Answer, *, json_wanted: bool) -> Page:
    """The bytes to send for an answer, with their content type."""
    if isinstance(answer, Page):
        return answer
    if json_wanted:
        return Page(answer.http, json.dumps(_as_object(answer.fields)).encode(), "application/json")
    text = f"{_PROLOG}{''.join(_elements(answer.root, answer.fields))}"
    # A lone surrogate can only come from hand-made bytes; it must not cost the reply.
    return Page(answer.http, text.encode("utf-8", "replace"), "application/xml")


def wants_json(accept: str) -> bool:
    """True when an Accept header names JSON, and does not name XML before it."""
    at = accept.find("application/json")
    xml_at = accept.find("xml")
    return at >= 0 and (xml_at < 0 or at < xml_at)


def _elements(name: str, value: Value) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _elements(name, item)
    elif isinstance(value, tuple):
        yield f"<{name}>"
        for child, inner in value:
            yield from _elements(child, inner)
        yield f"</{name}>"
    else:
        yield f"<{name}>{_NOT_XML.sub('?', escape(str(value)))}</{name}>"


def _as_object(fields: Fields) -> dict[str, object]:
    return {name: _as_json(value) for name, value in fields}


def _as_json(value: Value) -> object:
    if isinstance(value, list):
        return [_as_object(item) for item in value]
    return _as_object(value) if isinstance(value, tuple) else value
