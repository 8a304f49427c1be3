"""What is done to a job after it was made, short of paying for it: delete, cancel, proof."""

from __future__ import annotations

from dataclasses import replace

from batcher.sandbox import verdicts
from batcher.sandbox.call import Call
from batcher.sandbox.job import Job, JobState
from batcher.sandbox.reply import Page, Reply, refusal
from batcher.sandbox.world import World

# A proof's number follows from its job's, so nothing has to be kept of it.
_PROOFS_FROM = 50_000_000

_PROOF_FILE = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


def delete_job(world: World, call: Call) -> Reply:
    """Remove a draft; a job that was submitted cannot be deleted any more."""
    job = world.jobs.get(call.ids[0])
    return _move(world, job, JobState.DELETED, allowed=job is not None and job.state is JobState.EDITING)


def cancel_job(world: World, call: Call) -> Reply:
    """
    Call a submitted job back; its invoice is never written.

    Only before it is processed, and only one paid by invoice (third-party tool description of cancel job).
    """
    job = world.jobs.get(call.ids[0])
    waiting = job is not None and world.state_of_job(job, call.now) is JobState.ORDER_SUBMITTED
    by_invoice = job is not None and job.billing_type == "Invoice"
    return _move(world, job, JobState.CANCELLED, allowed=waiting and by_invoice)


def make_proof(world: World, call: Call) -> Reply:
    """A proof of the job, ready at once, free of charge, and without effect on the job."""
    job = world.job(call.ids[0])
    if job is None:
        return refusal("job", verdicts.JOB_NOT_FOUND)
    proof_id, session_id = _PROOFS_FROM + job.id, job.id
    url = f"{call.job_url(job.id)}/proof/{proof_id}/{session_id}"
    fields = (("id", proof_id), ("status", 0), ("description", "Success"), ("statusUrl", url))
    return Reply(201, "job", (*fields, ("sessionId", session_id)))


def proof_file(world: World, call: Call) -> Page | Reply:
    """The proof itself: one empty page."""
    job_id, proof_id, _session_id = call.ids
    if world.job(job_id) is None or proof_id != _PROOFS_FROM + job_id:
        return refusal("job", verdicts.JOB_NOT_FOUND)
    return Page(200, _PROOF_FILE, "application/pdf")


def _move(world: World, job: Job | None, state: JobState, *, allowed: bool) -> Reply:
    if job is None:
        return refusal("job", verdicts.JOB_NOT_FOUND)
    if not allowed:
        return refusal("job", verdicts.impermissible_state(job.id))
    world.record(replace(job, state=state, charged_cents=0))
    return Reply(201, "job", (("id", job.id), ("status", 0), ("description", "Success")))
