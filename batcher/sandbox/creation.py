"""POST /jobs and POST /jobs/{id}/update."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from batcher.sandbox import verdicts
from batcher.sandbox.call import Call
from batcher.sandbox.job import REQUIRED_OPTIONS, Job, JobState, job_of_document, job_of_list, print_options
from batcher.sandbox.parameters import number_in
from batcher.sandbox.reply import Reply, refusal
from batcher.sandbox.validity import find_fault, names_list
from batcher.sandbox.world import World


def create_job(world: World, call: Call) -> Reply:
    """
    Make the job, or say in the vendor's words why not.

    The signature is no key: the same one again makes another job.
    """
    parameters = call.parameters
    verdict = find_fault(parameters, world, call.now)
    if verdict is not None:
        return refusal("job", verdict)
    document_id, address_id = _materials(parameters, world)
    pieces, international = _pieces(parameters, world, address_id)
    job = Job(
        id=world.next_job_id(),
        signature=parameters.get("appSignature", ""),
        document_id=document_id,
        address_id=address_id,
        options=print_options(parameters),
        pieces=pieces,
        international=international,
        project_id=number_in(parameters, "projectId"),
        mailing_date=parameters.get("mailingDate", ""),
        created_at=call.now,
    )
    world.record(job)
    return _done(call, job, "Created")


def update_job(world: World, call: Call) -> Reply:
    """Change a draft. What is not given stays as it is; the signature stays in any case."""
    job = world.jobs.get(call.ids[0])
    if job is None:
        return refusal("job", verdicts.JOB_NOT_FOUND)
    if job.state is not JobState.EDITING:
        return refusal("job", verdicts.impermissible_state(job.id))
    parameters = {**_parameters_of(job), **call.parameters}
    verdict = find_fault(parameters, world, call.now)
    if verdict is not None:
        return refusal("job", verdict)
    document_id, address_id = _materials(parameters, world)
    pieces, international = _pieces(parameters, world, address_id)
    job = replace(
        job,
        document_id=document_id,
        address_id=address_id,
        options=print_options(parameters),
        pieces=pieces,
        international=international,
        project_id=number_in(parameters, "projectId"),
        mailing_date=parameters["mailingDate"],
    )
    world.record(job)
    return _done(call, job, "Success")


def _materials(parameters: Mapping[str, str], world: World) -> tuple[int, int]:
    """The document and the list a job is made of; where it names another job's copies, the originals of those."""
    document_id = number_in(parameters, "documentId")
    if not document_id:
        document_id = world.jobs[job_of_document(number_in(parameters, "jobDocumentId"))].document_id
    address_id = number_in(parameters, "addressId")
    if not address_id and names_list(parameters):
        address_id = world.jobs[job_of_list(number_in(parameters, "jobAddressId"))].address_id
    return document_id, address_id


def _pieces(parameters: Mapping[str, str], world: World, address_id: int) -> tuple[int, int]:
    """How many letters it will become, and how many of them go abroad."""
    uploaded = world.address_lists.get(address_id)
    if uploaded is not None:
        return uploaded.addresses, uploaded.international
    # How long a list made elsewhere is cannot be known here; one letter a list is what a campaign has.
    return number_in(parameters, "quantity") or 1, 0


def _parameters_of(job: Job) -> dict[str, str]:
    return {
        **dict(zip((*REQUIRED_OPTIONS, "mailClass"), job.options, strict=True)),
        "documentId": str(job.document_id),
        "addressId": str(job.address_id or ""),
        "quantity": str(job.pieces),
        "projectId": str(job.project_id or ""),
        "mailingDate": job.mailing_date,
    }


def _done(call: Call, job: Job, description: str) -> Reply:
    fields = (("id", job.id), ("status", 0), ("description", description), ("statusUrl", call.job_url(job.id)))
    return Reply(201, "job", fields)
