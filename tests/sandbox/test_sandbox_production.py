"""What becomes of a job after its submission, as time goes by."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from batcher.sandbox.job import Job, JobState
from batcher.sandbox.journal import decode
from batcher.sandbox.production import state_at
from tests.sandbox.caller import CREDIT, Caller
from tests.sandbox.conftest import NOON, HandClock, OpenSandbox
from tests.sandbox.test_sandbox_world import JOB

ORDERED = replace(JOB, state=JobState.ORDER_SUBMITTED, submitted_at=NOON)
HOUR = 3600.0


@pytest.mark.parametrize(
    ("age_s", "expected"),
    [
        (0, JobState.ORDER_SUBMITTED),
        (59, JobState.ORDER_SUBMITTED),
        (60, JobState.ORDER_PROCESSING),
        (299, JobState.ORDER_PROCESSING),
        (300, JobState.AWAITING_PRODUCTION),
        (6 * HOUR + 299, JobState.AWAITING_PRODUCTION),
        (6 * HOUR + 300, JobState.IN_PRODUCTION),
        (18 * HOUR + 299, JobState.IN_PRODUCTION),
        (18 * HOUR + 300, JobState.MAILED),
        (10_000 * HOUR, JobState.MAILED),
    ],
)
def test_the_time_decides(age_s: float, expected: JobState) -> None:
    """One state after the other, and mailed in the end; twice as fast takes half the time."""
    assert state_at(ORDERED, NOON + age_s, speed=1) is expected
    assert state_at(ORDERED, NOON + age_s / 2, speed=2) is expected


@pytest.mark.parametrize("state", [JobState.EDITING, JobState.CANCELLED, JobState.DELETED])
def test_what_is_not_in_production_stays(state: JobState) -> None:
    """A draft waits for its submission; what was called back or deleted does not move any more."""
    assert state_at(replace(ORDERED, state=state), NOON + 10_000 * HOUR, speed=1) is state


def test_time_may_stand_still() -> None:
    """At speed 0 a job stays as it was submitted."""
    assert state_at(ORDERED, NOON + 10_000 * HOUR, speed=0) is JobState.ORDER_SUBMITTED


def test_the_spoilt_document_ends_in_error() -> None:
    """Its job is taken and processed like any other, and comes no further."""
    spoilt = replace(ORDERED, document_id=999)

    states = [state_at(spoilt, NOON + age_s, speed=1) for age_s in (0, 60, 299, 300, 10_000 * HOUR)]

    assert states == [
        *(JobState.ORDER_SUBMITTED, JobState.ORDER_PROCESSING, JobState.ORDER_PROCESSING),
        *(JobState.ERROR, JobState.ERROR),
    ]


async def test_every_page_tells_the_same(caller: Caller, clock: HandClock) -> None:
    """Status, information, listing and statistics, at each step of the way; an hour takes a second."""
    job_id = await caller.created(appSignature="a")
    await caller.post(f"/jobs/{job_id}/submit", CREDIT)

    told = []
    for seconds in (0, 0.05, 0.05, 6, 12):
        clock.advance(seconds)
        listed = (await caller.get("/jobs/appSignature", appSignature="a"))["jobList/job/jobStatus"]
        info = (await caller.get(f"/jobs/info/{job_id}"))["jobStatus"]
        [counted] = (await caller.stats())["jobs_by_state"]
        told.append(((await caller.get(f"/jobs/{job_id}")).verdict, {listed, info, counted}))

    assert told == [
        ((201, 2, "Order Submitted"), {"ORDER_SUBMITTED"}),
        ((201, 3, "Order Processing"), {"ORDER_PROCESSING"}),
        ((201, 4, "Awaiting Production"), {"AWAITING_PRODUCTION"}),
        ((201, 5, "In Production"), {"IN_PRODUCTION"}),
        ((201, 6, "Mailed"), {"MAILED"}),
    ]


async def test_an_error_says_why(caller: Caller, clock: HandClock) -> None:
    """The status has a message then, and only then; what was paid is gone."""
    spoilt, sound = await caller.created(documentId="999"), await caller.created()
    for job_id in (spoilt, sound):
        await caller.post(f"/jobs/{job_id}/submit", CREDIT)
    clock.advance(1)

    status = await caller.get(f"/jobs/{spoilt}")

    assert status.verdict == (201, 92, "Error")
    assert status["errorMessage"] == "The document could not be prepared for production."
    assert (await caller.get(f"/jobs/{sound}")).xml.find("errorMessage") is None
    assert (await caller.post(f"/jobs/{spoilt}/submit", CREDIT)).http == 400
    assert (await caller.stats())["charged_cents"] == 2 * 79


async def test_production_goes_on_without_the_process(
    open_sandbox: OpenSandbox, clock: HandClock, tmp_path: Path
) -> None:
    """A job stands where it would have stood, had the emulator not been stopped."""
    state = tmp_path / "state.jsonl"
    before = await open_sandbox(state=state)
    job_id = await before.created()
    await before.post(f"/jobs/{job_id}/submit", CREDIT)
    clock.advance(30)

    after = await open_sandbox(state=state)

    assert (await after.get(f"/jobs/{job_id}")).verdict == (201, 6, "Mailed")


def test_a_state_file_from_before_jobs_moved_is_understood() -> None:
    """There a submitted job awaited production for good; it moves on from its submission now."""
    old = {name: value for name, value in asdict(ORDERED).items() if name not in ("international", "charged_cents")}

    job = decode(json.dumps({"job": {**old, "state": 4}}).encode() + b"\n")

    assert isinstance(job, Job)
    assert [state_at(job, now, speed=1) for now in (NOON, 9e9)] == [JobState.ORDER_SUBMITTED, JobState.MAILED]
