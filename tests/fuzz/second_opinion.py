"""
A body of the remote read a second time, by other means than the code under test.

minidom and plain ``json`` instead of ElementTree, a match and a hook; strictness spelled out again. What both agree on
may be believed; where they differ one of them is wrong.
"""

from __future__ import annotations

import json
import re
import warnings
from dataclasses import dataclass
from typing import Any
from xml.dom import minidom
from xml.parsers.expat import ExpatError

_DIGITS = re.compile("[0-9]{1,18}")
_BLANKS = " \t\r\n\v\f"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a body says. ``code`` and ``job_id`` as a reply has them; ``listed`` is None where it is no listing."""

    code: int | None = None
    job_id: int = 0
    listed: tuple[int, ...] | None = None


_NONE = Opinion()


def opinion_of(body: bytes) -> Opinion:
    """What the body says, whatever it is."""
    bare = body.lstrip(b" \t\r\n")
    if bare.startswith(b"\xef\xbb\xbf"):
        bare = bare[3:].lstrip(b" \t\r\n")
    if bare.startswith(b"{"):
        return _of_json(bare)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            document = minidom.parseString(body.lstrip(b" \t\r\n"))
        except (ExpatError, ValueError, LookupError, Warning):
            return _NONE
    try:
        return _of_xml(document)
    finally:
        document.unlink()


def _of_xml(document: minidom.Document) -> Opinion:
    root = document.documentElement
    if document.doctype is not None or root is None or root.tagName != "job" or root.namespaceURI is not None:
        return _NONE
    statuses, ids = _texts(root, "status"), _texts(root, "id")
    lists = [child for child in root.childNodes if _is_element(child, "jobList")]
    listed = None
    if len(lists) == 1 and not _own_text(lists[0]).strip() and all(_number(status) == 0 for status in statuses):
        entries = [child for child in lists[0].childNodes if child.nodeType == child.ELEMENT_NODE]
        if all(_is_element(entry, "job") for entry in entries):
            listed = _all_of([_texts(entry, "id") for entry in entries])
    return _verdict(statuses, ids, listed)


def _is_element(node: Any, name: str) -> bool:
    return node.nodeType == node.ELEMENT_NODE and node.tagName == name and node.namespaceURI is None


def _texts(parent: Any, name: str) -> list[str | None]:
    found: list[str | None] = []
    for child in parent.childNodes:
        if _is_element(child, name):
            is_plain = all(inner.nodeType != inner.ELEMENT_NODE for inner in child.childNodes)
            found.append(_own_text(child, ahead_only=False) if is_plain else None)
    return found


def _own_text(element: Any, *, ahead_only: bool = True) -> str:
    """The text of an element: all of it, or what stands ahead of its first child."""
    pieces = []
    for node in element.childNodes:
        if node.nodeType == node.ELEMENT_NODE and ahead_only:
            break
        if node.nodeType in (node.TEXT_NODE, node.CDATA_SECTION_NODE):
            pieces.append(node.data)
    return "".join(pieces)


def _of_json(text: bytes) -> Opinion:
    doubled = False

    def note(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal doubled
        doubled = doubled or len({name for name, _ in pairs}) < len(pairs)
        return dict(pairs)

    try:
        top = json.loads(text.decode("utf-8"), object_pairs_hook=note)
    except (ValueError, RecursionError):
        return _NONE
    if doubled:
        return _NONE
    inside = top.get("job")
    job = inside if isinstance(inside, dict) and "status" not in top and "jobList" not in top else top
    statuses = [_scalar(job["status"])] if "status" in job else []
    ids = [_scalar(job["id"])] if "id" in job else []
    listed = None
    if all(_number(status) == 0 for status in statuses):
        listed = _json_list(job.get("jobList"))
    return _verdict(statuses, ids, listed)


def _json_list(value: Any) -> tuple[int, ...] | None:
    if isinstance(value, dict):
        if set(value) - {"job"}:
            return None
        value = value.get("job", [])
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        return None
    return _all_of([[_scalar(entry["id"])] if "id" in entry else [] for entry in value])


def _scalar(value: Any) -> str | None:
    return value if isinstance(value, str) else str(value) if type(value) is int else None


def _number(text: str | None) -> int | None:
    bare = (text or "").strip(_BLANKS)
    return int(bare) if _DIGITS.fullmatch(bare) else None


def _all_of(ids: list[list[str | None]]) -> tuple[int, ...] | None:
    numbers = [_number(texts[0]) if len(texts) == 1 else None for texts in ids]
    return tuple(number for number in numbers if number) if all(numbers) else None


def _verdict(statuses: list[str | None], ids: list[str | None], listed: tuple[int, ...] | None) -> Opinion:
    code = _number(statuses[0]) if len(statuses) == 1 else None
    if code is None or len(ids) > 1:
        return Opinion(listed=listed)
    return Opinion(code=code, job_id=(_number(ids[0]) or 0) if ids else 0, listed=listed)
