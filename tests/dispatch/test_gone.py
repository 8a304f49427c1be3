"""Rows that may be jobs and are gone from the manifest: settled like others, and not sent again."""

from __future__ import annotations

from batcher.core.errors import Exit
from batcher.core.outcome import Reply
from batcher.core.retry import OnDoubt, RetryPolicy
from batcher.ledger.staging import Staging
from tests.dispatch.conftest import Box, manifest_row
from tests.scripted import silence


async def in_doubt_and_gone(box: Box, *, created: bool) -> None:
    """A campaign of three rows: the second is in doubt, and no longer in the manifest."""
    await box.load(3)
    box.remote.scripts[box.signature(2)].append(silence(creates=created))
    await box.run(wait=False)

    def without_the_second(staging: Staging) -> None:
        assert box.campaign is not None
        staging.add([manifest_row(1), manifest_row(3)])
        staging.amend(box.campaign)

    await box.ledger.load(without_the_second)


async def test_a_row_that_is_gone_and_no_job_is_withdrawn_and_not_sent_again(box: Box) -> None:
    await in_doubt_and_gone(box, created=False)

    summary = await box.run()

    assert (summary.exit_code, summary.counts) == (Exit.OK, {"created": 2, "withdrawn": 1})
    assert box.remote.posts.count(box.signature(2)) == 1


async def test_a_row_that_is_gone_and_a_job_is_created(box: Box) -> None:
    await in_doubt_and_gone(box, created=True)

    summary = await box.run()

    assert (summary.exit_code, summary.counts) == (Exit.OK, {"created": 3})


async def test_a_row_that_is_gone_is_not_sent_again_under_resend_either(box: Box) -> None:
    await in_doubt_and_gone(box, created=False)
    box.remote.lookup = lambda signature: Reply(http_status=404)

    summary = await box.run(retry=RetryPolicy(on_doubt=OnDoubt.RESEND))

    assert (summary.counts, summary.duplicates.possible) == ({"created": 2, "withdrawn": 1}, 0)
    assert box.remote.posts.count(box.signature(2)) == 1
