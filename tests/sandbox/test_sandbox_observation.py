import json

from tests.sandbox.caller import CREDIT, Caller
from tests.sandbox.conftest import HandClock, OpenSandbox


async def test_the_counts(open_sandbox: OpenSandbox, clock: HandClock) -> None:
    """Calls, faults, jobs and their states, signatures that more than one job carries, the money."""
    caller = await open_sandbox(plan='[[fault]]\non = "create"\ncall = 2\ndo = "page_524_after"\n', credit=2.0)
    for signature in ("a", "b", "b", "b", "c", "c", "", ""):
        await caller.create(appSignature=signature)
    await caller.post("/jobs/13000001/submit", CREDIT)
    await caller.post("/jobs/13000002/delete")
    await caller.create(documentId="1")
    await caller.get("/jobs/nonsense")
    clock.advance(1)

    assert await caller.stats() == {
        "calls": {"create": 9, "submit": 1, "delete": 1},
        "faults": {"page_524_after": 1},
        "jobs": 8,
        "jobs_created": 8,
        "jobs_by_state": {"AWAITING_PRODUCTION": 1, "DELETED": 1, "EDITING": 6},
        "repeated_signatures": 2,
        "repeated_submits": 0,
        "charged_cents": 79,
        "credit": 1.21,
    }


async def test_no_credentials_are_asked_for(open_sandbox: OpenSandbox) -> None:
    """These pages are not part of the API, so its rules do not hold there."""
    caller = await open_sandbox(require_auth="ann:other", plan='[[fault]]\non = "any"\ndo = "reset"\n')

    assert (await caller.call("GET", "/_sandbox/stats", headers={"Authorization": ""})).http == 200


async def test_all_jobs_as_lines(caller: Caller) -> None:
    """Every job once, the oldest first, however many there are."""
    ids = [await caller.created(appSignature=f"row-{number}") for number in range(3)]
    await caller.post(f"/jobs/{ids[1]}/delete")

    heard = await caller.get("/_sandbox/jobs")

    draft = {"state": "EDITING", "pieces": 1, "billingType": "", "chargedCents": 0, "submitCalls": 0}
    materials = {"documentId": "5000", "addressId": "6000"}
    assert [json.loads(line) for line in heard.body.splitlines()] == [
        {"id": ids[0], "appSignature": "row-0", **materials, **draft},
        {"id": ids[1], "appSignature": "row-1", **materials, **draft, "state": "DELETED"},
        {"id": ids[2], "appSignature": "row-2", **materials, **draft},
    ]


async def test_the_money_by_job(open_sandbox: OpenSandbox) -> None:
    """What each job took and how it was paid; a submit that was refused took nothing, however often it was tried."""
    caller = await open_sandbox(credit=1.00)
    paid, invoiced, unpaid, draft = [await caller.created(quantity=each) for each in ("1", "3", "1", "1")]
    await caller.post(f"/jobs/{paid}/submit", CREDIT)
    await caller.post(f"/jobs/{invoiced}/submit", billingType="Invoice")
    for _ in range(2):
        await caller.post(f"/jobs/{unpaid}/submit", CREDIT)

    bill = {
        job["id"]: (job["billingType"], job["chargedCents"], job["submitCalls"])
        for job in map(json.loads, (await caller.get("/_sandbox/jobs")).body.splitlines())
    }

    assert bill == {
        paid: ("User Credit", 79, 1),
        invoiced: ("Invoice", 237, 1),
        unpaid: ("", 0, 2),
        draft: ("", 0, 0),
    }
    assert ((await caller.stats())["charged_cents"], (await caller.stats())["credit"]) == (316, 0.21)


async def test_submits_that_came_again(open_sandbox: OpenSandbox) -> None:
    """Counted where the job was submitted already, not where a payment was refused before; nothing is taken twice."""
    caller = await open_sandbox(plan='[[fault]]\non = "submit"\ncall = 1\ndo = "page_502_after"\n')
    job_id = await caller.created()
    lost = await caller.post(f"/jobs/{job_id}/submit", CREDIT)
    again = await caller.post(f"/jobs/{job_id}/submit", CREDIT)
    other = await caller.created()
    await caller.post(f"/jobs/{other}/submit", billingType="Cash")
    await caller.post(f"/jobs/{other}/submit", CREDIT)

    stats = await caller.stats()

    assert (lost.http, again.http) == (502, 400)
    assert (stats["repeated_submits"], stats["charged_cents"]) == (1, 2 * 79)


async def test_more_jobs_than_fit_into_one_write(caller: Caller) -> None:
    """None is lost between two writes."""
    template = caller.world.jobs[await caller.created()]
    caller.world.jobs.update(dict.fromkeys(range(2500), template))

    heard = await caller.get("/_sandbox/jobs")

    assert len(heard.body.splitlines()) == 2501
