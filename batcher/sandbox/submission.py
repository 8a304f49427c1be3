"""POST /jobs/{id}/submit, the call that spends money."""

from __future__ import annotations

from dataclasses import replace

from batcher.sandbox import verdicts
from batcher.sandbox.billing import USER_CREDIT, find_billing_fault
from batcher.sandbox.call import Call
from batcher.sandbox.job import JobState
from batcher.sandbox.materials import Credit
from batcher.sandbox.prices import breakdown, dollars, price_of_job
from batcher.sandbox.reply import Reply, refusal
from batcher.sandbox.world import World


def submit_job(world: World, call: Call) -> Reply:
    """
    Pay for a job and hand it over to production.

    A refused payment leaves the job a draft, to be submitted again. A second submit finds it is no draft any
    more: the state is all that guards against paying twice.
    """
    job = world.jobs.get(call.ids[0])
    if job is None:
        return refusal("job", verdicts.JOB_NOT_FOUND)
    world.submit_calls[job.id] += 1
    if job.state is not JobState.EDITING:
        world.repeated_submits += job.submitted_at > 0
        return refusal("job", verdicts.impermissible_state(job.id))
    verdict = find_billing_fault(call.parameters)
    if verdict is not None:
        return refusal("job", verdict)
    price = price_of_job(job)
    billing_type = call.parameters["billingType"]
    submitted = replace(
        job,
        state=JobState.ORDER_SUBMITTED,
        billing_type=billing_type,
        submitted_at=call.now,
        charged_cents=price.total_cents,
    )
    if billing_type != USER_CREDIT:
        world.record(submitted)
    elif price.total_cents > world.credit_cents:
        return refusal("job", verdicts.CREDIT_INSUFFICIENT)
    else:
        world.record(submitted, Credit(cents=world.credit_cents - price.total_cents))
    return Reply(
        201,
        "job",
        (
            ("id", job.id),
            ("status", 0),
            ("description", "Success"),
            ("cost", dollars(price.total_cents)),
            *breakdown(job.options, price),
            ("statusUrl", call.job_url(job.id)),
        ),
    )
