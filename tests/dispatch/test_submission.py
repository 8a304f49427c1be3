"""Submitting: no job twice, whatever gets lost on the way; money is asked for once."""

from __future__ import annotations

import pytest

from batcher.core.errors import ConfigError, Exit
from batcher.core.job import JobStatus, RemoteState
from batcher.core.outcome import Fault, FaultKind, Reply
from batcher.core.states import Stage
from batcher.core.tally import StopReason
from batcher.dispatch.resolve import resolve_row
from batcher.dispatch.stages.submission import Submission

from .conftest import Box
from .drafts import (
    COST_MICROS,
    EDGE_PAGE_AFTER,
    FAILED_AFTER,
    FAILED_BEFORE,
    LOST_AFTER,
    LOST_BEFORE,
    PAYMENT,
    THROTTLED,
    Act,
    DraftRemote,
    acts_late,
    begin,
    create,
    submit,
    work_on,
)


def posts(remote: DraftRemote, job_id: int) -> int:
    return remote.asked_to.count(("submit", job_id))


async def test_every_created_job_is_submitted_once(box: Box) -> None:
    remote = await create(box, 6)

    summary = await submit(box)

    assert summary.exit_code is Exit.OK
    assert summary.counts == {"submitted": 6}
    assert set(remote.charged.values()) == {1}
    assert box.campaign is not None
    spent = await box.ledger.spent(box.campaign)
    assert (spent.jobs, spent.micros, spent.unknown) == (6, 6 * COST_MICROS, 0)


async def test_again_nothing_is_submitted(box: Box) -> None:
    remote = await create(box, 3)
    await submit(box)
    remote.asked_to.clear()

    summary = await submit(box)

    assert (summary.exit_code, remote.asked_to) == (Exit.OK, [])


@pytest.mark.parametrize("act", [LOST_AFTER, FAILED_AFTER, EDGE_PAGE_AFTER])
async def test_a_lost_reply_is_asked_for_and_not_sent_again(box: Box, act: Act) -> None:
    remote = await create(box, 4)
    remote.acts[5002].append(act)

    summary = await submit(box)

    assert summary.counts == {"submitted": 4}
    assert posts(remote, 5002) == 1
    assert remote.charged[5002] == 1


@pytest.mark.parametrize(("act", "wait_s"), [(LOST_BEFORE, 300.0), (FAILED_BEFORE, 1.0)])
async def test_a_job_that_is_still_a_draft_is_submitted_again_after_its_time(box: Box, act: Act, wait_s: float) -> None:
    """Rule 4: silence needs --settle, a failure that the remote reports only the measured lag."""
    remote = await create(box, 4)
    remote.acts[5002].append(act)
    began = box.clock.time

    summary = await submit(box)

    assert summary.counts == {"submitted": 4}
    assert (posts(remote, 5002), remote.charged[5002]) == (2, 1)
    assert wait_s <= box.clock.time - began


async def test_a_submit_that_comes_through_late_is_not_made_again(box: Box) -> None:
    remote = await create(box, 3)
    remote.acts[5001].append(acts_late(250.0))

    summary = await submit(box)

    assert summary.counts == {"submitted": 3}
    assert (posts(remote, 5001), remote.charged[5001]) == (1, 1)


async def test_a_status_that_lags_behind_is_waited_for(box: Box) -> None:
    remote = await create(box, 3)
    remote.status_lag_s = 40.0
    remote.acts[5003].append(FAILED_AFTER)

    summary = await submit(box)

    assert summary.counts == {"submitted": 3}
    assert (posts(remote, 5003), remote.charged[5003]) == (1, 1)


async def test_throttled_is_sent_again(box: Box) -> None:
    remote = await create(box, 2)
    remote.acts[5001].extend([THROTTLED, THROTTLED])

    assert (await submit(box)).counts == {"submitted": 2}
    assert remote.charged[5001] == 1


async def test_a_job_that_somebody_submitted_by_hand_is_submitted(box: Box) -> None:
    remote = await create(box, 2)
    remote.states[5002] = RemoteState.AWAITING_PRODUCTION

    summary = await submit(box)

    assert summary.counts == {"submitted": 2}
    assert remote.charged == {5001: 1}


@pytest.mark.parametrize("state", [RemoteState.CANCELLED, RemoteState.DELETED, RemoteState.ERROR])
async def test_a_job_that_can_not_be_submitted_any_more_is_rejected(box: Box, state: RemoteState) -> None:
    remote = await create(box, 2)
    remote.states[5002] = state

    summary = await submit(box)

    assert summary.exit_code is Exit.REJECTED
    assert summary.counts == {"submitted": 1, "rejected": 1}


@pytest.mark.parametrize(
    "refusal",
    [
        Reply(http_status=200, code=2, description="payment not authorized"),
        Reply(http_status=400, code=9, description="Not sufficient credit balance. Please buy more credit"),
    ],
)
async def test_a_payment_that_is_refused_stops_the_stage_and_leaves_the_rest(box: Box, refusal: Reply) -> None:
    remote = await create(box, 20)
    remote.acts[5003].append(Act(refusal, does=False))

    summary = await submit(box, concurrency=1)

    assert (summary.exit_code, summary.stopped_by) == (Exit.REFUSED, StopReason.PAYMENT)
    assert summary.counts == {"submitted": 2, "created": 18}
    assert (await submit(box)).counts == {"submitted": 20}
    assert set(remote.charged.values()) == {1}


