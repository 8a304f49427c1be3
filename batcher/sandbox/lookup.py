"""
Listing jobs: by signature, and by date.

How the remote orders a listing and when a new job appears in it is not documented; newest first is likely, and
``lag`` and ``lookup_mode`` of the settings are there to try out the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice

from batcher.sandbox import verdicts
from batcher.sandbox.call import Call
from batcher.sandbox.inquiry import document_name, timestamp
from batcher.sandbox.job import Job
from batcher.sandbox.pages import not_found_page
from batcher.sandbox.parameters import number_in
from batcher.sandbox.reply import Answer, Fields, Reply, refusal
from batcher.sandbox.validity import vendor_day
from batcher.sandbox.world import World

_MOST_JOBS = 100


def list_by_signature(world: World, call: Call) -> Answer:
    """
    The jobs that carry a signature, the newest first; the signature itself is not shown.

    The reference calls the parameter ``appSignature``, a client was seen to send ``appid`` to the sibling of
    this page: either works on both. An unknown signature finds nothing, which is a success.
    """
    signature = call.parameters.get("appSignature") or call.parameters.get("appid") or ""
    match world.settings.lookup_mode:
        case "missing":
            return not_found_page()
        case "empty":
            return _listing(world, call, ())
        case "ignores_query":
            return _listing(world, call, _one_page(world.newest_jobs(call.now), call))
        case "works":
            if not signature:
                return refusal("job", verdicts.PARAMETER_MISSING)
            return _listing(world, call, _one_page(world.jobs_signed(signature, call.now), call))


def list_by_date(world: World, call: Call) -> Answer:
    """
    The jobs made between two days, both included and counted at the vendor's; ``startDate`` is required.

    The remote is known to time out over an unbounded listing; this one has no such limit and sends all.
    """
    try:
        start = date.fromisoformat(call.parameters.get("startDate", ""))
        end = date.fromisoformat(call.parameters.get("endDate") or date.max.isoformat())
    except ValueError:
        return refusal("job", verdicts.PARAMETER_MISSING)
    made = (job for job in world.newest_jobs(call.now) if start <= vendor_day(job.created_at) <= end)
    return _listing(world, call, made)


def _one_page(jobs: Iterable[Job], call: Call) -> Iterator[Job]:
    offset = number_in(call.parameters, "offset")
    size = min(number_in(call.parameters, "numberOfJobs", otherwise=_MOST_JOBS), _MOST_JOBS)
    return islice(jobs, offset, offset + size)


def _listing(world: World, call: Call, jobs: Iterable[Job]) -> Reply:
    entries = [_entry(world, job, call.now) for job in jobs]
    return Reply(200, "job", (("jobList", (("job", entries),)),))


def _entry(world: World, job: Job, now: float) -> Fields:
    return (
        ("id", job.id),
        ("document", document_name(world, job)),
        ("noOfPieces", job.pieces),
        ("submittedDate", timestamp(job.submitted_at) if job.submitted_at else ""),
        ("jobStatus", world.state_of_job(job, now).name),
    )
