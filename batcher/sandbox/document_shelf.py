"""Documents: upload and list (API reference, upload a document)."""

from __future__ import annotations

from itertools import islice
from pathlib import PurePosixPath

from batcher.sandbox import verdicts
from batcher.sandbox.call import Call, Upload
from batcher.sandbox.materials import Document
from batcher.sandbox.parameters import number_in
from batcher.sandbox.reply import Fields, Reply, refusal
from batcher.sandbox.verdicts import Verdict
from batcher.sandbox.world import World

_FORMATS = frozenset(("PDF", "DOC", "DOCX", "PUB", "PPT", "PPTX", "ODT", "JPEG", "JPG", "PNG"))
_SAME_FORMAT = {"JPG": "JPEG"}
_DEFAULT_PAGE = 100


def upload_document(world: World, call: Call) -> Reply:
    """Take a document in; without a name it is called after its file."""
    verdict = find_fault(world, call)
    if verdict is not None or call.upload is None:
        return refusal("document", verdict or verdicts.PARAMETER_MISSING)
    document_id = world.next_document_id()
    given = call.parameters.get("documentName")
    world.record(
        Document(
            id=document_id,
            name=given or f"{call.upload.file_name or 'document'} {document_id}",
            document_class=call.parameters["documentClass"],
            document_format=call.parameters["documentFormat"].upper(),
            size_bytes=call.upload.size_bytes,
            created_at=call.now,
        )
    )
    return Reply(201, "document", (("id", document_id), ("status", 0), ("description", "Success")))


def find_fault(world: World, call: Call) -> Verdict | None:
    """The first thing wrong with an upload, or None."""
    document_format = call.parameters.get("documentFormat", "").upper()
    if call.upload is None or not call.parameters.get("documentClass") or not document_format:
        return verdicts.PARAMETER_MISSING
    if not _is_readable(call.upload, document_format):
        return verdicts.DOCUMENT_UNREADABLE
    taken = call.parameters.get("documentName") in world.document_names
    return verdicts.DOCUMENT_NAME_TAKEN if taken else None


def list_documents(world: World, call: Call) -> Reply:
    """What was uploaded, the newest first; of one class when ``documentClass`` is given."""
    wanted = call.parameters.get("documentClass")
    documents = (each for each in reversed(world.documents.values()) if wanted in (None, "", each.document_class))
    offset = number_in(call.parameters, "offset")
    size = number_in(call.parameters, "numberOfDocuments", otherwise=_DEFAULT_PAGE)
    page = [_entry(each) for each in islice(documents, offset, offset + size)]
    return Reply(200, "documents", (("document", page),))


def _is_readable(upload: Upload, document_format: str) -> bool:
    # The file's extension must match its format, where it has one at all.
    extension = PurePosixPath(upload.file_name.replace("\\", "/")).suffix.removeprefix(".").upper()
    matches = not extension or _same(extension) == _same(document_format)
    return upload.size_bytes > 0 and document_format in _FORMATS and matches


def _same(document_format: str) -> str:
    return _SAME_FORMAT.get(document_format, document_format)


def _entry(document: Document) -> Fields:
    return (
        ("id", document.id),
        ("documentName", document.name),
        ("documentClass", document.document_class),
        ("documentFormat", document.document_format),
    )
