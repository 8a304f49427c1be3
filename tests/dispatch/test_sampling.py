"""The look-up goes on being watched while the run works: its lag, and whether it still finds what is there."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from batcher.core.errors import Exit
from batcher.core.look import LONGEST_PAUSE_S
from batcher.core.outcome import FaultKind, Listing, Reply
from batcher.core.patience import Patience
from batcher.core.states import Stage
from tests.dispatch.conftest import Box
from tests.scripted import Step, failure_500, silence


async def test_a_lag_that_grows_while_the_run_works_is_noticed(box: Box) -> None:
    """The first job was listed at once; a minute later listings are slow, and a row is not sent twice for that."""
    await box.load(40)
    box.remote.always = lambda signature: Step(before_s=4.0)
    began = box.clock.time

    def look(signature: str) -> None:
        box.remote.lag_s = 0.0 if box.clock.time < began + 60 else 25.0

    box.remote.lookup = look  # type: ignore[assignment]
    box.remote.scripts[box.signature(40)].append(failure_500(creates=True))

    summary = await box.run(concurrency=1)

    assert (summary.exit_code, box.remote.duplicates) == (Exit.OK, {})
    assert await box.ledger.lag_s(box.campaign.target) >= 25.0  # type: ignore[union-attr, operator]


async def test_a_lag_that_becomes_smaller_while_the_run_works_does_not_count(box: Box) -> None:
    """What was slow once may be slow again: in between listings were quick, and a row is not sent twice for that."""
    await box.load(40)
    box.remote.always = lambda signature: Step(before_s=4.0)
    began = box.clock.time

    def look(signature: str) -> None:
        box.remote.lag_s = 0.0 if began + 60 < box.clock.time < began + 150 else 20.0

    box.remote.lookup = look  # type: ignore[assignment]
    box.remote.scripts[box.signature(40)].append(failure_500(creates=True))

    summary = await box.run(concurrency=1)

    assert (summary.exit_code, box.remote.duplicates) == (Exit.OK, {})


async def test_a_job_that_is_not_found_any_more_takes_the_proof_back(box: Box) -> None:
    """From some moment on nothing is listed: what is absent then may be there all the same."""
    await box.load(40)
    box.remote.always = lambda signature: Step(before_s=4.0)
    began = box.clock.time
    box.remote.lookup = lambda signature: Listing(job_ids=()) if box.clock.time > began + 20 else None
    box.remote.scripts[box.signature(40)].append(silence(creates=True))

    summary = await box.run(concurrency=1, patience=Patience(settle_s=60.0))

    assert (summary.exit_code, summary.counts) == (Exit.IN_DOUBT, {"created": 39, "held": 1})
    assert "a job that exists is not found" in str((await box.attempts(40))[0]["error"])


async def test_samples_are_few(box: Box) -> None:
    await box.load(300)
    box.remote.always = lambda signature: Step(before_s=1.0)

    await box.run(concurrency=1)

    assert len(box.remote.looks) <= 2 + 300 / 30


async def test_looks_keep_to_the_pace_of_everything_else(box: Box) -> None:
    """One request a second, whoever makes it."""
    await box.load(6)
    starts: list[float] = []
    create, find = box.remote.create, box.remote.find

    async def timed_create(*about: object) -> object:
        starts.append(box.clock.time)
        return await create(*about)  # type: ignore[arg-type]

    async def timed_find(signature: str) -> object:
        starts.append(box.clock.time)
        return await find(signature)

    box.remote.create, box.remote.find = timed_create, timed_find  # type: ignore[method-assign, assignment]
    for number in (2, 3, 4):
        box.remote.scripts[box.signature(number)].append(silence(creates=True))

    summary = await box.run(rate_per_s=1.0)

    assert summary.exit_code is Exit.OK
    assert len(starts) >= 6 + 2 + 3
    assert [b - a for a, b in itertools.pairwise(starts) if b - a < 0.999] == []


async def test_a_look_that_is_asked_to_wait_makes_everybody_wait(box: Box) -> None:
    await box.load(4)
    began = box.clock.time
    box.remote.lookup = lambda signature: (
        Reply(http_status=429, retry_after_s=50.0) if box.clock.time < began + 50 else None
    )
    box.remote.always = lambda signature: Step(before_s=1.0)

    await box.run(concurrency=1)

    looks_and_posts = len(box.remote.posts) + len(box.remote.looks)
    assert box.clock.time >= began + 50
    assert looks_and_posts <= 4 + 4


@pytest.mark.parametrize("from_s", [0.0, 5.0], ids=["before the proof", "after it"])
async def test_silence_that_one_run_met_is_not_time_to_settle_in_for_the_next(box: Box, from_s: float) -> None:
    """A run is stopped in the middle of an outage; what the remote is at work on stands still with it."""
    await box.load(1, name="d")
    await box.run()
    await box.load(1)
    began = box.clock.time
    box.remote.scripts[box.signature(1)].append(silence(FaultKind.RESET, creates=False))
    box.remote.lookup = lambda signature: Reply(http_status=503) if box.clock.time > began + from_s else None
    await box.run(max_duration_s=280.0)
    await box.clock.sleep(began + 400 - box.clock.time)
    box.remote.lookup = lambda signature: None

    summary = await box.run(max_duration_s=50.0)

    assert (summary.exit_code, summary.counts) == (Exit.STOPPED, {"in_doubt": 1})
    (doubt,) = await box.ledger.doubts(box.campaign, Stage.CREATE, ("in_doubt",))  # type: ignore[arg-type]
    assert doubt.open_until >= began + 270


async def test_silence_that_a_killed_run_met_is_not_time_to_settle_in_for_the_next(box: Box) -> None:
    """A killed run writes nothing more: what the ledger says in the middle of an outage is what the next run has."""
    await box.load(1, name="d")
    await box.run()
    await box.load(1)
    began = box.clock.time
    box.remote.scripts[box.signature(1)].append(silence(FaultKind.RESET, creates=False))
    box.remote.lookup = lambda signature: Reply(http_status=503) if box.clock.time > began + 5 else None
    run = asyncio.create_task(box.run(max_duration_s=280.0))
    await box.clock.sleep(200.0)

    (doubt,) = await box.ledger.doubts(box.campaign, Stage.CREATE, ("in_doubt",))  # type: ignore[arg-type]
    await run

    assert doubt.open_until >= began + 200 - LONGEST_PAUSE_S - 5


async def test_silence_that_a_row_met_before_it_was_held_is_not_time_to_settle_in(box: Box) -> None:
    await box.load(1)
    began = box.clock.time
    box.remote.scripts[box.signature(1)].append(silence(FaultKind.RESET, creates=False))
    box.remote.lookup = lambda signature: Reply(http_status=503)

    summary = await box.run()

    (doubt,) = await box.ledger.doubts(box.campaign, Stage.CREATE, ("held",))  # type: ignore[arg-type]
    assert summary.counts == {"held": 1}
    assert doubt.open_until > began + 290
