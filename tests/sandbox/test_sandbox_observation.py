import json

from tests.sandbox.caller import CREDIT, Caller
from tests.sandbox.conftest import OpenSandbox


async def test_the_counts(open_sandbox: OpenSandbox) -> None:
    """Calls, faults, jobs and their states, signatures that more than one job carries, the balance."""
    caller = await open_sandbox(plan='[[fault]]\non = "create"\ncall = 2\ndo = "page_524_after"\n', credit=2.0)
    for signature in ("a", "b", "b", "b", "c", "c", "", ""):
        await caller.create(appSignature=signature)
    await caller.post("/jobs/13000001/submit", CREDIT)
    await caller.post("/jobs/13000002/delete")
    await caller.create(documentId="1")
    await caller.get("/jobs/nonsense")

    assert await caller.stats() == {
        "calls": {"create": 9, "submit": 1, "delete": 1},
        "faults": {"page_524_after": 1},
        "jobs": 8,
        "jobs_created": 8,
        "jobs_by_state": {"AWAITING_PRODUCTION": 1, "DELETED": 1, "EDITING": 6},
        "repeated_signatures": 2,
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

    assert [json.loads(line) for line in heard.body.splitlines()] == [
        {"id": ids[0], "appSignature": "row-0", "documentId": "5000", "addressId": "6000", "state": "EDITING"},
        {"id": ids[1], "appSignature": "row-1", "documentId": "5000", "addressId": "6000", "state": "DELETED"},
        {"id": ids[2], "appSignature": "row-2", "documentId": "5000", "addressId": "6000", "state": "EDITING"},
    ]


async def test_more_jobs_than_fit_into_one_write(caller: Caller) -> None:
    """None is lost between two writes."""
    template = caller.world.jobs[await caller.created()]
    caller.world.jobs.update(dict.fromkeys(range(2500), template))

    heard = await caller.get("/_sandbox/jobs")

    assert len(heard.body.splitlines()) == 2501
