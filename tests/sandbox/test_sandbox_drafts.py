import pytest

from tests.sandbox.caller import CREDIT, Caller
from tests.sandbox.conftest import HandClock, OpenSandbox


def impermissible(job_id: int) -> tuple[int, int, str]:
    return 400, 9, f"Job with Id {job_id} is in impermissible state"


async def test_a_deleted_job_is_gone(caller: Caller) -> None:
    """It can no more be read, listed, submitted or deleted; its number is not given again."""
    job_id = await caller.created(appSignature="row-1")

    deleted = await caller.post(f"/jobs/{job_id}/delete/")
    status = await caller.get(f"/jobs/{job_id}")
    listed = await caller.get("/jobs/appSignature", appSignature="row-1")
    submitted = await caller.post(f"/jobs/{job_id}/submit", CREDIT)
    again = await caller.post(f"/jobs/{job_id}/delete")

    assert deleted.verdict == (201, 0, "Success")
    assert status.verdict == (200, 1, "Job ID not found")
    assert listed.job_ids == []
    assert submitted.verdict == again.verdict == impermissible(job_id)
    assert await caller.created() == job_id + 1


async def test_a_submitted_job_stays(caller: Caller) -> None:
    """What awaits production can be neither deleted nor changed."""
    job_id = await caller.created()
    await caller.post(f"/jobs/{job_id}/submit", CREDIT)

    assert (await caller.post(f"/jobs/{job_id}/delete")).verdict == impermissible(job_id)
    assert (await caller.post(f"/jobs/{job_id}/update", documentId="5001")).verdict == impermissible(job_id)


@pytest.mark.parametrize("what", ["delete", "cancel", "proof"])
async def test_an_unknown_job(caller: Caller, what: str) -> None:
    """Nothing can be done to it."""
    assert (await caller.post(f"/jobs/17/{what}")).verdict == (200, 1, "Job ID not found")


async def test_only_an_invoiced_job_can_be_cancelled(caller: Caller) -> None:
    """A draft and a job paid by credit cannot."""
    draft, prepaid, invoiced = [await caller.created() for _ in range(3)]
    await caller.post(f"/jobs/{prepaid}/submit", CREDIT)
    await caller.post(f"/jobs/{invoiced}/submit", billingType="Invoice")

    heard = {job_id: (await caller.post(f"/jobs/{job_id}/cancel")).verdict for job_id in (draft, prepaid, invoiced)}

    assert heard == {draft: impermissible(draft), prepaid: impermissible(prepaid), invoiced: (201, 0, "Success")}
    assert (await caller.get(f"/jobs/{invoiced}"))["description"] == "Cancelled"
    assert (await caller.stats())["charged_cents"] == 79


async def test_a_job_is_not_cancelled_once_it_is_processed(open_sandbox: OpenSandbox, clock: HandClock) -> None:
    """A minute of the vendor's after its submission it is too late, and the invoice stands."""
    caller = await open_sandbox(speed=1)
    in_time, late = await caller.created(), await caller.created()
    for job_id in (in_time, late):
        await caller.post(f"/jobs/{job_id}/submit", billingType="Invoice")

    clock.advance(59.9)
    assert (await caller.post(f"/jobs/{in_time}/cancel")).http == 201
    clock.advance(0.1)
    assert (await caller.post(f"/jobs/{late}/cancel")).verdict == impermissible(late)
    assert (await caller.stats())["charged_cents"] == 79


async def test_a_deleted_job_that_is_shown(open_sandbox: OpenSandbox) -> None:
    """The other thing that the remote may say of it; it is in no listing all the same."""
    caller = await open_sandbox(deleted_jobs="shown")
    job_id = await caller.created(appSignature="row-1")
    await caller.post(f"/jobs/{job_id}/delete")

    assert (await caller.get(f"/jobs/{job_id}")).verdict == (201, 91, "Deleted")
    assert (await caller.get("/jobs/appSignature", appSignature="row-1")).job_ids == []
    assert (await caller.get("/jobs/17")).verdict == (200, 1, "Job ID not found")


async def test_a_proof_can_be_fetched(caller: Caller) -> None:
    """The reply says where, and there is a PDF; a proof of another job is not there."""
    job_id, other = await caller.created(), await caller.created()

    proof = await caller.post(f"/jobs/{job_id}/proof")
    path = proof["statusUrl"].removeprefix(f"{caller.root}/molpro")
    file = await caller.get(path)
    wrong = await caller.get(path.replace(str(job_id), str(other), 1))

    assert proof.verdict == (201, 0, "Success")
    assert path == f"/jobs/{job_id}/proof/{proof['id']}/{proof['sessionId']}"
    assert (file.http, file.headers["Content-Type"], file.body[:5]) == (200, "application/pdf", b"%PDF-")
    assert wrong.verdict == (200, 1, "Job ID not found")
