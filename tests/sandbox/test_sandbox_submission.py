from pathlib import Path

import pytest

from batcher.sandbox.job import JobState
from tests.sandbox.caller import CARD, CREDIT, Caller
from tests.sandbox.conftest import HandClock, OpenSandbox

MISSING = (400, 9, "One of the required parameters is missing.")
UNKNOWN_TYPE = (400, 9, "Only Credit Card, Invoice, ACH, User Credit, Apple Pay, Google Pay are allowed.")
DECLINED = (200, 2, "payment not authorized")
NO_CREDIT = (200, 2, "Not sufficient credit balance. Please buy more credit and try again. Thanks!")


async def test_a_job_is_submitted(caller: Caller, clock: HandClock) -> None:
    """HTTP 201, status 0, the cost in its parts; a second later the job awaits production."""
    job_id = await caller.created()

    heard = await caller.post(f"/jobs/{job_id}/submit/", CREDIT)
    clock.advance(1)
    status = await caller.get(f"/jobs/{job_id}")

    assert heard.verdict == (201, 0, "Success")
    assert (heard["id"], heard["cost"]) == (str(job_id), "0.79")
    assert heard["standardCost/postageUnitCost"] == "0.58"
    assert heard["productionCost/subtotal"] == "0.21"
    assert heard["statusUrl"] == f"{caller.root}/molpro/jobs/{job_id}"
    assert status.verdict == (201, 4, "Awaiting Production")


async def test_a_job_is_submitted_once(caller: Caller) -> None:
    """The second time it is in no state for that, and nothing is paid."""
    job_id = await caller.created()
    await caller.post(f"/jobs/{job_id}/submit", CREDIT)
    paid = caller.world.credit_cents

    heard = await caller.post(f"/jobs/{job_id}/submit", CREDIT)

    assert heard.verdict == (400, 9, f"Job with Id {job_id} is in impermissible state")
    assert caller.world.credit_cents == paid


@pytest.mark.parametrize("job_id", [0, 17])
async def test_an_unknown_job_is_not_submitted(caller: Caller, job_id: int) -> None:
    """Job 0 is what a careless client submits after a refused creation."""
    assert (await caller.post(f"/jobs/{job_id}/submit", CREDIT)).verdict == (200, 1, "Job ID not found")


@pytest.mark.parametrize(
    ("billing", "expected"),
    [
        ({}, MISSING),
        ({"billingType": ""}, MISSING),
        ({"billingType": "Cash"}, UNKNOWN_TYPE),
        ({"billingType": "user credit"}, UNKNOWN_TYPE),
        ({"billingType": "Credit Card"}, MISSING),
        ({**CARD, "billingCvv": ""}, MISSING),
        ({**CARD, "billingNumber": "4000000000000002"}, DECLINED),
        ({**CARD, "billingNumber": "1234"}, DECLINED),
        ({"billingType": "Apple Pay"}, MISSING),
    ],
)
async def test_refused_payments_leave_a_draft(
    caller: Caller, billing: dict[str, str], expected: tuple[int, int, str]
) -> None:
    """The job can be submitted again under the same number."""
    job_id = await caller.created()

    heard = await caller.post(f"/jobs/{job_id}/submit", billing)

    assert heard.verdict == expected
    assert heard["id"] == "0"
    assert caller.world.jobs[job_id].state is JobState.EDITING


@pytest.mark.parametrize(
    "billing",
    [
        CARD,
        {**CARD, "billingYear": "2030", "billingNumber": "4111111111111111111"},
        {"billingType": "Invoice"},
        {"billingType": "ACH"},
        {"billingType": "Google Pay", "opaqueDataValue": "token"},
    ],
)
async def test_other_payments_leave_the_credit_alone(caller: Caller, billing: dict[str, str]) -> None:
    """Only prepaid credit is taken from the balance."""
    before = caller.world.credit_cents

    heard = await caller.post(f"/jobs/{await caller.created()}/submit", billing)

    assert heard.verdict == (201, 0, "Success")
    assert caller.world.credit_cents == before


async def test_the_rest_of_the_credit_outlives_the_process(open_sandbox: OpenSandbox, tmp_path: Path) -> None:
    """Another amount at the next start adds nothing; a purchase does."""
    state = tmp_path / "state.jsonl"
    before = await open_sandbox(credit=1.00, state=state)
    first, second = await before.created(), await before.created()
    await before.post(f"/jobs/{first}/submit", CREDIT)

    after = await open_sandbox(credit=50.00, state=state)
    refused = await after.post(f"/jobs/{second}/submit", CREDIT)
    await after.post("/credit/purchase", CARD, billingAmount="10")
    accepted = await after.post(f"/jobs/{second}/submit", CREDIT)

    assert (refused.verdict, accepted.verdict) == (NO_CREDIT, (201, 0, "Success"))
    assert (await after.get("/credit"))["balance"] == "9.42"


async def test_credit_runs_out(open_sandbox: OpenSandbox) -> None:
    """A job the credit does not cover stays a draft, and goes through after a purchase."""
    caller = await open_sandbox(credit=1.00)
    first, second = await caller.created(), await caller.created()
    assert (await caller.post(f"/jobs/{first}/submit", CREDIT)).http == 201

    refused = await caller.post(f"/jobs/{second}/submit", CREDIT)
    after_refusal = caller.world.credit_cents
    await caller.post("/credit/purchase", CARD, billingAmount="10")
    accepted = await caller.post(f"/jobs/{second}/submit", CREDIT)

    assert (refused.verdict, after_refusal) == (NO_CREDIT, 21)
    assert accepted.verdict == (201, 0, "Success")
    assert caller.world.credit_cents == 1000 + 21 - 79


async def test_parameters_may_be_in_the_query(caller: Caller) -> None:
    """As the vendor's JavaScript client sends them."""
    heard = await caller.call("POST", f"/jobs/{await caller.created()}/submit/?billingType=User%20Credit")

    assert heard.verdict == (201, 0, "Success")
