"""
How a feed ends, over every backend of the ledger: for a limit, because it is told to, or when all is done.

Nothing is handed out after the end, and what nobody took is pending again.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import pytest

from batcher.core.row import Row
from batcher.core.states import State
from batcher.ledger.protocol import Ledger
from tests.ledger.builders import load

from .feeding import Feeding, feeding


async def test_after_the_end_nothing_is_handed_out(ledger: Ledger) -> None:
    feed = await feeding(ledger, await load(ledger, 50))
    feed.prove()
    running = feed.start()
    for _ in range(10):
        await feed.end(await feed.take_one(), State.DONE)

    feed.feed.close()

    assert [await feed.take() for _ in range(3)] == [None] * 3
    await running
    assert feed.handed_out == list(range(1, 11))


async def test_workers_who_wait_hear_of_the_end(ledger: Ledger) -> None:
    feed = await feeding(ledger, await load(ledger, 0))
    waiting = [asyncio.create_task(feed.take()) for _ in range(3)]
    await feed.quiet()

    feed.feed.close()

    assert await asyncio.gather(*waiting) == [None] * 3


async def test_what_nobody_took_is_pending_again_and_goes_to_the_next_run(ledger: Ledger) -> None:
    campaign = await load(ledger, 400)
    feed = await feeding(ledger, campaign)
    feed.prove()
    feed.start()
    for _ in range(100):
        await feed.end(await feed.take_one(), State.DONE)
    await feed.quiet()

    unsent = await feed.close()

    assert len(unsent) > 1
    assert await feed.counts() == {"pending": 300, "created": 100}
    following = await feeding(ledger, campaign)
    assert await following.all_out(4) == list(range(101, 401))


@pytest.mark.parametrize(("limit", "limited"), [(1, True), (5, True), (299, True), (300, False), (301, False)])
async def test_a_limit_is_of_rows(ledger: Ledger, limit: int, limited: bool) -> None:
    feed = await feeding(ledger, await load(ledger, 300), limit=limit)

    assert await feed.all_out(3) == list(range(1, min(limit, 300) + 1))
    assert feed.context.limited is limited


async def test_a_retry_does_not_count_against_the_limit(ledger: Ledger) -> None:
    feed = await feeding(ledger, await load(ledger, 5), limit=2)
    running = feed.start()
    first = await feed.take_one()
    await feed.record(first, State.PENDING)
    again = asyncio.create_task(feed.feed.send_again(first.row))
    workers = [asyncio.create_task(feed.work()) for _ in range(2)]
    await again
    feed.feed.at_rest()
    await asyncio.gather(running, *workers)

    assert sorted(feed.handed_out) == [1, 1, 2]


async def test_a_run_that_sends_nothing_is_handed_nothing(ledger: Ledger) -> None:
    feed = await feeding(ledger, await load(ledger, 5), send=False)

    assert await feed.all_out(2) == []
    assert await feed.counts() == {"pending": 5}


class Wild:
    """Workers whose rows often come back, and who may end the run in the middle."""

    def __init__(self, feed: Feeding, dice: random.Random, ends_after: int | None) -> None:
        self._feed = feed
        self._dice = dice
        self._ends_after = ends_after
        self._pursuits: list[asyncio.Task[None]] = []

    async def run(self) -> list[int]:
        """Rows that were given back."""
        running = self._feed.start()
        await asyncio.gather(*[self._work() for _ in range(self._dice.randint(1, 9))])
        await running
        for pursuit in self._pursuits:
            pursuit.cancel()
        await asyncio.gather(*self._pursuits, return_exceptions=True)
        return await self._feed.close()

    async def _work(self) -> None:
        feed = self._feed
        while (errand := await feed.take()) is not None:
            if len(feed.handed_out) == self._ends_after:
                feed.feed.close()
            state = State.PENDING if self._dice.random() < 0.2 else State.DONE
            if state is State.PENDING and errand.answer is None and not feed.feed.outbox.closed:
                await feed.record(errand, state)
                self._pursuits.append(asyncio.create_task(self._pursue(errand.row)))
            else:
                await feed.end(errand, state)

    async def _pursue(self, row: Row) -> None:
        while (await self._feed.feed.send_again(row)).state is State.PENDING:
            pass
        self._feed.feed.at_rest()


@pytest.mark.parametrize("seed", range(6))
async def test_every_attempt_is_handed_out_once_or_given_back(ledger: Ledger, seed: int) -> None:
    """Rows come back to be sent again, runs end in the middle, others go on: in the end every row is created."""
    dice = random.Random(seed)
    campaign = await load(ledger, 120)
    attempts: Counter[int] = Counter()
    for ends_after in (dice.randrange(60), dice.randrange(60), None):
        feed = await feeding(ledger, campaign)
        if dice.random() < 0.5:
            feed.prove()
        attempts.update(await Wild(feed, dice, ends_after).run())
        attempts.update(feed.handed_out)

    stored = [await ledger.find_row(campaign, number=number, key=None) for number in range(1, 121)]
    assert await feed.counts() == {"created": 120}
    assert {row.number: row.attempts for row in stored if row is not None} == attempts
