"""What a dead run left, and what is known of rows in doubt."""

from __future__ import annotations

from typing import Any

import pytest

from batcher.core.states import Stage, State
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import (
    OpenDoubt,
    Via,
)
from tests.ledger.builders import (
    BOOT,
    bring,
    intents,
    load,
    outcome,
    send,
    start_run,
)

from .asking import state_of


async def test_intents_of_a_dead_run_become_doubts(ledger: Ledger) -> None:
    campaign = await load(ledger, 3)
    first = await start_run(ledger, campaign)
    await ledger.record_intents(intents(campaign, {1: 1, 2: 1}, run_id=first))
    second = await start_run(ledger, campaign)
    orphans = await ledger.recover(campaign, second, boot_id=BOOT, boot_now=500.0)

    assert (orphans, await ledger.counts(campaign)) == (2, (3, {"pending": 1, "in_doubt": 2}))


async def test_recovering_again_finds_nothing_more(ledger: Ledger) -> None:
    campaign = await load(ledger, 1)
    await send(ledger, campaign, 1)
    run_id = await start_run(ledger, campaign)

    assert [await ledger.recover(campaign, run_id, boot_id=BOOT, boot_now=1.0) for _ in range(2)] == [1, 0]


@pytest.mark.parametrize(
    ("state", "tries"), [(State.PENDING, 0), (State.IN_DOUBT, 0), (State.HELD, 4), (State.FAILED, 4)]
)
async def test_a_new_run_gives_open_rows_fresh_tries(ledger: Ledger, state: State, tries: int) -> None:
    campaign = await load(ledger, 1)
    await send(ledger, campaign, 1)
    first = State.IN_DOUBT if state is State.HELD else state
    await ledger.record_outcome(outcome(campaign, 1, first, tries=4))
    if state is State.HELD:
        await ledger.record_outcome(outcome(campaign, 1, state, old=State.IN_DOUBT, tries=4))
    await ledger.recover(campaign, await start_run(ledger, campaign), boot_id=BOOT, boot_now=1.0)
    row = await ledger.find_row(campaign, number=1, key=None)
    assert row is not None

    assert (row.state, row.tries) == (state, tries)


async def test_recovery_leaves_other_campaigns_alone(ledger: Ledger) -> None:
    first, second = await load(ledger, 1, "a"), await load(ledger, 1, "b")
    await send(ledger, second, 1)
    await ledger.recover(first, await start_run(ledger, first), boot_id=BOOT, boot_now=1.0)

    assert await state_of(ledger, second, 1) is State.SENDING


async def recovered(ledger: Ledger, boot_id: str, state: State, **changes: Any) -> OpenDoubt:
    """A row that a run of ``BOOT`` left in this state, after another run has begun at 500 seconds of its own clock."""
    campaign = await load(ledger, 1)
    first = await start_run(ledger, campaign)
    await ledger.record_intents(intents(campaign, {1: 1}, run_id=first, send_deadline=100.0, timeout_s=20.0))
    if state is not State.SENDING:
        await ledger.record_outcome(outcome(campaign, 1, State.IN_DOUBT, **changes))
    if state is State.HELD:
        await ledger.record_outcome(outcome(campaign, 1, State.HELD, old=State.IN_DOUBT, **changes))
    await ledger.recover(campaign, await start_run(ledger, campaign, boot_id), boot_id=boot_id, boot_now=500.0)
    (doubt,) = await ledger.doubts(campaign, Stage.CREATE, (State.IN_DOUBT, State.HELD))
    return doubt


@pytest.mark.parametrize("state", [State.SENDING, State.IN_DOUBT, State.HELD])
async def test_on_the_same_boot_a_doubt_is_open_until_the_intents_deadline_and_timeout(
    ledger: Ledger, state: State
) -> None:
    assert (await recovered(ledger, BOOT, state)).open_until == 120.0


@pytest.mark.parametrize("state", [State.SENDING, State.IN_DOUBT, State.HELD])
async def test_on_another_boot_the_time_counts_from_when_it_was_first_seen(ledger: Ledger, state: State) -> None:
    """Clocks of two boots have nothing in common."""
    assert (await recovered(ledger, "boot-2", state, settle_from=90.0)).open_until == 520.0


