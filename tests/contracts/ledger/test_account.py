"""What is known of the account: a job as a control, and the lag of the look-up."""

from __future__ import annotations

from typing import Any

import pytest

from batcher.core.states import State
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import (
    KnownRow,
    Target,
    Via,
)
from tests.ledger.builders import (
    TARGET,
    bring,
    load,
    outcome,
    send,
)

from .asking import ELSEWHERE


async def test_the_known_row_is_the_latest_job_that_was_sent_just_once(ledger: Ledger) -> None:
    campaign = await load(ledger, 4)
    for number in (1, 3, 2):
        await bring(ledger, campaign, number, State.DONE)

    assert await ledger.known_row(campaign) == KnownRow(token="token-c", number=3, generation=0, job_id=5003)


async def test_a_row_that_was_sent_twice_is_no_control(ledger: Ledger) -> None:
    """The remote may hold two jobs under its signature."""
    campaign = await load(ledger, 1)
    await send(ledger, campaign, 1)
    await ledger.record_outcome(outcome(campaign, 1, State.PENDING))
    await send(ledger, campaign, 1, attempt=2)
    await ledger.record_outcome(outcome(campaign, 1, State.DONE, attempt=2))

    assert await ledger.known_row(campaign) is None


async def test_an_attempt_of_which_nothing_was_sent_does_not_count(ledger: Ledger) -> None:
    campaign = await load(ledger, 1)
    await send(ledger, campaign, 1)
    await ledger.record_outcome(outcome(campaign, 1, State.PENDING, sent=False))
    await send(ledger, campaign, 1, attempt=2)
    await ledger.record_outcome(outcome(campaign, 1, State.DONE, attempt=2))

    assert await ledger.known_row(campaign) == KnownRow(token="token-c", number=1, generation=0, job_id=5001)


async def test_an_id_that_a_person_gave_is_no_control(ledger: Ledger) -> None:
    """A slip of the pen would break the proof of every later run of the account."""
    campaign = await load(ledger, 2)
    await bring(ledger, campaign, 1, State.DONE)
    await bring(ledger, campaign, 2, State.IN_DOUBT)
    await ledger.record_outcome(outcome(campaign, 2, State.DONE, old=State.IN_DOUBT, via=Via.PERSON, job_id=99_999))

    assert await ledger.known_row(campaign) == KnownRow(token="token-c", number=1, generation=0, job_id=5001)


async def test_a_job_of_another_campaign_of_the_account_is_a_control_too(ledger: Ledger) -> None:
    first, second = await load(ledger, 1, "a"), await load(ledger, 1, "b")
    await bring(ledger, first, 1, State.DONE)

    assert await ledger.known_row(second) == KnownRow(token="token-a", number=1, generation=0, job_id=5001)


@pytest.mark.parametrize(
    "other",
    [
        {"target": ELSEWHERE},
        {"target": Target(base_url=TARGET.base_url, username="somebody else")},
        {"own_signatures": True},
    ],
    ids=["base url", "user name", "own signatures"],
)
async def test_a_job_of_another_account_or_signature_is_no_control(ledger: Ledger, other: dict[str, Any]) -> None:
    first, second = await load(ledger, 1, "a", **other), await load(ledger, 1, "b")
    await bring(ledger, first, 1, State.DONE)

    assert await ledger.known_row(second) is None


async def test_the_lag_is_the_largest_ever_measured_for_the_account(ledger: Ledger) -> None:
    first, second = await load(ledger, 1, "a"), await load(ledger, 1, "b")
    before = await ledger.lag_s(TARGET)
    for campaign, lag_s in ((first, 2.0), (second, 5.5), (second, 1.0)):
        await ledger.note_lag(campaign, lag_s)

    assert (before, await ledger.lag_s(TARGET), await ledger.lag_s(ELSEWHERE)) == (None, 5.5, None)


async def test_a_lag_of_nothing_is_a_lag(ledger: Ledger) -> None:
    await ledger.note_lag(await load(ledger, 1), 0.0)

    assert await ledger.lag_s(TARGET) == 0.0
