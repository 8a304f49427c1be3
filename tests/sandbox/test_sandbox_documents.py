import aiohttp
import pytest

from tests.sandbox.caller import Caller, Heard
from tests.sandbox.conftest import OpenSandbox

PDF = b"%PDF-1.4 tiny"


async def upload(caller: Caller, content: bytes | None = PDF, file_name: str = "a.pdf", **changes: str) -> Heard:
    fields = {"documentClass": "Letter 8.5 x 11", "documentFormat": "PDF", **changes}
    form = aiohttp.FormData({name: value for name, value in fields.items() if value})
    if content is not None:
        form.add_field("file", content, filename=file_name, content_type="application/pdf")
    return await caller.call("POST", "/documents/", data=form)


async def test_a_document_is_uploaded(open_sandbox: OpenSandbox) -> None:
    """HTTP 201 and an id of which a job can be made."""
    caller = await open_sandbox(strict=True)

    heard = await upload(caller, documentName="spring")

    document = caller.world.documents[int(heard["id"])]
    assert heard.verdict == (201, 0, "Success")
    assert heard.xml.tag == "document"
    assert (document.name, document.document_class, document.size_bytes) == ("spring", "Letter 8.5 x 11", len(PDF))
    assert (await caller.create(documentId=heard["id"]))["description"] == "Address List ID not found"


async def test_a_job_wants_the_class_of_its_document(caller: Caller) -> None:
    """Another class is refused, another case is not."""
    document_id = (await upload(caller, documentClass="Postcard 5 X 8"))["id"]

    refused = await caller.create(documentId=document_id)
    accepted = await caller.create(documentId=document_id, documentClass="Postcard 5 x 8")

    assert refused.verdict == (
        400,
        9,
        "BaseDocument class doesn't match to the class associated with this job.",
    )
    assert accepted.http == 201


@pytest.mark.parametrize(
    ("file_name", "document_format"),
    [("a.PDF", "pdf"), ("photo.jpg", "JPEG"), ("photo.jpeg", "JPG"), ("C:\\mail\\letter.docx", "DOCX"), ("a", "PNG")],
)
async def test_the_extension_matches_the_format(caller: Caller, file_name: str, document_format: str) -> None:
    """Case aside, the two names of JPEG alike, and no extension is no contradiction."""
    assert (await upload(caller, file_name=file_name, documentFormat=document_format)).http == 201


async def test_refused_uploads(caller: Caller) -> None:
    """What is missing is missing, what cannot be a document cannot be rendered; nothing is kept."""
    missing = (400, 9, "One of the required parameters is missing.")
    unreadable = (400, 4, "Document could not be rendered.")

    assert (await upload(caller, content=None)).verdict == missing
    assert (await upload(caller, documentClass="")).verdict == missing
    assert (await upload(caller, documentFormat="")).verdict == missing
    assert (await caller.post("/documents", documentClass="Letter 8.5 x 11")).verdict == missing
    assert (await upload(caller, content=b"")).verdict == unreadable
    assert (await upload(caller, documentFormat="EXE")).verdict == unreadable
    assert (await upload(caller, file_name="a.png")).verdict == unreadable
    assert caller.world.documents == {}


async def test_a_name_is_taken_once(caller: Caller) -> None:
    """A second document of the same name is refused; without names any number is taken."""
    assert (await upload(caller, documentName="spring")).http == 201

    assert (await upload(caller, documentName="spring")).verdict == (400, 9, "Document name already exists.")
    assert (await upload(caller)).http == (await upload(caller)).http == 201


async def test_documents_are_listed(caller: Caller) -> None:
    """The newest first, of one class, a page at a time."""
    for name, document_class in (("a", "Letter 8.5 x 11"), ("b", "Postcard 5 x 8"), ("c", "Letter 8.5 x 11")):
        await upload(caller, documentName=name, documentClass=document_class)

    async def names(**query: str) -> list[str | None]:
        return [each.text for each in (await caller.get("/documents", **query)).xml.iter("documentName")]

    assert await names() == ["c", "b", "a"]
    assert await names(documentClass="Letter 8.5 x 11") == ["c", "a"]
    assert await names(numberOfDocuments="1", offset="1") == ["b"]
    in_json = await caller.call("GET", "/documents", headers={"Accept": "application/json"})
    assert [each["documentName"] for each in in_json.json["document"]] == ["c", "b", "a"]


async def test_what_was_made_elsewhere_is_not_listed(caller: Caller) -> None:
    """A document that no listing shows can be ordered all the same: not listed does not mean not there."""
    await upload(caller)

    listed = [each.text for each in (await caller.get("/documents")).xml.iter("id")]

    assert "5000" not in listed
    await caller.created(documentId="5000")
