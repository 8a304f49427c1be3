"""An outcome moves its row where the state machine has the move, and the row is where it was."""

from __future__ import annotations

import asyncio
from itertools import product

import pytest

from batcher.core.errors import IllegalMove
from batcher.core.states import DOUBTFUL, State, may_move
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import (
    Recorded,
)
from tests.ledger.builders import (
    bring,
    load,
    outcome,
    send,
)

from .asking import state_of

LEGAL = [(old, new) for old, new in product(State, State) if old in DOUBTFUL and may_move(old, new)]
ILLEGAL = [(old, new) for old, new in product(State, State) if (old, new) not in LEGAL and old is not State.WITHDRAWN]


@pytest.mark.parametrize(("old", "new"), LEGAL)
async def test_an_outcome_makes_every_move_of_the_picture(ledger: Ledger, old: State, new: State) -> None:
    campaign = await load(ledger, 1)
    await bring(ledger, campaign, 1, old)
    recorded = await ledger.record_outcome(outcome(campaign, 1, new, old=old, tries=3))
    row = await ledger.find_row(campaign, number=1, key=None)
    assert row is not None

    assert (recorded, row.state, row.tries, row.attempts) == (Recorded.MOVED, new, 3, 1)


@pytest.mark.parametrize(("old", "new"), ILLEGAL)
async def test_a_move_that_the_picture_does_not_have_is_refused(ledger: Ledger, old: State, new: State) -> None:
    """And one that it has, but no attempt's outcome: only an intent leads to sending, only ``release`` frees rows."""
    campaign = await load(ledger, 1)
    await bring(ledger, campaign, 1, old)
    with pytest.raises(IllegalMove, match="row 1"):
        await ledger.record_outcome(outcome(campaign, 1, new, old=old))

    assert await state_of(ledger, campaign, 1) is old


@pytest.mark.parametrize("job_id", [None, 0, -1])
async def test_no_row_is_done_without_the_id_of_its_job(ledger: Ledger, job_id: int | None) -> None:
    campaign = await load(ledger, 1)
    await send(ledger, campaign, 1)
    with pytest.raises(IllegalMove, match="without the id of its job"):
        await ledger.record_outcome(outcome(campaign, 1, State.DONE, job_id=job_id))

    assert await state_of(ledger, campaign, 1) is State.SENDING


@pytest.mark.parametrize("state", [State.PENDING, State.REJECTED, State.FAILED, State.DONE])
async def test_an_outcome_whose_row_is_elsewhere_is_lost_and_moves_nothing(ledger: Ledger, state: State) -> None:
    campaign = await load(ledger, 1)
    await bring(ledger, campaign, 1, state)
    recorded = await ledger.record_outcome(outcome(campaign, 1, State.FAILED))

    assert (recorded, await state_of(ledger, campaign, 1)) == (Recorded.LOST, state)


@pytest.mark.parametrize("new", [State.PENDING, State.FAILED, State.REJECTED, State.IN_DOUBT, State.DONE])
async def test_the_outcome_of_an_earlier_attempt_does_not_move_a_row_that_is_being_sent_again(
    ledger: Ledger, new: State
) -> None:
    """Else the row would be free to be sent a third time while the second request is on its way."""
    campaign = await load(ledger, 1)
    await send(ledger, campaign, 1)
    await ledger.record_outcome(outcome(campaign, 1, State.PENDING))
    await send(ledger, campaign, 1, attempt=2)
    recorded = await ledger.record_outcome(outcome(campaign, 1, new, attempt=1))

    assert (recorded, await state_of(ledger, campaign, 1)) == (Recorded.LOST, State.SENDING)


async def test_a_job_that_is_replied_after_its_row_was_given_up_on_is_taken(ledger: Ledger) -> None:
    campaign = await load(ledger, 1)
    await bring(ledger, campaign, 1, State.IN_DOUBT)
    recorded = await ledger.record_outcome(outcome(campaign, 1, State.DONE))

    assert (recorded, await state_of(ledger, campaign, 1)) == (Recorded.MOVED, State.DONE)


@pytest.mark.parametrize("new", [State.PENDING, State.FAILED, State.REJECTED])
async def test_no_other_late_outcome_moves_a_row_that_was_given_up_on(ledger: Ledger, new: State) -> None:
    campaign = await load(ledger, 1)
    await bring(ledger, campaign, 1, State.IN_DOUBT)
    recorded = await ledger.record_outcome(outcome(campaign, 1, new))

    assert (recorded, await state_of(ledger, campaign, 1)) == (Recorded.LOST, State.IN_DOUBT)


async def test_many_outcomes_at_once_each_move_their_own_row(ledger: Ledger) -> None:
    campaign = await load(ledger, 100)
    await send(ledger, campaign, *range(1, 101))
    recorded = await asyncio.gather(*(ledger.record_outcome(outcome(campaign, n, State.DONE)) for n in range(1, 101)))

    assert (set(recorded), await ledger.counts(campaign)) == ({Recorded.MOVED}, (100, {"created": 100}))
