from collections.abc import AsyncIterator, Awaitable, Callable
from xml.etree.ElementTree import fromstring

import pytest

from tests.sandbox.caller import LETTER, Caller, Heard
from tests.sandbox.conftest import HandClock, OpenSandbox


async def test_a_job_is_created(caller: Caller) -> None:
    """HTTP 201, status 0, an id, and where to read its state."""
    heard = await caller.create(appSignature="row-1")

    url = f"{caller.root}/molpro/jobs/13000001"
    assert heard.http == 201
    assert heard.headers["Content-Type"] == "application/xml"
    assert heard.body.decode() == (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        "<job><id>13000001</id><status>0</status><description>Created</description>"
        f"<statusUrl>{url}</statusUrl></job>"
    )
    assert caller.world.jobs[13000001].signature == "row-1"


async def test_numbers_go_up(caller: Caller) -> None:
    """Each job has a number of its own, with the same signature too."""
    assert [await caller.created(appSignature="same") for _ in range(3)] == [13000001, 13000002, 13000003]


async def test_a_row_is_kept_byte_for_byte(caller: Caller) -> None:
    """Odd blanks and signs in options stay as they were sent."""
    job_id = await caller.created(documentClass="Priority Express Letter  8.5 x 11", envelope=" ", layout="A – B ")

    options = caller.world.jobs[job_id].options
    assert (options.document_class, options.envelope, options.layout) == (
        "Priority Express Letter  8.5 x 11",
        " ",
        "A – B ",
    )


async def in_query(caller: Caller) -> Heard:
    return await caller.call("POST", "/jobs", params=LETTER)


async def in_query_with_slash_and_empty_form(caller: Caller) -> Heard:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return await caller.call("POST", "/jobs/", params=LETTER, headers=form)


async def in_both(caller: Caller) -> Heard:
    first = dict(list(LETTER.items())[:4])
    return await caller.call("POST", "/jobs", params=first, data=dict(list(LETTER.items())[4:]))


async def in_chunks(caller: Caller) -> Heard:
    async def chunks() -> AsyncIterator[bytes]:
        for name, value in LETTER.items():
            yield f"&{name}=".encode()
            yield value.replace("#", "%23").replace(" ", "+").encode()

    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return await caller.call("POST", "/jobs", data=chunks(), headers=form)


async def without_content_type(caller: Caller) -> Heard:
    body = "&".join(f"{name}={value.replace('#', '%23')}" for name, value in LETTER.items()).encode()
    return await caller.call("POST", "/jobs", data=body)


async def repeated(caller: Caller) -> Heard:
    return await caller.call("POST", "/jobs", data=[*LETTER.items(), ("documentId", "1")])


@pytest.mark.parametrize(
    "send",
    [in_query, in_query_with_slash_and_empty_form, in_both, in_chunks, without_content_type, repeated],
)
async def test_every_way_of_sending_works(caller: Caller, send: Callable[[Caller], Awaitable[Heard]]) -> None:
    """Form, query, both; a slash at the end, chunks, no content type; a repeated name keeps its first value."""
    heard = await send(caller)

    [job] = caller.world.jobs.values()
    assert heard.verdict == (201, 0, "Created")
    assert (job.document_id, job.options.envelope) == (5000, "#10 Double Window")


@pytest.mark.parametrize("accept", ["application/json", "application/json, text/plain, */*"])
async def test_json_has_the_same_fields(caller: Caller, accept: str) -> None:
    """The fields of the XML, without the root element."""
    heard = await caller.call("POST", "/jobs", data=LETTER, headers={"Accept": accept})

    assert heard.headers["Content-Type"] == "application/json"
    assert heard.json == {
        "id": 13000001,
        "status": 0,
        "description": "Created",
        "statusUrl": f"{caller.root}/molpro/jobs/13000001",
    }


@pytest.mark.parametrize("accept", ["*/*", "text/html", "application/xml"])
async def test_any_other_accept_gives_xml(caller: Caller, accept: str) -> None:
    """XML is the answer to every Accept header that does not ask for JSON."""
    heard = await caller.call("POST", "/jobs", data=LETTER, headers={"Accept": accept})

    assert fromstring(heard.body).tag == "job"


async def test_bodies_that_have_not_been_seen_to_work_do_not(caller: Caller) -> None:
    """JSON and multipart bodies hold no parameters for a job."""
    as_json = await caller.call("POST", "/jobs", json=dict(LETTER))
    boundary = {"Content-Type": "multipart/form-data; boundary=x"}
    as_parts = await caller.call("POST", "/jobs", data=b"--x--\r\n", headers=boundary)

    assert as_json.verdict == as_parts.verdict == (400, 9, "One of the required parameters is missing.")


MISSING = (400, 9, "One of the required parameters is missing.")
SKU = (400, 9, "Invalid product options. Sku not found.")
UNREADABLE_DATE = (500, 9, "Could not parse date. Please add mailingDate parameter in form 'yyyymmdd'.")
RETURN_NAME = (400, 9, "Return address Name OR Return address Organization is required for selected product.")


