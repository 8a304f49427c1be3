"""The vendor's own clients, as they talk on the wire: from the upload of a document to the state of the job."""

from collections.abc import AsyncIterator

import aiohttp

from tests.sandbox.caller import CREDIT, LETTER, Caller, Heard
from tests.sandbox.conftest import HandClock, OpenSandbox

LIST = (
    "<addressList>\t<addressListName>7f-1</addressListName>\t<addressMappingId>2</addressMappingId><addresses>"
    "<address><First_name>Ann</First_name><Last_name>Other</Last_name><Organization>Us</Organization>"
    "<Address1>1 Main St</Address1><Address2></Address2><City>Oak Brook</City><State>IL</State><zip>60523</zip>"
    "<Country_non-US></Country_non-US></address></addresses></addressList>"
)
OPTIONS = {name: value for name, value in LETTER.items() if name not in ("documentId", "addressId")}


async def send_parts(caller: Caller, *parts: bytes) -> Heard:
    body = b"".join(b"--b0\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + b"--b0--\r\n\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=b0"}
    return await caller.call("POST", "/documents/", data=body, headers=headers)


async def test_like_the_python_client(open_sandbox: OpenSandbox, clock: HandClock) -> None:
    """It sends each text field as a file, wants its list ready in the reply to the upload, and reads no codes."""
    caller = await open_sandbox(strict=True)
    document = await send_parts(
        caller,
        b'name="file"; filename="file.pdf"\r\nContent-Type: application/pdf\r\n\r\n%PDF',
        b'name="documentFormat"; filename="documentFormat"\r\n\r\nPDF',
        b'name="documentName"; filename="documentName"\r\n\r\nsample Letter',
        b'name="documentClass"; filename="documentClass"\r\n\r\nLetter 8.5 x 11',
    )
    xml = {"Content-Type": "application/xml"}
    addresses = await caller.call("POST", "/addressLists/", data=LIST.encode(), headers=xml)
    assert addresses["status"] == "3"

    job = await caller.post("/jobs/", OPTIONS, documentId=document["id"], addressId=addresses["id"])
    submitted = await caller.post(f"/jobs/{job['id']}/submit", CREDIT)
    clock.advance(1)
    status = await caller.get(f"/jobs/{job['id']}")

    assert (job.verdict, submitted.verdict) == ((201, 0, "Created"), (201, 0, "Success"))
    assert status.verdict == (201, 4, "Awaiting Production")


async def test_like_the_javascript_client(open_sandbox: OpenSandbox) -> None:
    """It uploads its list in chunks and without a content type, and puts everything else into the query."""
    caller = await open_sandbox(strict=True)
    form = aiohttp.FormData({"documentName": "n", "documentClass": "Letter 8.5 x 11", "documentFormat": "PDF"})
    form.add_field("file", b"%PDF", filename="test.pdf", content_type="application/pdf")
    document = await caller.call("POST", "/documents/", data=form)

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(LIST), 100):
            yield LIST[start : start + 100].encode()

    addresses = await caller.call(
        "POST",
        "/addressLists/",
        data=chunks(),
        headers={"ContentType": "application/xml"},
        skip_auto_headers=["Content-Type"],
    )
    query = {**OPTIONS, "documentId": document["id"], "addressId": addresses["id"]}
    job = await caller.call("POST", "/jobs/", params=query)
    submitted = await caller.call("POST", f"/jobs/{job['id']}/submit/", params=CREDIT)

    assert submitted.verdict == (201, 0, "Success")


async def test_like_the_java_and_php_clients(caller: Caller) -> None:
    """Odd part headers, a path as the file's name, an empty name, tags in lower case, an envelope of one blank."""
    await caller.call(
        "POST", "/account/authorize", data=b"", headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    document = await send_parts(
        caller,
        b'name="documentClass"\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\nPostcard 5 X 8',
        b'name="documentFormat"\r\n\r\nPDF',
        b'name="documentName"\r\n\r\n',
        b'name="file"; filename="/home/ann/test.pdf"\r\nContent-Type: type=application/pdf\r\n'
        b"Content-Transfer-Encoding: binary\r\n\r\n%PDF",
    )
    addresses = await caller.call("POST", "/addressLists", data=LIST.lower().replace("addresslist", "addressList"))

    job = await caller.post(
        "/jobs",
        OPTIONS,
        documentClass="Postcard 5 x 8",
        envelope=" ",
        rtnName="",
        rtnOrganization="Us",
        rtnaddress1="1 Main St",
        appSignature="MailJackPlus",
        documentId=document["id"],
        addressId=addresses["id"],
    )

    cost = await caller.get(f"/jobs/{job['id']}/cost")
    assert job.verdict == (201, 0, "Created")
    assert cost["status"] == "0"
    assert (await caller.get(f"/jobs/info/{job['id']}"))["addressList"] == "7f-1"
