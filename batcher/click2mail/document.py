"""
The remote's documents, taken apart as far as replies and listings need it.

XML is what is asked for. JSON may come unasked (API notes, "Transport": a client checks for a leading ``{``), with the
same names and without the root, or with ``job`` around them. Anything else is no document: a page of the edge, half a
reply, a bomb. Numbers are whole numbers in ASCII digits; what is not exactly that is no number, never a zero.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from defusedxml.ElementTree import fromstring

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

Document: TypeAlias = "Element | dict[str, Any]"

_BLANKS: Final = b" \t\r\n"
_UTF8_BOM: Final = b"\xef\xbb\xbf"
_NUMBER: Final = re.compile(r"\s*([0-9]{1,18})\s*", re.ASCII)
_UNPARSABLE: Final = (SyntaxError, ValueError, LookupError, RecursionError, Warning)
"""
What parsers raise: bad XML is a SyntaxError; a forbidden DTD, bad JSON and bad text are ValueErrors; an unknown
encoding is a LookupError; and some of Python's encodings warn.
"""


def read_document(body: bytes, root: str = "job") -> Document | None:
    """The ``job``, or other root, that a body holds; None where it holds none. Raises nothing, whatever the bytes."""
    text = body.lstrip(_BLANKS)
    bare = text.removeprefix(_UTF8_BOM).lstrip(_BLANKS)
    try:
        return _json_document(bare, root) if bare.startswith(b"{") else _xml_document(text, root)
    except _UNPARSABLE:
        return None


def texts(document: Document, name: str) -> list[str | None]:
    """The text of each direct child of that name; None for one that is not plain text."""
    if isinstance(document, dict):
        return [_scalar(document[name])] if name in document else []
    return [None if len(child) else child.text or "" for child in document if child.tag == name]


def only_text(document: Document, name: str) -> str | None:
    """The text of the one child of that name; None where there is none, or several."""
    found = texts(document, name)
    return found[0] if len(found) == 1 else None


def whole_number(text: str | None) -> int | None:
    """The number that a text is, at most 18 digits of it."""
    match = _NUMBER.fullmatch(text or "")
    return int(match[1]) if match else None


def _xml_document(text: bytes, root: str) -> Document | None:
    top: Element = fromstring(text, forbid_dtd=True)
    return top if top.tag == root else None


def _json_document(text: bytes, root: str) -> Document | None:
    top = json.loads(text.decode("utf-8"), object_pairs_hook=_without_repeats, parse_float=str)
    inner = top.get(root)
    return inner if isinstance(inner, dict) and not {"status", "jobList"} & top.keys() else top


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name stands twice")
    return members


def children(document: Document, name: str) -> list[Document]:
    """The documents under each direct child of that name; a JSON list stands for several children."""
    if not isinstance(document, dict):
        return [child for child in document if child.tag == name]
    inner = document.get(name)
    return [each for each in (inner if isinstance(inner, list) else [inner]) if isinstance(each, dict)]


def _scalar(value: object) -> str | None:
    if isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, int) else None
