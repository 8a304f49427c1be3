"""Are the documents there that rows name, and of the class that the rows say?"""

from __future__ import annotations

from typing import Final

from batcher.core.distinct import Group
from batcher.core.material import DocumentPage
from batcher.core.outcome import Answer
from batcher.core.preflight import Finding, Weight, judge_document

from .asking import Asking
from .findings import Findings
from .listing import read_listing
from .ports import Inspection

CHECK: Final = "documents"


class DocumentCheck:
    """
    Reads the account's listing, for want of a call that tells of one document.

    A document that is not listed is never wrong: the listing may be partial. ``documents`` are groups by id.
    """

    def __init__(
        self, asking: Asking, remote: Inspection, findings: Findings, documents: dict[int, list[Group]]
    ) -> None:
        self._asking = asking
        self._remote = remote
        self._findings = findings
        self._documents = documents

    async def look(self) -> None:
        self._findings.begin(CHECK)
        listed = await read_listing(self._asking, self._page, set(self._documents))
        for document_id, groups in self._documents.items():
            for group in groups if document_id in listed.entries else ():
                self._findings.add(judge_document(group, listed.entries[document_id]))
        if listed.trouble is not None:
            self._findings.skip(CHECK, listed.trouble)
            return
        missing = [groups[0] for number, groups in self._documents.items() if number not in listed.entries]
        # An account that lists nothing at all does not list what it has.
        if missing and listed.entries:
            self._tell_of(missing, len(listed.entries), whole=listed.whole)
        self._findings.end(CHECK)

    def _tell_of(self, missing: list[Group], listed: int, *, whole: bool) -> None:
        count = len(missing)
        if not whole:
            self._findings.limit(CHECK, f"{listed:,} were listed, and {count:,} of the rows' not among them")
            return
        others = f" and {count - 1:,} more" if count > 1 else ""
        about = f"documentId {missing[0].values[0]}{others}: not among the {listed:,} documents that the account lists"
        self._findings.add(Finding(weight=Weight.DOUBTFUL, group=missing[0], about=about))

    async def _page(self, offset: int) -> dict[int, str | None] | Answer:
        page = await self._remote.documents(offset)
        if not isinstance(page, DocumentPage):
            return page
        return {document.document_id: document.document_class for document in page.documents}
