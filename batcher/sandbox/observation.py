"""
Looking at the emulator from outside the API, for tests and for people.

``GET /_sandbox/stats`` has the counts, ``GET /_sandbox/jobs`` every job as a line of JSON.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
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


def watch(app: web.Application, world: World, tally: Tally) -> None:
    """Add the two pages; they ask for no credentials, know no faults, and are not counted."""
    app.router.add_get("/_sandbox/stats", partial(show_stats, world, tally))
    app.router.add_get("/_sandbox/jobs", partial(stream_jobs, world))


async def show_stats(world: World, tally: Tally, _request: web.Request) -> web.Response:
    """The counts, as JSON."""
    return web.json_response(stats(world, tally))


def stats(world: World, tally: Tally) -> dict[str, object]:
    """
    The counts.

    ``calls``, ``faults`` and ``jobs_created`` are of this process, the others of the world it was started with too.
    Deleted jobs count as jobs: they were made.
    """
    return {
        "calls": dict(tally.calls),
        "faults": dict(tally.faults),
        "jobs": len(world.jobs),
        "jobs_created": world.jobs_created,
        "jobs_by_state": dict(Counter(job.state.name for job in world.jobs.values())),
        "repeated_signatures": world.repeated_signatures,
        "credit": world.credit_cents / 100,
    }


async def stream_jobs(world: World, request: web.Request) -> web.StreamResponse:
    """Every job there is when it is asked for, the oldest first, deleted ones too."""
    response = web.StreamResponse(headers={"Content-Type": "application/jsonl"})
    await response.prepare(request)
    jobs = list(world.jobs.values())
    for start in range(0, len(jobs), _LINES_A_WRITE):
        await response.write(_lines(jobs[start : start + _LINES_A_WRITE]))
    return response


def _lines(jobs: Iterable[Job]) -> bytes:
    return "".join(
        json.dumps(
            {
                "id": job.id,
                "appSignature": job.signature,
                "documentId": str(job.document_id),
                "addressId": str(job.address_id or ""),
                "state": job.state.name,
            }
        )
        + "\n"
        for job in jobs
    ).encode()
