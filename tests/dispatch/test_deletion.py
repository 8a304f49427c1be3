"""Deleting drafts: everything that was created goes, and nothing that was ordered."""

from __future__ import annotations

from typing import Any

import pytest

from batcher.core.errors import Exit
from batcher.core.job import RemoteState
from batcher.core.outcome import Reply
from batcher.core.states import Stage
from batcher.ledger.records import Comparison

from .conftest import Box, manifest_row
from .drafts import (
    FAILED_AFTER,
    FAILED_BEFORE,
    LOST_AFTER,
    LOST_BEFORE,
    THROTTLED,
    Act,
    begin,
    create,
    delete,
    submit,
)


async def test_every_draft_is_deleted(box: Box) -> None:
    remote = await create(box, 5)

    summary = await delete(box)

    assert (summary.exit_code, summary.counts) == (Exit.OK, {"deleted": 5})
    assert set(remote.states.values()) == {RemoteState.DELETED}


@pytest.mark.parametrize("act", [LOST_AFTER, LOST_BEFORE, FAILED_AFTER, FAILED_BEFORE, THROTTLED])
async def test_whatever_gets_lost(box: Box, act: Act) -> None:
    remote = await create(box, 3)
    remote.acts[5002].append(act)

    assert (await delete(box)).counts == {"deleted": 3}
    assert set(remote.states.values()) == {RemoteState.DELETED}


async def test_what_was_submitted_is_left_alone(box: Box) -> None:
    remote = await create(box, 4)
    assert await begin(box, Stage.SUBMIT, through=2) == 2
    await submit(box)

    assert await begin(box, Stage.DELETE) == 0
    summary = await delete(box)

    assert summary.counts == {"submitted": 4}
    assert not [verb for verb, _ in remote.asked_to if verb == "delete"]


async def test_a_job_that_a_person_ordered_is_not_called_deleted(box: Box) -> None:
    remote = await create(box, 2)
    remote.states[5001] = RemoteState.ORDERED

    summary = await delete(box)

    assert (summary.exit_code, summary.counts) == (Exit.REJECTED, {"rejected": 1, "deleted": 1})


async def test_what_the_remote_refused_to_submit_can_be_deleted(box: Box) -> None:
    remote = await create(box, 2)
    refusal = Reply(http_status=400, code=9, description="Shipping method information required")
    remote.acts[5001].append(Act(refusal, does=False))
    assert (await submit(box)).counts == {"submitted": 1, "rejected": 1}

    assert (await delete(box)).counts == {"submitted": 1, "deleted": 1}


async def test_jobs_too_many_go_with_their_row(box: Box) -> None:
    remote = await create(box, 2)
    extra = remote.make_job(box.signature(1))
    await box.change(f"UPDATE attempt SET extra_job_ids = '[{extra}]' WHERE row_number = 1")

    summary = await delete(box)

    assert summary.counts == {"deleted": 2}
    assert set(remote.states.values()) == {RemoteState.DELETED}
    assert box.campaign is not None
    assert (await box.ledger.duplicates(box.campaign)).known == 0


async def test_an_extra_job_that_was_ordered_is_told(box: Box) -> None:
    remote = await create(box, 1)
    extra = remote.make_job(box.signature(1))
    remote.states[extra] = RemoteState.ORDERED
    await box.change(f"UPDATE attempt SET extra_job_ids = '[{extra}]' WHERE row_number = 1")

    summary = await delete(box)

    assert summary.counts == {"rejected": 1}
    assert remote.states[5001] is RemoteState.DELETED


async def test_an_extra_job_is_never_submitted(box: Box) -> None:
    remote = await create(box, 1)
    extra = remote.make_job(box.signature(1))
    await box.change(f"UPDATE attempt SET extra_job_ids = '[{extra}]' WHERE row_number = 1")

    assert (await submit(box)).counts == {"submitted": 1}
    assert remote.charged == {5001: 1}


async def test_a_deleted_row_is_created_anew_under_another_signature(box: Box) -> None:
    remote = await create(box, 2)
    await delete(box)
    remote.posts.clear()
    assert box.campaign is not None

    assert (await box.run()).counts == {"deleted": 2}
    assert remote.posts == []
    assert await box.ledger.create_anew(box.campaign) == 2
    assert (await box.run()).counts == {"created": 2}
    assert set(remote.posts).isdisjoint({box.signature(1), box.signature(2)})
    assert (await submit(box)).counts == {"submitted": 2}
    assert sum(remote.charged.values()) == 2


async def test_deleted_rows_in_an_amended_manifest_are_told_once(box: Box) -> None:
    """Row 1 is as it was, row 2 has changed, row 3 is gone; all of them were deleted, and stay so."""
    await create(box, 3)
    await delete(box)
    campaign = box.campaign
    assert campaign is not None
    manifest = [manifest_row(1), manifest_row(2, digest=b"x" * 16, parameters={"documentId": "77"})]

    def compare(staging: Any) -> Comparison:
        staging.add(manifest)
        return staging.compare(campaign)

    def amend(staging: Any) -> None:
        staging.add(manifest)
        staging.amend(campaign)

    before = await box.ledger.load(compare)
    await box.ledger.load(amend)
    after = await box.ledger.load(compare)

    assert (before.changed, before.gone, before.conflict_count, before.gone_sent_count) == (1, 1, 0, 0)
    assert (after.changed, after.gone) == (0, 0)
    _, counts = await box.ledger.counts(campaign)
    assert counts == {"deleted": 3}
    assert await box.ledger.create_anew(campaign) == 2
    rows = await box.ledger.claim(campaign, Stage.CREATE, after=0, limit=9)
    assert [(row.number, row.parameters.get("documentId")) for row in rows] == [(1, "1001"), (2, "77")]