async def test_credit_that_runs_out_in_the_middle_and_is_topped_up(box: Box) -> None:
    remote = await create(box, 10)
    remote.credit_micros = 4 * COST_MICROS

    first = await submit(box)
    remote.credit_micros = 6 * COST_MICROS
    second = await submit(box)

    assert (first.exit_code, first.counts) == (Exit.REFUSED, {"submitted": 4, "created": 6})
    assert (second.exit_code, second.counts) == (Exit.OK, {"submitted": 10})
    assert remote.charged == dict.fromkeys(range(5001, 5011), 1)


async def test_a_reply_about_another_job_is_no_success(box: Box) -> None:
    remote = await create(box, 2)
    remote.acts[5001].append(Act(Reply(http_status=201, code=0, job_id=5002, description="Success"), does=False))

    summary = await submit(box)

    assert summary.counts == {"submitted": 2}
    assert remote.charged == {5001: 1, 5002: 1}


async def test_a_status_that_nobody_understands_holds_the_row(box: Box) -> None:
    remote = await create(box, 2)
    remote.acts[5001].append(LOST_BEFORE)
    remote.status_of = lambda job_id: JobStatus(job_id=job_id, state=None, words="On the moon")

    summary = await submit(box)

    assert summary.exit_code is Exit.IN_DOUBT
    assert summary.counts == {"submitted": 1, "held": 1}
    assert posts(remote, 5001) == 1


async def test_a_status_that_does_not_change_is_not_believed(box: Box) -> None:
    """The remote said yes to a job and calls it a draft ever after: a doubtful one is not submitted again."""
    remote = await create(box, 3)
    remote.acts[5002].append(LOST_AFTER)
    remote.status_of = lambda job_id: JobStatus(job_id=job_id, state=RemoteState.EDITING, words="Editing")

    summary = await submit(box)

    assert summary.counts == {"submitted": 2, "held": 1}
    assert posts(remote, 5002) == 1


async def test_what_a_dead_run_was_about_to_submit_is_asked_for(box: Box) -> None:
    remote = await create(box, 3)
    await begin(box, Stage.SUBMIT)
    remote.acts[5001].append(Act(Fault(kind=FaultKind.TIMEOUT), after_s=10_000.0))
    box.clock.time += 0.0

    async def first() -> None:
        await work_on(box, Submission(PAYMENT), drain_timeout_s=0.0, max_duration_s=5.0)

    await first()
    summary = await submit(box)

    assert summary.counts == {"submitted": 3}
    assert remote.charged == {5001: 1, 5002: 1, 5003: 1}
    assert posts(remote, 5001) == 1


async def test_the_stage_begins_only_for_rows_that_are_created(box: Box) -> None:
    remote = DraftRemote(box.clock)
    box.remote = remote
    await box.load(4)
    assert box.campaign is not None
    from tests.scripted import Step

    remote.scripts[box.signature(2)].append(
        Step(Reply(http_status=400, code=9, description="One of the required parameters is missing."), creates=False)
    )
    await box.run()

    assert await begin(box, Stage.SUBMIT) == 3
    summary = await submit(box)

    assert summary.counts == {"submitted": 3, "rejected": 1}
    assert summary.exit_code is Exit.OK
    assert len(remote.asked_to) == 3


async def test_only_so_many_rows(box: Box) -> None:
    await create(box, 5)
    assert await begin(box, Stage.SUBMIT, through=2) == 2

    summary = await work_on(box, Submission(PAYMENT), limit=2)

    assert summary.counts == {"submitted": 2, "created": 3}
    assert (summary.exit_code, summary.stopped_by) == (Exit.STOPPED, StopReason.LIMIT)


async def test_bad_credentials_leave_the_rest_created(box: Box) -> None:
    remote = await create(box, 3)
    remote.acts[5001].append(Act(Reply(http_status=401), does=False))

    summary = await submit(box, concurrency=1)

    assert (summary.exit_code, summary.counts) == (Exit.REFUSED, {"created": 3})


async def test_a_person_settles_a_held_submit(box: Box) -> None:
    remote = await create(box, 3)
    for job_id in (5001, 5002):
        remote.acts[job_id].append(LOST_BEFORE)
    remote.status_of = lambda job_id: JobStatus(job_id=job_id, state=None, words="On the moon")
    assert (await submit(box)).counts == {"submitted": 1, "held": 2}
    assert box.campaign is not None

    async def resolve(number: int, job_id: int | None) -> None:
        assert box.campaign is not None
        await resolve_row(box.ledger, box.campaign, number=number, key=None, job_id=job_id, now="now")

    with pytest.raises(ConfigError, match="row 1 has job 5001: give that id, or --not-made"):
        await resolve(1, 4711)
    await resolve(1, 5001)
    await resolve(2, None)
    _, counts = await box.ledger.counts(box.campaign)
    assert counts == {"submitted": 2, "created": 1}
    remote.status_of = lambda job_id: None
    assert (await submit(box)).counts == {"submitted": 3}
    assert posts(remote, 5001) == 1


async def test_a_smaller_bill_after_a_larger_one_that_was_stopped(box: Box) -> None:
    remote = await create(box, 6)
    assert await begin(box, Stage.SUBMIT) == 6

    assert await begin(box, Stage.SUBMIT, through=2) == 2
    summary = await work_on(box, Submission(PAYMENT), limit=2)

    assert (summary.exit_code, summary.counts) == (Exit.STOPPED, {"submitted": 2, "created": 4})
    assert remote.charged == {5001: 1, 5002: 1}
