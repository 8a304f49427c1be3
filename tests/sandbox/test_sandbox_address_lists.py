import pytest
from hypothesis import given
from hypothesis import strategies as st

from batcher.sandbox.list_xml import UploadedList, read_list
from batcher.sandbox.materials import ListState, state_of_list
from tests.sandbox.caller import Caller, Heard
from tests.sandbox.conftest import HandClock, OpenSandbox

MAPPING_1 = """<addressList>
  <addressListName>spring</addressListName>
  <addressMappingId>1</addressMappingId>
  <addresses>
    <address><Firstname>Ann</Firstname><Lastname>Other</Lastname><Organization/><Address1>1 Main St</Address1>
      <City>Oak</City><State>VA</State><Postalcode>22201</Postalcode><Country/></address>
    <address><Firstname>Bo</Firstname><Address1>2 Main St</Address1></address>
  </addresses>
</addressList>"""
MAPPING_2 = """<?xml version="1.0" encoding="UTF-8"?><!-- ours --><ADDRESSLIST><addressMappingID> 2 </addressMappingID>
<addresses><Address><first_name>John</first_name><ADDRESS1>PO Box 1</ADDRESS1><zip>22210</zip>
<Country_non-US></Country_non-US></Address></addresses></ADDRESSLIST>"""
CUSTOM = """<addressList xmlns="urn:x"><addressMappingId>4711</addressMappingId><addresses>
<address><colour>red</colour></address></addresses></addressList>"""
BOMB = """<!DOCTYPE a [<!ENTITY b "bbbb">]><addressList><addressListName>&b;</addressListName>
<addressMappingId>9</addressMappingId><addresses><address/></addresses></addressList>"""
INVALID = (400, 9, "Invalid input data.")


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        (MAPPING_1, UploadedList("spring", 1, 2)),
        (MAPPING_2, UploadedList("", 2, 1)),
        (CUSTOM, UploadedList("", 4711, 1)),
    ],
)
def test_a_list_is_read(xml: str, expected: UploadedList) -> None:
    """Both standard mappings and an account's own; the case of tags is ignored."""
    assert read_list(xml.encode()) == expected


@pytest.mark.parametrize(
    "xml",
    [
        "",
        "addresses",
        "<addressList>",
        "<list/>",
        "<addressList/>",
        MAPPING_1.replace("<addressMappingId>1<", "<addressMappingId>one<"),
        MAPPING_1.replace("2 Main St", " "),
        "<addressList><addressMappingId>2</addressMappingId><addresses/></addressList>",
        BOMB,
    ],
)
def test_what_is_no_list(xml: str) -> None:
    """Broken XML, no mapping, no address, an address without a street, a document that defines entities."""
    assert read_list(xml.encode()) is None


@given(st.binary())
def test_any_bytes_are_read(body: bytes) -> None:
    """Nonsense is no list and no error."""
    assert read_list(body) is None


def test_a_list_is_worked_on_for_a_while() -> None:
    """Uploaded, mapped half way, then usable; at once when there is no delay."""
    states = [state_of_list(100, now=100 + age, delay=10) for age in (0, 4.9, 5, 9.9, 10, 99)]

    assert states == [
        *(ListState.UPLOADED, ListState.UPLOADED, ListState.MAPPED, ListState.MAPPED),
        *(ListState.STANDARDIZED, ListState.STANDARDIZED),
    ]
    assert state_of_list(100, now=100, delay=0) is ListState.STANDARDIZED


async def upload(caller: Caller, xml: str = MAPPING_1) -> Heard:
    headers = {"Content-Type": "application/xml"}
    return await caller.call("POST", "/addressLists/", data=xml.encode(), headers=headers)


