"""Asking where submitted jobs stand: some at a time, those asked longest ago first, and nothing else changes."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from batcher.core.errors import Exit
from batcher.core.job import CostAnswer, JobAnswer, JobStatus, RemoteState
from batcher.core.outcome import Answer, Fault, FaultKind, Reply
from batcher.core.pace import Pace
from batcher.core.states import Stage
from batcher.core.tally import StopReason, exit_of_stop
from batcher.dispatch.asking import Asking
from batcher.dispatch.billing import read_bill
from batcher.dispatch.stages.submission import Submission
from batcher.dispatch.stop import Stop
from batcher.dispatch.tracking import Tracked, track
from batcher.ledger.job_records import Whereabouts
from tests.scripted import CREDIT

from .conftest import Box
from .drafts import LOST_AFTER, PAYMENT, DraftRemote, begin, create, submit, work_on

NOT_FOUND = Reply(http_status=200, code=1, description="Job ID not found")


class Watched(DraftRemote):
    """``reads`` are the jobs that were asked for, in order; those in ``hung`` get no answer, ever."""

    reads: list[int]
    read_at: list[float]
    hung: frozenset[int] = frozenset()

    def listen(self) -> None:
        self.reads, self.read_at = [], []

    async def status(self, job_id: int) -> JobAnswer:
        self.reads.append(job_id)
        self.read_at.append(self.clock.time)
        if job_id in self.hung:
            await asyncio.Event().wait()
        return await super().status(job_id)


def watch(remote: DraftRemote) -> Watched:
    remote.__class__ = Watched
    assert isinstance(remote, Watched)
    remote.listen()
    return remote


async def submitted(box: Box, rows: int) -> Watched:
    """A campaign whose jobs are submitted; job 5000 + n is row n's."""
    remote = watch(await create(box, rows))
    await submit(box)
    remote.listen()
    remote.asked.clear()
    return remote


def asking_of(box: Box, **changes: Any) -> Asking:
    box.stop = Stop()
    box.events.clear()
    plan = replace(box.plan, **changes)
    return Asking(
        clock=box.clock,
        emit=box.events.append,
        pace=Pace(plan.rate_per_s),
        stop=box.stop,
        at_once=plan.concurrency,
        max_outage_s=plan.max_outage_s,
    )


async def ask(box: Box, limit: int = 1000, **changes: Any) -> Tracked:
    await box.clock.sleep(60.0)
    return await ask_now(box, limit, **changes)


async def ask_now(box: Box, limit: int = 1000, **changes: Any) -> Tracked:
    assert box.campaign is not None
    return await track(
        asking_of(box, **changes),
        box.ledger,
        box.remote,
        box.campaign,
        limit=limit,
        now=box.clock.now,
        emit=box.events.append,
        stop=box.stop,
    )


async def seen(box: Box) -> Whereabouts:
    assert box.campaign is not None
    return await box.ledger.whereabouts(box.campaign)


async def test_every_submitted_job_is_asked_for_once(box: Box) -> None:
    remote = await submitted(box, 6)
    remote.states[5002], remote.states[5003] = RemoteState.MAILED, RemoteState.AWAITING_PRODUCTION

    tracked = await ask(box)

    assert tracked == Tracked(asked=6)
    assert Counter(remote.reads) == Counter(list(remote.states))
    assert (await seen(box)).counts == {"ordered": 4, "awaiting_production": 1, "mailed": 1}
    assert await box.states() == {number: ("done", 5000 + number) for number in range(1, 7)}


async def test_so_many_at_most_and_the_next_call_goes_on(box: Box) -> None:
    remote = await submitted(box, 5)

    first = await ask(box, 2, concurrency=1)
    second = await ask(box, 2, concurrency=1)
    third = await ask(box, 2, concurrency=1)

    assert remote.reads == [5001, 5002, 5003, 5004, 5005, 5001]
    assert [(each.asked, each.not_asked) for each in (first, second, third)] == [(2, 3), (2, 3), (2, 3)]


