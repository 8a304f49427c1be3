"""When a campaign may go to another target: for as long as no job can have been made at the one that it has."""

from __future__ import annotations

from typing import Any

import pytest

from batcher.core.outcome import FaultKind
from batcher.core.states import Stage, State
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import Campaign, Target, Via
from batcher.ledger.staging import Staging
from tests.ledger.builders import bring, load, manifest, outcome, send

ELSEWHERE = Target(base_url="https://stage.example/molpro", username="somebody")
TURNED_AWAY = ("bad_credentials", "forbidden", "not_found", "not_made", "rejected")


async def is_tied(ledger: Ledger, campaign: Campaign) -> bool:
    tied: bool = await ledger.load(lambda staging: staging.is_tied(campaign))
    return tied


async def ended(ledger: Ledger, state: State, **facts: Any) -> Campaign:
    """A campaign of three rows; the first was sent, and this became of it."""
    campaign = await load(ledger, 3)
    await send(ledger, campaign, 1)
    await ledger.record_outcome(outcome(campaign, 1, state, **facts))
    return campaign


async def test_a_campaign_that_was_never_sent_is_free(ledger: Ledger) -> None:
    campaign = await load(ledger, 3)

    assert await is_tied(ledger, campaign) is False


@pytest.mark.parametrize("kind", [FaultKind.DNS, FaultKind.CONNECT, FaultKind.WITHHELD])
async def test_attempts_of_which_nothing_was_sent_leave_it_free(ledger: Ledger, kind: FaultKind) -> None:
    campaign = await ended(ledger, State.PENDING, sent=False, error_type=kind)

    assert await is_tied(ledger, campaign) is False


@pytest.mark.parametrize("error_type", TURNED_AWAY)
async def test_attempts_that_were_turned_away_leave_it_free(ledger: Ledger, error_type: str) -> None:
    campaign = await ended(ledger, State.PENDING, error_type=error_type)

    assert await is_tied(ledger, campaign) is False


async def test_rows_whose_tries_are_used_up_leave_it_free(ledger: Ledger) -> None:
    campaign = await ended(ledger, State.FAILED, error_type="not_found")

    assert await is_tied(ledger, campaign) is False


async def test_a_withdrawn_row_leaves_it_free(ledger: Ledger) -> None:
    campaign = await load(ledger, 3)

    def withdraw(staging: Staging) -> None:
        staging.add(manifest(2))
        staging.amend(campaign)

    await ledger.load(withdraw)

    assert await is_tied(ledger, campaign) is False


@pytest.mark.parametrize("state", [State.SENDING, State.DONE, State.IN_DOUBT, State.HELD, State.REJECTED])
async def test_a_row_that_may_be_a_job_or_was_judged_ties_it(ledger: Ledger, state: State) -> None:
    campaign = await load(ledger, 3)
    await bring(ledger, campaign, 2, state)

    assert await is_tied(ledger, campaign) is True


@pytest.mark.parametrize("error_type", [*FaultKind, "no_verdict", "reported_failure", "redirected"])
async def test_an_attempt_that_was_in_doubt_ties_it_even_when_a_look_up_found_no_job(
    ledger: Ledger, error_type: str
) -> None:
    campaign = await ended(ledger, State.IN_DOUBT, error_type=error_type)
    absent = outcome(campaign, 1, State.PENDING, old=State.IN_DOUBT, via=Via.LOOK_UP)
    await ledger.record_outcome(absent)

    assert await is_tied(ledger, campaign) is True


async def test_a_row_with_the_vendors_word_ties_it_even_when_it_was_put_back(ledger: Ledger) -> None:
    campaign = await ended(ledger, State.REJECTED, error_type="rejected", return_code=9)
    await ledger.release(campaign, Stage.CREATE, (State.REJECTED,))

    assert await is_tied(ledger, campaign) is True


async def test_what_a_person_has_settled_as_not_made_leaves_it_free(ledger: Ledger) -> None:
    campaign = await ended(ledger, State.IN_DOUBT, error_type="redirected")
    settled = outcome(campaign, 1, State.PENDING, old=State.IN_DOUBT, via=Via.PERSON)
    await ledger.record_outcome(settled)

    assert await is_tied(ledger, campaign) is False


async def test_what_a_person_has_settled_as_made_ties_it(ledger: Ledger) -> None:
    campaign = await ended(ledger, State.IN_DOUBT, error_type="redirected")
    settled = outcome(campaign, 1, State.DONE, old=State.IN_DOUBT, via=Via.PERSON)
    await ledger.record_outcome(settled)

    assert await is_tied(ledger, campaign) is True


async def test_rows_of_another_campaign_do_not_tie_it(ledger: Ledger) -> None:
    first, second = await load(ledger, 3, "a"), await load(ledger, 3, "b")
    await bring(ledger, first, 1, State.DONE)

    assert (await is_tied(ledger, first), await is_tied(ledger, second)) == (True, False)


async def test_a_campaign_takes_its_new_target_for_good(ledger: Ledger) -> None:
    campaign = await load(ledger, 3)
    await ledger.note_lag(campaign, 2.5)
    moved: Campaign = await ledger.load(lambda staging: staging.retarget(campaign, ELSEWHERE))

    assert moved == await ledger.campaign("c")
    assert moved.target == ELSEWHERE
    assert (await ledger.lag_s(ELSEWHERE), await ledger.lag_s(campaign.target)) == (None, None)
