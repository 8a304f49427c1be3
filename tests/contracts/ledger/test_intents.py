"""Rows are claimed, and an intent is the only way out of pending."""

from __future__ import annotations

import asyncio

import pytest

from batcher.core.states import Stage, State
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import (
    StoredRow,
)
from tests.ledger.builders import (
    bring,
    intents,
    load,
    manifest_row,
    outcome,
    send,
)

from .asking import state_of, withdraw


async def test_pending_rows_are_claimed_in_order_and_in_pieces(ledger: Ledger) -> None:
    campaign = await load(ledger, 7)
    first = await ledger.claim(campaign, Stage.CREATE, after=0, limit=3)
    second = await ledger.claim(campaign, Stage.CREATE, after=first[-1].number, limit=9)

    assert ([row.number for row in first], [row.number for row in second]) == ([1, 2, 3], [4, 5, 6, 7])


async def test_claiming_changes_nothing(ledger: Ledger) -> None:
    campaign = await load(ledger, 3)

    assert await ledger.claim(campaign, Stage.CREATE, after=0, limit=9) == await ledger.claim(
        campaign, Stage.CREATE, after=0, limit=9
    )


async def test_a_claimed_row_has_its_parameters_as_they_were_given(ledger: Ledger) -> None:
    parameters = {"documentId": "00123", "layout": " ä\"'\\\n ", "envelope": "", "name1": "🦉\u2028"}
    campaign = await load(ledger, [manifest_row(1, parameters=parameters)])

    assert await ledger.claim(campaign, Stage.CREATE, after=0, limit=1) == [
        StoredRow(number=1, key="k1", generation=0, parameters=parameters, tries=0, attempts=0)
    ]


@pytest.mark.parametrize("state", [state for state in State if state not in {State.PENDING, State.WITHDRAWN}])
async def test_only_pending_rows_are_claimed(ledger: Ledger, state: State) -> None:
    campaign = await load(ledger, 2)
    await bring(ledger, campaign, 1, state)

    assert [row.number for row in await ledger.claim(campaign, Stage.CREATE, after=0, limit=9)] == [2]


async def test_an_intent_moves_its_row_to_sending(ledger: Ledger) -> None:
    campaign = await load(ledger, 3)
    moved = await ledger.record_intents(intents(campaign, {1: 1, 3: 1}))

    assert (moved, await ledger.counts(campaign)) == (frozenset({1, 3}), (3, {"pending": 1, "sending": 2}))


@pytest.mark.parametrize("state", [state for state in State if state not in {State.PENDING, State.WITHDRAWN}])
@pytest.mark.parametrize("attempt", [1, 2])
async def test_an_intent_does_not_move_a_row_that_is_not_pending(ledger: Ledger, state: State, attempt: int) -> None:
    campaign = await load(ledger, 1)
    await bring(ledger, campaign, 1, state)
    moved = await ledger.record_intents(intents(campaign, {1: attempt}))

    assert (moved, await state_of(ledger, campaign, 1)) == (frozenset(), state)


@pytest.mark.parametrize("attempt", [0, 1, 3])
async def test_an_intent_with_the_wrong_number_moves_nothing(ledger: Ledger, attempt: int) -> None:
    """Somebody else has sent the row meanwhile: attempt 2 is its next."""
    campaign = await load(ledger, 1)
    await send(ledger, campaign, 1)
    await ledger.record_outcome(outcome(campaign, 1, State.PENDING))
    moved = await ledger.record_intents(intents(campaign, {1: attempt}))

    assert (moved, await state_of(ledger, campaign, 1)) == (frozenset(), State.PENDING)


async def test_of_a_group_of_intents_only_those_move_that_may(ledger: Ledger) -> None:
    campaign = await load(ledger, 6)
    await bring(ledger, campaign, 2, State.DONE)
    await withdraw(ledger, campaign, 6, 4)
    moved = await ledger.record_intents(intents(campaign, {1: 1, 2: 2, 3: 1, 4: 1, 5: 2, 99: 1}))

    assert moved == frozenset({1, 3})
    assert await ledger.counts(campaign) == (6, {"pending": 2, "sending": 2, "created": 1, "withdrawn": 1})


async def test_the_same_intents_twice_are_given_once(ledger: Ledger) -> None:
    """Two senders that claimed the same rows: each row is one's."""
    campaign = await load(ledger, 4)
    groups = await asyncio.gather(*(ledger.record_intents(intents(campaign, {1: 1, 2: 1})) for _ in range(5)))

    assert sorted(map(len, groups)) == [0, 0, 0, 0, 2]


async def test_a_row_of_another_campaign_with_the_same_number_stays(ledger: Ledger) -> None:
    first, second = await load(ledger, 2, "a"), await load(ledger, 2, "b")
    await send(ledger, first, 1)

    assert await ledger.counts(second) == (2, {"pending": 2})