async def test_jobs_at_rest_are_not_asked_for_again(box: Box) -> None:
    remote = await submitted(box, 4)
    remote.states[5001], remote.states[5002] = RemoteState.MAILED, RemoteState.CANCELLED
    remote.states[5003] = RemoteState.DELETED
    await ask(box)
    remote.listen()

    tracked = await ask(box)

    assert (remote.reads, tracked) == ([5004], Tracked(asked=1))


async def test_where_nothing_is_to_ask_nobody_is_asked(box: Box) -> None:
    remote = await submitted(box, 1)
    remote.states[5001] = RemoteState.MAILED
    await ask(box)
    remote.asked.clear()
    remote.listen()

    assert await ask(box) == Tracked()
    assert (remote.reads, remote.asked) == ([], [])


async def test_rows_in_doubt_and_drafts_are_not_asked_for(box: Box) -> None:
    remote = watch(await create(box, 3))
    remote.acts[5001].append(LOST_AFTER)
    remote.status_of = lambda job_id: JobStatus(job_id=job_id, state=None, words="On the moon")
    await begin(box, Stage.SUBMIT, through=2)
    await work_on(box, Submission(PAYMENT))
    remote.status_of = lambda job_id: None
    before = await box.states()
    assert [state for state, _ in before.values()] == ["held", "done", "done"]
    remote.listen()

    await ask(box)

    assert remote.reads == [5002]
    assert await box.states() == before


async def test_a_draft_and_an_unknown_job_are_told_and_change_no_row(box: Box) -> None:
    remote = await submitted(box, 4)
    said: dict[int, JobAnswer] = {
        5001: JobStatus(job_id=5001, state=RemoteState.EDITING, words="Editing"),
        5002: NOT_FOUND,
        5003: JobStatus(job_id=5003, state=RemoteState.ERROR, words="Error", error="no paper"),
        5004: JobStatus(job_id=5004, state=None, words="On the moon"),
    }
    remote.status_of = said.get
    before = await box.states()

    tracked = await ask(box)

    assert tracked.words == {2: "HTTP 200, code 1: Job ID not found", 3: "no paper", 4: "On the moon"}
    assert (await seen(box)).counts == {"editing": 1, "error": 1, "not_found": 1, "not_understood": 1}
    assert await box.states() == before


async def test_a_job_that_is_not_answered_waits_for_its_next_turn(box: Box) -> None:
    remote = await submitted(box, 3)
    await ask(box)
    remote.status_of = lambda job_id: Fault(kind=FaultKind.CUT, detail="half a page") if job_id == 5001 else None
    remote.listen()

    tracked = await ask(box, retry=replace(box.plan.retry, max_attempts=2))

    assert (tracked.asked, tracked.unanswered, tracked.silence) == (3, 1, "cut: half a page")
    assert (await seen(box)).counts == {"ordered": 3}
    remote.listen()
    await ask(box, 2, retry=replace(box.plan.retry, max_attempts=1), concurrency=1)
    assert set(remote.reads) == {5001, 5002}


async def test_the_pace_holds_for_questions(box: Box) -> None:
    remote = await submitted(box, 5)

    await ask(box, rate_per_s=1.0)

    assert remote.read_at[-1] - remote.read_at[0] == pytest.approx(4.0)


async def test_the_remote_is_left_alone_for_as_long_as_it_asks(box: Box) -> None:
    remote = await submitted(box, 3)
    throttled: list[JobAnswer] = [Reply(http_status=429, retry_after_s=50.0)]
    remote.status_of = lambda job_id: throttled.pop() if throttled else None

    await ask(box, concurrency=1)

    assert (remote.read_at[1] - remote.read_at[0]) >= 50.0
    assert (await seen(box)).counts == {"ordered": 3}


