"""``--on-doubt``: who decides about a row of which the remote may hold a job."""

from __future__ import annotations

import pytest

from batcher.core.errors import Exit
from batcher.core.events import DoubtWaived
from batcher.core.outcome import Reply
from batcher.core.retry import OnDoubt, RetryPolicy
from tests.dispatch.conftest import Box
from tests.scripted import Step, failure_500, silence

HOLD = RetryPolicy(on_doubt=OnDoubt.HOLD)
RESEND = RetryPolicy(on_doubt=OnDoubt.RESEND)


def without_a_look_up(box: Box) -> None:
    box.remote.lookup = lambda signature: Reply(http_status=404)


async def test_hold_leaves_a_silence_to_a_person_without_a_look(box: Box) -> None:
    await box.load(4)
    box.remote.scripts[box.signature(2)].append(silence(creates=True))

    summary = await box.run(retry=HOLD)

    assert (summary.exit_code, summary.counts) == (Exit.IN_DOUBT, {"created": 3, "held": 1})
    assert box.signature(2) not in box.remote.looks
    assert "--on-doubt hold" in (await box.attempts(2))[0]["error"]


async def test_hold_still_looks_up_a_failure_that_the_remote_reports_itself(box: Box) -> None:
    await box.load(4)
    box.remote.scripts[box.signature(2)].append(failure_500(creates=True))

    summary = await box.run(retry=HOLD)

    assert (summary.counts, box.remote.duplicates) == ({"created": 4}, {})


async def test_what_was_held_is_settled_when_it_is_checked_later(box: Box) -> None:
    await box.load(4)
    box.remote.scripts[box.signature(2)].append(silence(creates=True))
    await box.run(retry=HOLD)

    summary = await box.run()

    assert (summary.exit_code, box.remote.duplicates) == (Exit.OK, {})


async def test_resend_looks_up_where_that_can_be_trusted(box: Box) -> None:
    await box.load(4)
    box.remote.scripts[box.signature(2)].append(silence(creates=True))

    summary = await box.run(retry=RESEND)

    assert (summary.exit_code, box.remote.duplicates, summary.duplicates.possible) == (Exit.OK, {}, 0)


async def test_resend_sends_again_where_no_look_up_can_be_trusted_and_counts_it(box: Box) -> None:
    await box.load(4)
    box.remote.scripts[box.signature(2)].append(silence(creates=True))
    without_a_look_up(box)

    summary = await box.run(retry=RESEND)

    assert (summary.exit_code, summary.counts, summary.duplicates.possible) == (Exit.OK, {"created": 4}, 1)
    assert [event.key for event in box.events if isinstance(event, DoubtWaived)] == ["k2"]


async def test_resend_takes_held_rows_of_earlier_runs_along(box: Box) -> None:
    await box.load(4)
    box.remote.scripts[box.signature(2)].append(silence(creates=False))
    without_a_look_up(box)
    await box.run()

    summary = await box.run(retry=RESEND)

    assert (summary.counts, summary.duplicates.possible, box.remote.duplicates) == ({"created": 4}, 1, {})


async def test_resend_uses_up_tries(box: Box) -> None:
    await box.load(4)
    box.remote.scripts[box.signature(2)].extend(silence(creates=False) for _ in range(9))
    without_a_look_up(box)

    summary = await box.run(retry=RetryPolicy(on_doubt=OnDoubt.RESEND, max_attempts=3))

    assert (summary.exit_code, summary.counts) == (Exit.FAILED, {"created": 3, "failed": 1})
    assert box.remote.posts.count(box.signature(2)) == 3


async def test_resend_does_not_send_what_a_look_up_has_seen_even_an_unproven_one(box: Box) -> None:
    """The remote lists a job of the row just now: to send it again would be worse than to ask."""
    await box.load(2)
    box.remote.always = lambda signature: silence(creates=True)

    summary = await box.run(retry=RESEND)

    assert summary.counts == {"held": 2}
    assert box.remote.duplicates == {}


@pytest.mark.parametrize("policy", [RetryPolicy(), RESEND, HOLD], ids=["check", "resend", "hold"])
async def test_a_reported_failure_taken_at_its_word_is_a_possible_duplicate(box: Box, policy: RetryPolicy) -> None:
    await box.load(4)
    box.remote.scripts[box.signature(3)].append(failure_500(creates=False))
    without_a_look_up(box)

    summary = await box.run(retry=policy)

    assert (summary.exit_code, summary.duplicates.possible) == (Exit.OK, 1)


async def test_a_reported_failure_after_the_look_up_broke_is_a_possible_duplicate_too(box: Box) -> None:
    """There it is believed at once, without a doubt in between."""
    await box.load(4)
    box.remote.scripts[box.signature(4)].append(Step(failure_500().answer, creates=False, before_s=60.0))
    without_a_look_up(box)

    summary = await box.run()

    assert (summary.counts, summary.duplicates.possible) == ({"created": 4}, 1)
    assert [event.key for event in box.events if isinstance(event, DoubtWaived)] == ["k4"]
    assert box.named("job.in_doubt") == []


async def test_a_second_look_clears_a_possible_duplicate(box: Box) -> None:
    await box.load(4)
    box.remote.scripts[box.signature(2)].append(silence(creates=False))
    without_a_look_up(box)
    await box.run(retry=RESEND)
    box.remote.lookup = lambda signature: None

    summary = await box.run()

    assert (summary.duplicates.possible, summary.duplicates.known) == (0, 0)


async def test_a_second_look_makes_a_possible_duplicate_a_known_one(box: Box) -> None:
    await box.load(4)
    box.remote.scripts[box.signature(2)].append(silence(creates=True))
    without_a_look_up(box)
    await box.run(retry=RESEND)
    box.remote.lookup = lambda signature: None

    summary = await box.run()

    assert (summary.duplicates.possible, summary.duplicates.known) == (0, 1)
