import pytest

from tests.sandbox.caller import CREDIT, LETTER, Caller

ABROAD = """<addressList><addressMappingId>2</addressMappingId><addresses>
<address><Address1>1 Main St</Address1><Country_non-US/></address>
<address><Address1>2 Main St</Address1><Country_non-US>USA</Country_non-US></address>
<address><Address1>3 High St</Address1><Country_non-US>Ireland</Country_non-US></address></addresses></addressList>"""


async def test_a_new_job_is_being_edited(caller: Caller) -> None:
    """HTTP 201 even for a GET, and the state where a return code is elsewhere."""
    job_id = await caller.created()

    heard = await caller.get(f"/jobs/{job_id}/")

    assert heard.verdict == (201, 9, "Editing")
    assert heard["id"] == str(job_id)
    assert heard["statusUrl"] == f"{caller.root}/molpro/jobs/{job_id}"


async def test_all_about_a_job(caller: Caller) -> None:
    """Options as they were sent, ids of the job's own copies, names of the originals."""
    job_id = await caller.created()

    heard = await caller.get(f"/jobs/info/{job_id}")

    options = {name: heard[name] for name in LETTER if name not in ("documentId", "addressId")}
    assert heard.http == 200
    assert options == {name: LETTER[name] for name in options}
    assert (heard["document"], heard["addressList"]) == ("Document 5000", "List 6000")
    assert heard["jobDocumentId"] not in ("5000", "")
    assert (heard["jobStatus"], heard["noOfPieces"], heard["cost"]) == ("EDITING", "1", "0.79")
    assert heard["dateUpdated"] == "2025-06-02T17:00:00Z"


async def test_what_it_costs(caller: Caller) -> None:
    """The whole and the tax; the parts when asked for."""
    job_id = await caller.created(color="Full Color", mailClass="Standard", quantity="3")

    plain = await caller.get(f"/jobs/{job_id}/cost")
    detailed = await caller.get(f"/jobs/{job_id}/cost", details="true")

    assert (plain.http, plain["status"], plain["cost"], plain["totalTax"]) == (200, "0", "2.1", "0.0")
    assert plain.xml.find("productionCost") is None
    assert detailed["productionCost/subtotal"] == "0.99"
    assert detailed["standardCost/postageName"] == "Standard"
    ways = ("standardCost", "nonStandardCost", "internationalCost", "productionCost")
    assert [detailed[f"{way}/quantity"] for way in ways] == ["3", "0", "0", "3"]


async def test_letters_abroad_cost_more(caller: Caller) -> None:
    """They are a part of their own, and the parts add up to what a submit takes."""
    xml = {"Content-Type": "application/xml"}
    address_id = (await caller.call("POST", "/addressLists", data=ABROAD.encode(), headers=xml))["id"]
    job_id = await caller.created(addressId=address_id)

    cost = await caller.get(f"/jobs/{job_id}/cost", details="true")
    submitted = await caller.post(f"/jobs/{job_id}/submit", CREDIT)

    ways = ("standardCost", "internationalCost", "productionCost")
    parts = [(cost[f"{way}/quantity"], cost[f"{way}/subtotal"]) for way in ways]
    assert parts == [("2", "1.16"), ("1", "1.65"), ("3", "0.63")]
    assert cost["cost"] == submitted["cost"] == "3.44"


@pytest.mark.parametrize("path", ["/jobs/17", "/jobs/info/17", "/jobs/17/cost"])
async def test_an_unknown_job(caller: Caller, path: str) -> None:
    """HTTP 200, code 1, id 0."""
    heard = await caller.get(path)

    assert heard.verdict == (200, 1, "Job ID not found")
    assert heard["id"] == "0"
