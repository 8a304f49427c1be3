"""
What the feed keeps over every backend of the ledger.

Every pending row goes to a worker exactly once, never without a committed intent, and no more intents are open than
there may be: what a crash leaves in doubt stays small.
"""

from __future__ import annotations

import asyncio

import pytest

from batcher.core.row import Row
from batcher.core.states import State
from batcher.core.tally import StopReason
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import Campaign
from tests.ledger.builders import bring, intents, load, manifest, outcome

from .feeding import feeding

OTHERS = [state for state in State if state not in {State.PENDING, State.WITHDRAWN}]


def row_of(campaign: Campaign, number: int, state: State, attempts: int = 1) -> Row:
    """A row as a run takes it up that an earlier one left in doubt."""
    signature = f"{campaign.token}-{number}"
    return Row(number=number, key=f"k{number}", signature=signature, parameters={}, state=state, attempts=attempts)


@pytest.mark.parametrize("rows", [0, 1, 255, 256, 257, 600])
@pytest.mark.parametrize("workers", [1, 7])
async def test_every_pending_row_is_handed_out_once_and_in_order(ledger: Ledger, rows: int, workers: int) -> None:
    feed = await feeding(ledger, await load(ledger, rows))

    assert await feed.all_out(workers) == list(range(1, rows + 1))
    assert await feed.counts() == ({"created": rows} if rows else {})


async def test_so_it_is_when_the_look_up_is_proven(ledger: Ledger) -> None:
    feed = await feeding(ledger, await load(ledger, 600))
    feed.prove()

    assert await feed.all_out(5) == list(range(1, 601))


@pytest.mark.parametrize("state", OTHERS)
async def test_rows_in_other_states_are_not_handed_out(ledger: Ledger, state: State) -> None:
    campaign = await load(ledger, 4)
    await bring(ledger, campaign, 2, state)
    feed = await feeding(ledger, campaign)

    assert await feed.all_out(2) == [1, 3, 4]


async def test_withdrawn_rows_are_not_handed_out(ledger: Ledger) -> None:
    campaign = await load(ledger, 3)

    def withdraw(staging: object) -> None:
        staging.add([row for row in manifest(3) if row.number != 2])
        staging.amend(campaign)

    await ledger.load(withdraw)
    feed = await feeding(ledger, campaign)

    assert await feed.all_out(2) == [1, 3]


async def test_rows_of_another_campaign_are_not_handed_out(ledger: Ledger) -> None:
    await load(ledger, 3, "other")
    feed = await feeding(ledger, await load(ledger, 2, "c"))

    assert await feed.all_out(3) == [1, 2]
    assert await feed.counts() == {"created": 2}


@pytest.mark.parametrize("is_proven", [False, True])
async def test_the_intent_of_a_row_is_committed_before_it_is_handed_out(ledger: Ledger, is_proven: bool) -> None:
    campaign = await load(ledger, 30)
    feed = await feeding(ledger, campaign)
    if is_proven:
        feed.prove()
    feed.start()

    for _ in range(30):
        errand = await feed.take_one()
        stored = await ledger.find_row(campaign, number=errand.row.number, key=None)

        assert stored is not None
        assert (stored.state, stored.attempts) == (State.SENDING, errand.row.attempts)
        await feed.end(errand, State.DONE)


async def test_without_a_free_worker_no_intent_is_open(ledger: Ledger) -> None:
    feed = await feeding(ledger, await load(ledger, 20))
    feed.start()
    await feed.quiet()

    assert await feed.counts() == {"pending": 20}
    await feed.close()


@pytest.mark.parametrize("workers", [1, 3, 8])
async def test_until_the_look_up_is_proven_no_more_intents_are_open_than_there_are_workers(
    ledger: Ledger, workers: int
) -> None:
    feed = await feeding(ledger, await load(ledger, 60))
    feed.start()
    most = 0

    async def work() -> None:
        nonlocal most
        while (errand := await feed.take()) is not None:
            await feed.quiet()
            most = max(most, (await feed.counts()).get("sending", 0))
            await feed.end(errand, State.DONE)

    await asyncio.gather(*[work() for _ in range(workers)])

    assert most == workers
    assert len(feed.handed_out) == 60


async def test_once_it_is_proven_a_second_of_work_is_open_and_never_over_256_rows(ledger: Ledger) -> None:
    """The clock stands still: hundreds of rows start within one second."""
    feed = await feeding(ledger, await load(ledger, 1500))
    feed.prove()
    feed.start()
    most = 0
    for _ in range(600):
        await feed.end(await feed.take_one(), State.DONE)
        most = max(most, len(feed.feed.outbox))
    held = await feed.take_one()
    await feed.quiet()

    assert 100 < len(feed.feed.outbox) <= 256
    assert most <= 256
    assert (await feed.counts()).get("sending", 0) == len(feed.feed.outbox) + 1
    await feed.end(held, State.DONE)
    await feed.close()


async def test_an_adopted_row_is_not_claimed_as_well(ledger: Ledger) -> None:
    """It was in doubt, and a look-up has just shown that there is no job of it."""
    campaign = await load(ledger, 4)
    await bring(ledger, campaign, 3, State.IN_DOUBT)
    feed = await feeding(ledger, campaign)
    feed.feed.adopt(row_of(campaign, 3, State.IN_DOUBT))
    await ledger.record_outcome(outcome(campaign, 3, State.PENDING, old=State.IN_DOUBT))
    running = feed.start()
    workers = [asyncio.create_task(feed.work()) for _ in range(2)]
    await feed.quiet()

    assert feed.handed_out == [1, 2, 4]
    attempted = await feed.feed.send_again(row_of(campaign, 3, State.PENDING))
    feed.feed.at_rest()
    await asyncio.gather(running, *workers)

    assert attempted.state is State.DONE
    assert feed.handed_out == [1, 2, 4, 3]
    assert await feed.counts() == {"created": 4}


async def test_a_retry_goes_before_rows_that_were_never_sent(ledger: Ledger) -> None:
    feed = await feeding(ledger, await load(ledger, 9))
    feed.start()
    first = await feed.take_one()
    await feed.record(first, State.PENDING)
    again = asyncio.create_task(feed.feed.send_again(first.row))
    await feed.quiet()

    retried = await feed.take_one()
    await feed.end(retried, State.DONE)

    assert feed.handed_out == [1, 1]
    assert (await again).state is State.DONE
    assert retried.row.attempts == 2
    assert (await feed.take_one()).row.number == 2
    await feed.close()


async def test_a_row_that_somebody_else_moved_is_not_handed_out_and_ends_the_run(ledger: Ledger) -> None:
    campaign = await load(ledger, 3)
    feed = await feeding(ledger, campaign)
    feed.start()
    first = await feed.take_one()
    await feed.quiet()
    assert await ledger.record_intents(intents(campaign, {2: 1})) == {2}

    await feed.end(first, State.DONE)
    waiting = asyncio.create_task(feed.take())
    await feed.quiet()

    assert feed.context.stop.reason is StopReason.LEDGER
    assert 2 not in feed.handed_out
    await feed.close()
    await waiting
