"""Reading one job: its status, all about it, its cost."""

from __future__ import annotations

from datetime import UTC, datetime

from batcher.sandbox import verdicts
from batcher.sandbox.call import Call
from batcher.sandbox.job import REQUIRED_OPTIONS, Job, JobState, job_document_id, job_list_id
from batcher.sandbox.prices import breakdown, dollars, price_of_job
from batcher.sandbox.production import ERROR_MESSAGE
from batcher.sandbox.reply import Fields, Reply, refusal
from batcher.sandbox.world import World


def show_status(world: World, call: Call) -> Reply:
    """
    Where the job stands, as a number in the tag that elsewhere holds the return code.

    The documents show HTTP 201 even for this GET, and say that later states have more fields (check job status).
    """
    # What the remote says of a deleted job is not documented.
    shown = world.settings.deleted_jobs == "shown"
    job = world.jobs.get(call.ids[0]) if shown else world.job(call.ids[0])
    if job is None:
        return refusal("job", verdicts.JOB_NOT_FOUND)
    state = world.state_of_job(job, call.now)
    fields: Fields = (
        ("id", job.id),
        ("status", int(state)),
        ("description", state.description),
        ("statusUrl", call.job_url(job.id)),
    )
    return Reply(201, "job", (*fields, ("errorMessage", ERROR_MESSAGE)) if state is JobState.ERROR else fields)


def show_info(world: World, call: Call) -> Reply:
    """
    All about a job (API reference, job information).

    It names the document and the list but has the ids of the job's own copies only.
    """
    job = world.job(call.ids[0])
    if job is None:
        return refusal("job", verdicts.JOB_NOT_FOUND)
    address_list = world.address_lists.get(job.address_id)
    options: Fields = tuple(zip((*REQUIRED_OPTIONS, "mailClass"), job.options, strict=True))
    return Reply(
        200,
        "job",
        (
            ("id", job.id),
            ("document", document_name(world, job)),
            ("addressList", address_list.name if address_list else f"List {job.address_id}"),
            ("jobDocumentId", job_document_id(job.id)),
            ("jobAddressId", job_list_id(job.id)),
            *options,
            ("noOfPieces", job.pieces),
            ("cost", dollars(price_of_job(job).total_cents)),
            ("jobStatus", world.state_of_job(job, call.now).name),
            ("dateUpdated", timestamp(job.submitted_at or job.created_at)),
            ("product", job.options.document_class),
            ("addressMappingId", address_list.mapping_id if address_list else 1),
        ),
    )


def show_cost(world: World, call: Call) -> Reply:
    """What it costs; with ``details`` in its parts (API reference, check job cost)."""
    job = world.job(call.ids[0])
    if job is None:
        return refusal("job", verdicts.JOB_NOT_FOUND)
    price = price_of_job(job)
    fields: Fields = (
        ("id", job.id),
        ("status", 0),
        ("description", "Success"),
        ("cost", dollars(price.total_cents)),
        ("totalTax", 0.0),
    )
    detailed = call.parameters.get("details", "").lower() not in ("", "false", "no", "0")
    return Reply(200, "job", (*fields, *breakdown(job.options, price)) if detailed else fields)


def document_name(world: World, job: Job) -> str:
    """What its document is called; one made elsewhere goes by its number."""
    document = world.documents.get(job.document_id)
    return document.name if document else f"Document {job.document_id}"


def timestamp(seconds: float) -> str:
    """A moment as the emulator's replies show it; the vendor's form is not documented."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