@pytest.mark.parametrize(
    ("credit", "code"),
    [
        (Reply(http_status=401), Exit.REFUSED),
        (Reply(http_status=403), Exit.REFUSED),
        (Reply(http_status=404), Exit.USAGE),
        (Reply(http_status=302), Exit.USAGE),
        (Fault(kind=FaultKind.TLS, detail="no certificate"), Exit.USAGE),
        (Fault(kind=FaultKind.DNS, detail="no such name"), Exit.USAGE),
        (Fault(kind=FaultKind.CONNECT, detail="refused"), Exit.FAILED),
        (Reply(http_status=502), Exit.FAILED),
    ],
)
async def test_where_the_account_is_not_open_no_job_is_asked_for(box: Box, credit: Answer, code: Exit) -> None:
    remote = await submitted(box, 3)
    remote.credit_answer = credit

    tracked = await ask(box, max_outage_s=30.0)

    assert box.stop.reason is not None
    assert exit_of_stop(box.stop.reason) is code
    assert (remote.reads, tracked, set(remote.asked)) == ([], Tracked(not_asked=3), {CREDIT})
    assert await seen(box) == Whereabouts(unread=3)


async def test_a_password_that_is_changed_meanwhile_stops_it_and_what_was_read_is_kept(box: Box) -> None:
    remote = await submitted(box, 9)
    remote.status_of = lambda job_id: Reply(http_status=401) if job_id >= 5004 else None

    tracked = await ask(box, concurrency=1)

    assert box.stop.reason is StopReason.CREDENTIALS
    assert tracked == Tracked(asked=3, not_asked=6)
    assert len(remote.reads) < 9
    assert ((await seen(box)).counts, (await seen(box)).unread) == ({"ordered": 3}, 6)


async def test_an_outage_ends_it_and_what_was_read_is_kept(box: Box) -> None:
    remote = await submitted(box, 4)
    remote.status_of = lambda job_id: None if job_id == 5001 else Fault(kind=FaultKind.RESET)

    tracked = await ask(box, concurrency=1, max_outage_s=120.0)

    assert box.stop.reason is StopReason.OUTAGE
    assert tracked == Tracked(asked=1, not_asked=3)
    assert (await seen(box)).counts == {"ordered": 1}


async def test_asked_to_stop_it_waits_for_nothing(box: Box) -> None:
    """Not for the pace, and not for what is in flight."""
    remote = await submitted(box, 6)
    remote.hung = frozenset({5001})
    began = box.clock.time

    def stop_at_the_third(job_id: int) -> JobAnswer | None:
        if len(remote.reads) == 3:
            box.stop.request(StopReason.SIGTERM)
        return None

    remote.status_of = stop_at_the_third
    tracked = await ask(box, concurrency=2, rate_per_s=0.01)

    assert len(remote.reads) == 3
    assert box.clock.time - began == pytest.approx(60.0 + 3 * 100.0)
    assert (await seen(box)).counts == {"ordered": tracked.asked}
    assert tracked.asked in {1, 2}


async def test_asked_to_stop_a_bill_waits_for_nothing_either(box: Box) -> None:
    """A page of prices at a slow pace takes minutes."""
    remote = await create(box, 50)
    asked: list[int] = []

    async def cost(job_id: int, billing_type: str) -> CostAnswer:
        asked.append(job_id)
        box.stop.request(StopReason.SIGINT)
        return await DraftRemote.cost(remote, job_id, billing_type)

    remote.cost = cost  # type: ignore[method-assign]
    assert box.campaign is not None
    await read_bill(
        asking_of(box, rate_per_s=0.1),
        box.ledger,
        remote,
        box.campaign,
        "User Credit",
        limit=None,
        emit=box.events.append,
        stop=box.stop,
    )

    assert len(asked) == 1


async def test_each_question_is_told_as_it_is_answered(box: Box) -> None:
    await submitted(box, 3)

    await ask(box, 2)

    assert [(event.jobs, event.total) for event in box.named("states.read")] == [(1, 2), (2, 2)]  # type: ignore[attr-defined]
