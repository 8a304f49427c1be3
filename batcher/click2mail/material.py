"""
What the remote says of address lists and documents.

On ``GET /addressLists/{id}`` the element ``status`` is the list's state, and on a refusal it is a return code; which it
is shows in the id, which is the list's own or 0. A page counts only where it can be read as a whole: what is no page is
a ``Reply`` with the vendor's verdict, or without one.
"""

from __future__ import annotations

from typing import Final

from batcher.core.material import (
    DocumentPage,
    ListAnswer,
    ListedDocument,
    ListPage,
    ListStatus,
    list_state_of,
)
from batcher.core.outcome import Reply

from .document import Document, children, only_text, read_document, texts, whole_number
from .page import Page
from .reply import one_line, read_any_reply

GOOD: Final = frozenset({200, 201})
"""201 too: the vendor documents it even for reading a job."""


def read_list_status(page: Page, list_id: int) -> ListAnswer:
    """How far the list is; a ``Reply`` where the page does not say it of this list."""
    document = read_document(page.body, "addressList") if page.http_status in GOOD else None
    number = None if document is None else whole_number(only_text(document, "status"))
    if document is None or number is None or whole_number(only_text(document, "id")) != list_id:
        return verdict(page, "addressList")
    words = one_line(only_text(document, "description") or "")
    return ListStatus(list_id=list_id, number=number, state=list_state_of(number), words=words)


def read_list_page(page: Page) -> ListPage | Reply:
    """A page of ``addressLists/lists/list[]``, in JSON ``addressListsInfo[]``."""
    document = _listing(page, "addressLists")
    entries = None if document is None else _entries(document, ("lists", "list"), ("addressListsInfo",))
    ids = None if entries is None else [whole_number(only_text(entry, "id")) for entry in entries]
    if ids is None or None in ids:
        return verdict(page, "addressLists")
    return ListPage(list_ids=tuple(found for found in ids if found is not None))


def read_document_page(page: Page) -> DocumentPage | Reply:
    """A page of ``documents/document[]``, in JSON ``document[]``."""
    document = _listing(page, "documents")
    entries = None if document is None else _entries(document, ("document",), ("document",))
    found = None if entries is None else [_document(entry) for entry in entries]
    if found is None or None in found:
        return verdict(page, "documents")
    return DocumentPage(documents=tuple(one for one in found if one is not None))


def verdict(page: Page, *roots: str) -> Reply:
    """The page as a plain reply; ``roots`` are the elements that it may have, beside ``job``."""
    replies = [read_any_reply(page.http_status, page.body, page.retry_after_s, root=root) for root in (*roots, "job")]
    return next((reply for reply in replies if reply.code is not None), replies[0])


def _listing(page: Page, root: str) -> Document | None:
    """The document, unless it reports a failure."""
    document = read_document(page.body, root) if page.http_status in GOOD else None
    if document is None or any(whole_number(status) != 0 for status in texts(document, "status")):
        return None
    return document


def _entries(document: Document, in_xml: tuple[str, ...], in_json: tuple[str, ...]) -> list[Document] | None:
    """The entries at the end of a path; None where the path is not there, as in a JSON object about something else."""
    path = in_xml
    if isinstance(document, dict):
        path = in_json if in_json[0] in document else in_xml
        if path[0] not in document:
            return None
    level = [document]
    for name in path:
        level = [child for parent in level for child in children(parent, name)]
    return level


def _document(entry: Document) -> ListedDocument | None:
    document_id = whole_number(only_text(entry, "id"))
    if document_id is None:
        return None
    return ListedDocument(document_id=document_id, document_class=only_text(entry, "documentClass") or None)