@pytest.mark.parametrize("name", LETTER)
async def test_each_required_parameter_is_required(caller: Caller, name: str) -> None:
    """A name that is not there at all is missing."""
    heard = await caller.post("/jobs", {key: value for key, value in LETTER.items() if key != name})

    assert heard.verdict == MISSING
    assert heard["id"] == "0"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"documentId": ""}, MISSING),
        ({"addressId": ""}, MISSING),
        ({"documentId": "99"}, (200, 1, "DocumentId not found")),
        ({"documentId": "0"}, (200, 1, "DocumentId not found")),
        ({"documentId": "abc"}, (200, 1, "DocumentId not found")),
        ({"documentId": "", "jobDocumentId": "17"}, (200, 1, "Job DocumentId not found")),
        ({"addressId": "1"}, (200, 3, "Address List ID not found")),
        ({"addressId": "6000x"}, (200, 3, "Address List ID not found")),
        ({"addressId": "", "jobAddressId": "17"}, (200, 1, "Job Address list Id not found")),
        ({"projectId": "7"}, (200, 5, "Project does not exist")),
        (
            {"documentClass": "EDDM Mailer 8.5 x 11", "addressId": ""},
            (200, 9, "Quantity required for selected product"),
        ),
        ({"quantity": "many"}, (200, 9, "Custom error related to quantity")),
        ({"quantity": "0"}, (400, 9, "Minimum Quantity for selected product is 1")),
        ({"rtnaddress1": "1 Main St"}, RETURN_NAME),
        ({"rtnZip": "22201", "rtnName": ""}, RETURN_NAME),
        ({"productionTime": "Next Business Day"}, SKU),
        ({"productionTime": "next business day "}, SKU),
        ({"productionTime": ""}, SKU),
        ({"documentClass": " "}, SKU),
        ({"layout": ""}, SKU),
        ({"color": ""}, SKU),
        ({"paperType": ""}, SKU),
        ({"printOption": ""}, SKU),
        ({"mailingDate": "tomorrow"}, UNREADABLE_DATE),
        ({"mailingDate": "2025-06-03"}, UNREADABLE_DATE),
        ({"mailingDate": "20250230"}, UNREADABLE_DATE),
        ({"mailingDate": "2025060"}, UNREADABLE_DATE),
        ({"mailingDate": "20250601"}, (400, 9, "Mailing date should be greater than current date.")),
        ({"mailingDate": "20250602"}, (400, 9, "Mailing date should be greater than current date.")),
        ({"mailingDate": "20250901"}, (400, 9, "Future date greater than 90 days")),
        ({"mailingDate": "99991231"}, (400, 9, "Future date greater than 90 days")),
    ],
)
async def test_refusals(caller: Caller, changes: dict[str, str], expected: tuple[int, int, str]) -> None:
    """HTTP status, code and description are those of the return-code table, and there is no job."""
    heard = await caller.create(**changes)

    assert heard.verdict == expected
    assert heard["id"] == "0"
    assert caller.world.jobs == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"envelope": ""},
        {"envelope": " "},
        {"documentId": "100", "addressId": "100", "projectId": "100"},
        {"productionTime": "Within 3 Days", "mailClass": "Standard"},
        {"mailingDate": "20250603"},
        {"mailingDate": "20250831"},
        {"mailingDate": ""},
        {"quantity": "5", "rtnaddress1": "1 Main St", "rtnOrganization": "Us"},
        {"documentClass": "EDDM Mailer 8.5 x 11", "addressId": "", "quantity": "400"},
        {"color": "Sky Blue Pink", "unknown": "ignored"},
        {"appSignature": ""},
    ],
)
async def test_what_is_accepted(caller: Caller, changes: dict[str, str]) -> None:
    """Optional parameters, empty envelopes, any real words as options, anything unknown."""
    await caller.created(**changes)


async def test_a_strict_world_has_only_what_was_uploaded(open_sandbox: OpenSandbox) -> None:
    """Without an upload nothing exists."""
    caller = await open_sandbox(strict=True)

    assert (await caller.create()).verdict == (200, 1, "DocumentId not found")


async def test_the_copies_of_a_job_make_another(caller: Caller) -> None:
    """A job's own document and list, by the ids the information shows, stand for the originals."""
    first = await caller.get(f"/jobs/info/{await caller.created(documentId='777', addressId='888')}")

    job_id = await caller.created(
        documentId="", addressId="", jobDocumentId=first["jobDocumentId"], jobAddressId=first["jobAddressId"]
    )

    job = caller.world.jobs[job_id]
    assert (job.document_id, job.address_id) == (777, 888)


async def test_the_day_is_the_vendors(caller: Caller, clock: HandClock) -> None:
    """At eight in the evening in New York it is still today there, though tomorrow in Greenwich."""
    clock.advance(8 * 3600)

    assert (await caller.create(mailingDate="20250603")).http == 201


async def test_an_update_changes_what_it_names(caller: Caller) -> None:
    """The vendor's own client sends two ids only; the rest stays."""
    job_id = await caller.created(appSignature="row-1", mailingDate="20250701")

    heard = await caller.post(f"/jobs/{job_id}/update/", documentId="5001", addressId="6001", color="Full Color")

    job = caller.world.jobs[job_id]
    assert heard.verdict == (201, 0, "Success")
    assert (job.document_id, job.address_id, job.signature, job.mailing_date) == (5001, 6001, "row-1", "20250701")
    assert (job.options.color, job.options.layout) == ("Full Color", "Address on Separate Page")


async def test_an_update_is_checked_like_a_creation(caller: Caller) -> None:
    """A refused update leaves the job as it was; an unknown job cannot be updated."""
    job_id = await caller.created()
    before = caller.world.jobs[job_id]

    refused = await caller.post(f"/jobs/{job_id}/update", documentId="1")
    unknown = await caller.post("/jobs/17/update", documentId="5001")

    assert refused.verdict == (200, 1, "DocumentId not found")
    assert unknown.verdict == (200, 1, "Job ID not found")
    assert caller.world.jobs[job_id] == before