@pytest.mark.parametrize("state", [State.IN_DOUBT, State.HELD])
async def test_on_the_same_boot_a_reply_ends_the_time_in_which_it_is_open(ledger: Ledger, state: State) -> None:
    assert (await recovered(ledger, BOOT, state, settle_from=90.0)).open_until == 90.0


async def test_on_another_boot_the_time_is_not_counted_afresh_by_each_run(ledger: Ledger) -> None:
    await recovered(ledger, "boot-2", State.SENDING)
    campaign = await ledger.campaign("c")
    assert campaign is not None
    run_id = await start_run(ledger, campaign, "boot-2")
    await ledger.recover(campaign, run_id, boot_id="boot-2", boot_now=900.0)

    assert [doubt.open_until for doubt in await ledger.doubts(campaign, Stage.CREATE, (State.IN_DOUBT,))] == [520.0]


async def test_a_doubt_has_all_that_is_needed_to_settle_it(ledger: Ledger) -> None:
    campaign = await load(ledger, 2)
    await send(ledger, campaign, 2)
    await ledger.record_outcome(
        outcome(campaign, 2, State.IN_DOUBT, tries=1, error_type="reported_failure", settle_from=33.0)
    )

    assert await ledger.doubts(campaign, Stage.CREATE, (State.IN_DOUBT,)) == [
        OpenDoubt(
            number=2,
            key="k2",
            stage=Stage.CREATE,
            state=State.IN_DOUBT,
            generation=0,
            parameters={"documentId": "1002", "addressId": "500"},
            tries=1,
            attempts=1,
            open_until=33.0,
            replied=True,
        )
    ]


async def test_doubts_are_of_the_states_asked_for_in_order(ledger: Ledger) -> None:
    campaign = await load(ledger, 6)
    for number, state in ((5, State.IN_DOUBT), (2, State.HELD), (3, State.DONE), (1, State.IN_DOUBT)):
        await bring(ledger, campaign, number, state)
    asked = [(State.IN_DOUBT,), (State.HELD,), (State.IN_DOUBT, State.HELD), ()]

    assert [[doubt.number for doubt in await ledger.doubts(campaign, Stage.CREATE, states)] for states in asked] == [
        [1, 5],
        [2],
        [1, 2, 5],
        [],
    ]


async def test_what_was_replied_stays_known_when_a_doubt_is_held(ledger: Ledger) -> None:
    campaign = await load(ledger, 1)
    await send(ledger, campaign, 1)
    await ledger.record_outcome(outcome(campaign, 1, State.IN_DOUBT, error_type="reported_failure"))
    await ledger.record_outcome(outcome(campaign, 1, State.HELD, old=State.IN_DOUBT, via=Via.LOOK_UP, error="why"))

    assert [doubt.replied for doubt in await ledger.doubts(campaign, Stage.CREATE, (State.HELD,))] == [True]


async def test_a_row_whose_job_id_was_taken_counts_as_not_replied(ledger: Ledger) -> None:
    campaign = await load(ledger, 2)
    await bring(ledger, campaign, 1, State.DONE)
    await send(ledger, campaign, 2)
    await ledger.record_outcome(outcome(campaign, 2, State.DONE, job_id=5001))

    assert [(d.replied, d.open_until) for d in await ledger.doubts(campaign, Stage.CREATE, (State.IN_DOUBT,))] == [
        (False, 120.0)
    ]


@pytest.mark.parametrize("by", [{"number": 2, "key": None}, {"number": None, "key": "k2"}])
async def test_a_row_is_found_by_number_or_by_key(ledger: Ledger, by: dict[str, Any]) -> None:
    campaign = await load(ledger, 3)
    row = await ledger.find_row(campaign, **by)
    assert row is not None

    assert (row.number, row.key, row.state) == (2, "k2", State.PENDING)


@pytest.mark.parametrize("by", [{"number": 9, "key": None}, {"number": None, "key": "k9"}])
async def test_a_row_that_is_not_there_is_none(ledger: Ledger, by: dict[str, Any]) -> None:
    assert await ledger.find_row(await load(ledger, 3), **by) is None
