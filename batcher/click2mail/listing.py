"""
The reply to a look-up: ``job/jobList/job[]/id``.

An unreadable listing must never look like "there is no such job", because a row that is absent is sent again. So an
empty listing is only what says so plainly: 200, a ``job`` without an error of its own, one ``jobList``, and nothing in
it. A single entry that cannot be read spoils the whole.
"""

from __future__ import annotations

from typing import Any, Final

from batcher.core.outcome import Listing, Reply

from .document import Document, read_document, texts, whole_number
from .reply import read_reply

_WITH_A_LISTING: Final = frozenset({200, 201})
"""201 too: the vendor documents it even for reading a job (API reference, "Check job status")."""


def read_listing(http_status: int, body: bytes, retry_after_s: float | None = None) -> Listing | Reply:
    """The listing that these bytes are, or else the reply. Raises nothing, whatever the bytes."""
    document = read_document(body) if http_status in _WITH_A_LISTING else None
    job_ids = None if document is None else _job_ids(document)
    if job_ids is not None:
        return Listing(job_ids=job_ids)
    reply = read_reply(http_status, body, retry_after_s)
    return reply if _reports_failure(reply) else Reply(http_status=http_status, retry_after_s=retry_after_s)


def _reports_failure(reply: Reply) -> bool:
    # A single job without an error is neither a listing nor a verdict on the look-up.
    return reply.code not in (None, 0) and reply.job_id == 0


def _job_ids(document: Document) -> tuple[int, ...] | None:
    if any(whole_number(status) != 0 for status in texts(document, "status")):
        return None
    entries = _json_entries(document) if isinstance(document, dict) else _xml_entries(document)
    if entries is None:
        return None
    found = []
    for entry in entries:
        ids = texts(entry, "id")
        job_id = whole_number(ids[0]) if len(ids) == 1 else None
        if not job_id:
            return None
        found.append(job_id)
    return tuple(found)


def _xml_entries(document: Any) -> list[Document] | None:
    lists = document.findall("jobList")
    if len(lists) != 1 or (lists[0].text or "").strip() or any(entry.tag != "job" for entry in lists[0]):
        return None
    return list(lists[0])


def _json_entries(document: dict[str, Any]) -> list[Document] | None:
    listed = document.get("jobList")
    if isinstance(listed, dict):
        if listed.keys() - {"job"}:
            return None
        listed = listed.get("job", [])
    entries = [listed] if isinstance(listed, dict) else listed
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return None
    return entries
