"""What a run writes down before it sends, how far ahead, and how it ends where the books are wrong."""

from __future__ import annotations

import random
from typing import Any

import pytest

from batcher.core.errors import Exit
from batcher.core.outcome import Reply
from batcher.core.retry import RetryPolicy
from batcher.dispatch import run as run_module
from tests.dispatch.conftest import Box
from tests.scripted import Step


async def test_an_intent_keeps_the_deadline_and_the_timeout_it_was_made_with(box: Box) -> None:
    """Rule 1: whoever settles it may have been told other ones."""
    await box.load(1)
    began = box.clock.boottime()

    await box.run(timeout_s=77.0, send_window_s=7.0)

    [attempt] = await box.attempts(1)
    assert began + 7.0 <= attempt["send_deadline"] <= box.clock.boottime() + 7.0
    assert attempt["timeout_s"] == 77.0


async def test_a_run_says_which_boot_it_is_of(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 1: an intent is made by a run, and its deadline counts on that boot's clock."""
    monkeypatch.setattr(run_module, "boot_id", lambda: "the seventh boot")
    await box.load(1)

    await box.run()

    [attempt] = await box.attempts(1)
    boots = await box.ledger._writer.submit(lambda db: dict(db.execute("SELECT run_id, boot_id FROM run").fetchall()))
    assert boots == {attempt["run_id"]: "the seventh boot"}


async def test_a_rejected_row_stays_rejected_in_the_next_run(box: Box) -> None:
    """Rule 2: rejected is for good; only ``batcher retry`` makes it pending."""
    await box.load(2)
    box.remote.scripts[box.signature(1)].append(Step(Reply(http_status=400, code=9, description="no")))
    await box.run()

    summary = await box.run()

    assert (summary.exit_code, len(box.remote.posts)) == (Exit.REJECTED, 2)


@pytest.mark.parametrize("is_proven", [False, True])
async def test_a_group_of_intents_is_never_over_256(box: Box, is_proven: bool) -> None:
    """Rule 5: however many workers there are, and however many rows came together for them during a pause."""
    await box.load(1500)
    box.remote.always = lambda signature: Step(before_s=0.1)
    box.remote.scripts[box.signature(300)].append(Step(Reply(http_status=429, retry_after_s=5.0)))
    if not is_proven:
        box.remote.lookup = lambda signature: Reply(http_status=503)
    groups = _watch_intents(box)

    await box.run(concurrency=600, adaptive=False, limit=1200)

    assert 200 < max(size for size, _ in groups) <= 256


async def test_a_group_of_intents_is_no_more_than_what_starts_within_a_second(box: Box) -> None:
    """Rule 5: 8 rows a second start here, and no more than that wait for a worker."""
    await box.load(120)
    box.remote.always = lambda signature: Step(before_s=0.5)
    groups = _watch_intents(box)

    await box.run(concurrency=4)

    assert 8 < max(open_intents for _, open_intents in groups) <= 2 * 8 + 4


async def test_the_waits_before_retries_grow(box: Box) -> None:
    """Rule 6: each is drawn from 0 to twice as long as the one before."""
    random.seed(7)
    await box.load(40)
    for number in range(1, 41):
        box.remote.scripts[box.signature(number)].extend(Step(Reply(http_status=429)) for _ in range(4))

    await box.run(adaptive=False, retry=RetryPolicy(max_attempts=5, backoff_s=1.0, max_backoff_s=6.0))

    waits: dict[int, list[float]] = {}
    for event in box.named("retry.scheduled"):
        waits.setdefault(event.attempt, []).append(event.wait_s)  # type: ignore[attr-defined]
    longest = {attempt: max(found) for attempt, found in waits.items()}
    assert {attempt: len(found) for attempt, found in waits.items()} == dict.fromkeys((1, 2, 3, 4), 40)
    assert all(most / 2 < longest[attempt] <= most for attempt, most in ((1, 1.0), (2, 2.0), (3, 4.0), (4, 6.0)))


async def test_a_row_that_is_gone_from_the_books_is_exit_1(box: Box) -> None:
    """Rule 10: the manifest gave three rows, and the ledger has states for two."""
    await box.load(3)
    await box.change("DELETE FROM row WHERE number = 3")

    summary = await box.run()

    assert (summary.exit_code, summary.rows, summary.counts) == (Exit.BUG, 3, {"created": 2})


def _watch_intents(box: Box) -> list[tuple[int, int]]:
    """For each commit of intents how many they were, and how many were open then."""
    groups: list[tuple[int, int]] = []
    record = box.ledger.record_intents

    async def watch(intents: Any) -> Any:
        recorded = await record(intents)
        states = await box.states()
        groups.append((len(recorded), sum(state == "sending" for state, _ in states.values())))
        return recorded

    box.ledger.record_intents = watch  # type: ignore[method-assign]
    return groups
