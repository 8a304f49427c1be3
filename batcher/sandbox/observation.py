"""
Looking at the emulator from outside the API, for tests and for people.

``GET /_sandbox/stats`` has the counts, ``GET /_sandbox/jobs`` every job as a line of JSON.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from aiohttp import web

from batcher.sandbox.job import Job
from batcher.sandbox.world import World

_LINES_A_WRITE = 1000


@dataclass(slots=True)
class Tally:
    """What was asked of this process, and what it got wrong on purpose."""

    calls: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)


def watch(app: web.Application, world: World, tally: Tally, clock: Callable[[], float]) -> None:
    """Add the two pages; they ask for no credentials, know no faults, and are not counted."""
    app.router.add_get("/_sandbox/stats", partial(show_stats, world, tally, clock))
    app.router.add_get("/_sandbox/jobs", partial(stream_jobs, world, clock))


async def show_stats(world: World, tally: Tally, clock: Callable[[], float], _request: web.Request) -> web.Response:
    """The counts, as JSON."""
    return web.json_response(stats(world, tally, clock()))


def stats(world: World, tally: Tally, now: float) -> dict[str, object]:
    """
    The counts, and the money.

    ``calls``, ``faults``, ``jobs_created`` and ``repeated_submits`` are of this process, the others of the world it was
    started with too. Deleted jobs count as jobs: they were made. ``charged_cents`` is what was taken for jobs, however
    it was paid; ``repeated_submits`` counts the submits that came to a job that was submitted already.
    """
    jobs = world.jobs.values()
    return {
        "calls": dict(tally.calls),
        "faults": dict(tally.faults),
        "jobs": len(world.jobs),
        "jobs_created": world.jobs_created,
        "jobs_by_state": dict(Counter(world.state_of_job(job, now).name for job in jobs)),
        "repeated_signatures": world.repeated_signatures,
        "repeated_submits": world.repeated_submits,
        "charged_cents": sum(job.charged_cents for job in jobs),
        "credit": world.credit_cents / 100,
    }


async def stream_jobs(world: World, clock: Callable[[], float], request: web.Request) -> web.StreamResponse:
    """Every job there is when it is asked for, the oldest first, deleted ones too."""
    response = web.StreamResponse(headers={"Content-Type": "application/jsonl"})
    await response.prepare(request)
    jobs = list(world.jobs.values())
    for start in range(0, len(jobs), _LINES_A_WRITE):
        await response.write(_lines(world, jobs[start : start + _LINES_A_WRITE], clock()))
    return response


def _lines(world: World, jobs: Iterable[Job], now: float) -> bytes:
    return "".join(
        json.dumps(
            {
                "id": job.id,
                "appSignature": job.signature,
                "documentId": str(job.document_id),
                "addressId": str(job.address_id or ""),
                "state": world.state_of_job(job, now).name,
                "pieces": job.pieces,
                "billingType": job.billing_type,
                "chargedCents": job.charged_cents,
                "submitCalls": world.submit_calls[job.id],
            }
        )
        + "\n"
        for job in jobs
    ).encode()
