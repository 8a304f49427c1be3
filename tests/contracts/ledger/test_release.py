"""Rows that are known to have made nothing go back to pending."""

from __future__ import annotations

import pytest

from batcher.core.errors import IllegalMove
from batcher.core.states import Stage, State
from batcher.ledger.protocol import Ledger
from tests.ledger.builders import (
    bring,
    load,
)


@pytest.mark.parametrize("state", [State.FAILED, State.REJECTED])
async def test_released_rows_are_pending_with_fresh_tries(ledger: Ledger, state: State) -> None:
    campaign = await load(ledger, 3)
    await bring(ledger, campaign, 2, state)
    released = await ledger.release(campaign, Stage.CREATE, (state,))
    (row,) = await ledger.claim(campaign, Stage.CREATE, after=1, limit=1)

    assert (released, row.number, row.tries, row.attempts) == (1, 2, 0, 1)


async def test_only_the_states_asked_for_are_released(ledger: Ledger) -> None:
    campaign = await load(ledger, 3)
    await bring(ledger, campaign, 1, State.FAILED)
    await bring(ledger, campaign, 2, State.REJECTED)
    await ledger.release(campaign, Stage.CREATE, (State.FAILED,))

    assert await ledger.counts(campaign) == (3, {"pending": 2, "rejected": 1})


async def test_only_the_keys_asked_for_are_released(ledger: Ledger) -> None:
    campaign = await load(ledger, 4)
    for number in (1, 2, 3):
        await bring(ledger, campaign, number, State.REJECTED)
    released = await ledger.release(campaign, Stage.CREATE, (State.REJECTED,), keys=["k1", "k3", "k4", "nobody"])

    assert (released, await ledger.counts(campaign)) == (2, (4, {"pending": 3, "rejected": 1}))


@pytest.mark.parametrize("state", [state for state in State if state not in {State.FAILED, State.REJECTED}])
async def test_nothing_else_can_simply_be_released(ledger: Ledger, state: State) -> None:
    campaign = await load(ledger, 1)

    with pytest.raises(IllegalMove, match="cannot simply become pending"):
        await ledger.release(campaign, Stage.CREATE, (state,))