async def test_a_list_is_usable_at_once(open_sandbox: OpenSandbox) -> None:
    """Its upload already answers with state 3, and a job has as many pieces as it has addresses."""
    caller = await open_sandbox(strict=True)

    heard = await upload(caller)

    status = await caller.get(f"/addressLists/{heard['id']}")
    assert heard.verdict == (201, 3, "CASS Standardized")
    assert status.verdict == (200, 3, "CASS Standardized")
    assert (heard.xml.tag, caller.world.address_lists[int(heard["id"])].addresses) == ("addressList", 2)


async def test_a_job_waits_for_its_list(open_sandbox: OpenSandbox, clock: HandClock) -> None:
    """Until it is standardized the list is not found."""
    caller = await open_sandbox(list_delay=10)
    list_id = (uploaded := await upload(caller))["id"]

    seen = []
    for _ in range(3):
        status = (await caller.get(f"/addressLists/{list_id}"))["status"]
        seen.append((status, (await caller.create(addressId=list_id)).verdict[2]))
        clock.advance(5)

    assert uploaded.verdict == (201, 0, "Uploaded")
    assert seen == [("0", "Address List ID not found"), ("1", "Address List ID not found"), ("3", "Created")]
    assert [job.pieces for job in caller.world.jobs.values()] == [2]


async def test_lists_prepared_elsewhere_are_usable(caller: Caller) -> None:
    """From id 100 on they exist; below they do not."""
    assert (await caller.get("/addressLists/100")).verdict == (200, 3, "CASS Standardized")
    assert (await caller.get("/addressLists/99")).verdict == INVALID


async def test_lists_prepared_elsewhere_may_be_late(open_sandbox: OpenSandbox, clock: HandClock) -> None:
    """Each counts from the first question for it, whether that is its status or a job."""
    caller = await open_sandbox(list_delay=10)

    seen = []
    for _ in range(3):
        status = (await caller.get("/addressLists/6000"))["status"]
        seen.append((status, (await caller.create(addressId="6001")).verdict[2]))
        clock.advance(5)

    assert seen == [("0", "Address List ID not found"), ("1", "Address List ID not found"), ("3", "Created")]
    assert (await caller.get("/addressLists/6002"))["status"] == "0"


async def test_the_list_in_error(open_sandbox: OpenSandbox) -> None:
    """One number among those made elsewhere; where nothing is made elsewhere there is no such list."""
    caller, strict = await open_sandbox(), await open_sandbox(strict=True)

    assert (await caller.get("/addressLists/999")).verdict == (200, 9, "Error")
    assert (await caller.create(addressId="999")).verdict == (200, 3, "Address List ID not found")
    assert (await strict.get("/addressLists/999")).verdict == INVALID


async def test_refused_lists(caller: Caller) -> None:
    """Broken XML, and a name that is taken."""
    await upload(caller)

    assert (await upload(caller, "<broken")).verdict == INVALID
    assert (await upload(caller)).verdict == (400, 9, "Address list name already exists.")
    assert len(caller.world.address_lists) == 1


async def test_lists_are_listed(caller: Caller) -> None:
    """The newest first with their sizes; searched by name; a page at a time."""
    for name in ("spring", "summer", "Spring again"):
        await upload(caller, MAPPING_1.replace("spring", name))

    everything = await caller.get("/addressLists")
    found = await caller.get("/addressLists", searchkey="spring", numberOfLists="1", offset="1")

    assert [each.text for each in everything.xml.iter("name")] == ["Spring again", "summer", "spring"]
    assert everything["lists/list/statistics/total"] == "2"
    assert (found["count"], [each.text for each in found.xml.iter("name")]) == ("2", ["spring"])


async def test_about_one_list(caller: Caller) -> None:
    """Its name and size; an unknown one is refused."""
    list_id = (await upload(caller))["id"]

    heard = await caller.get("/addressLists/info", baseAddressListId=list_id)

    assert (heard.http, heard["name"], heard["count"]) == (200, "spring", "2")
    assert (await caller.get("/addressLists/info", baseAddressListId="17")).verdict == INVALID
