"""
The body of a reply to a POST, read for the vendor's verdict.

``status`` is the vendor's return code on write calls. It counts only where the document is whole, is a ``job`` and
names it once; in all other cases the reply carries no verdict, and whoever sent the row is in doubt. Nearly every reply
has the one documented shape, which a single match reads ten times faster than a parser does; whatever differs by a byte
goes to the parser, with the same answers.
"""

from __future__ import annotations

import re
from typing import Final

from batcher.core.money import read_money
from batcher.core.outcome import Reply

from .document import read_document, texts, whole_number

_LONGEST_DESCRIPTION: Final = 300

# Printable ASCII without & < >, so that there is nothing to decode, to unescape or to refuse.
_PLAIN: Final = rb"[ -%'-;=?-~]*"
_GAP: Final = rb"[ \t\r\n]*"
_DOCUMENTED: Final = re.compile(
    _GAP.join(
        (
            rb'(?:<\?xml version="1\.0"(?: encoding="(?:UTF-8|utf-8)")?(?: standalone="(?:yes|no)")?\?>)?',
            rb"<job>",
            rb"<id>([0-9]{1,18})</id>",
            rb"<status>([0-9]{1,18})</status>",
            rb"<description>(" + _PLAIN + rb")</description>",
            rb"(?:<statusUrl>" + _PLAIN + rb"</statusUrl>)?",
            rb"</job>",
            rb"",
        )
    )
)


def read_reply(http_status: int, body: bytes, retry_after_s: float | None = None) -> Reply:
    """The reply that these bytes are. Raises nothing, whatever the bytes."""
    if match := _DOCUMENTED.fullmatch(body):
        return Reply(
            http_status=http_status,
            code=int(match[2]),
            job_id=int(match[1]),
            description=one_line(match[3].decode("ascii")),
            retry_after_s=retry_after_s,
        )
    return read_any_reply(http_status, body, retry_after_s)


def read_any_reply(http_status: int, body: bytes, retry_after_s: float | None = None, *, root: str = "job") -> Reply:
    """The same by the full parsers, whatever the shape; ``root`` is the element that this call's replies have."""
    no_verdict = Reply(http_status=http_status, retry_after_s=retry_after_s)
    document = read_document(body, root)
    if document is None:
        return no_verdict
    statuses, ids = texts(document, "status"), texts(document, "id")
    code = whole_number(statuses[0]) if len(statuses) == 1 else None
    if code is None or len(ids) > 1:
        return no_verdict
    description, costs = texts(document, "description"), texts(document, "cost")
    return Reply(
        http_status=http_status,
        code=code,
        job_id=(whole_number(ids[0]) or 0) if ids else 0,
        description=one_line((description[0] or "") if description else ""),
        retry_after_s=retry_after_s,
        cost_micros=read_money(costs[0]) if len(costs) == 1 else None,
    )


def one_line(text: str) -> str:
    """Text for people: on one line, without what a terminal would obey, and short."""
    if not text.isprintable():
        text = "".join(" " if sign.isspace() else sign for sign in text if sign.isprintable() or sign.isspace())
    return " ".join(text.split())[:_LONGEST_DESCRIPTION]
