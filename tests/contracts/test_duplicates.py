"""What every backend of the ledger knows of rows that may be more jobs than one."""

from __future__ import annotations

from contextlib import closing

import pytest

from batcher.core.states import Stage, State
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import Campaign, Duplicates, Recorded, SentAgain
from batcher.ledger.staging import Staging
from tests.contracts.conftest import Backend, readable
from tests.ledger.builders import NOW, bring, load, manifest_row, outcome, send

TWICE = SentAgain(number=2, key="k2", generation=0, job_id=5002, attempts=2)


async def made_by_the_second_attempt(ledger: Ledger, *, unchecked: bool = False, sent: bool = True) -> Campaign:
    """A campaign of three rows; the second was sent again after an attempt that made nothing."""
    campaign = await load(ledger, 3)
    await send(ledger, campaign, 2)
    await ledger.record_outcome(outcome(campaign, 2, State.PENDING, unchecked=unchecked, sent=sent))
    await send(ledger, campaign, 2, attempt=2)
    await ledger.record_outcome(outcome(campaign, 2, State.DONE, attempt=2))
    return campaign


async def test_a_created_row_with_two_attempts_that_were_sent_was_sent_again(ledger: Ledger) -> None:
    campaign = await made_by_the_second_attempt(ledger)
    await bring(ledger, campaign, 3, State.DONE)

    assert await ledger.sent_again(campaign) == [TWICE]


async def test_an_attempt_that_was_never_sent_does_not_count(ledger: Ledger) -> None:
    campaign = await made_by_the_second_attempt(ledger, sent=False)

    assert await ledger.sent_again(campaign) == []


@pytest.mark.parametrize("state", [State.IN_DOUBT, State.HELD, State.SENDING, State.REJECTED, State.FAILED])
async def test_a_row_that_is_not_created_is_not_due(ledger: Ledger, state: State) -> None:
    campaign = await load(ledger, 3)
    await bring(ledger, campaign, 2, state)

    assert await ledger.sent_again(campaign) == []


async def test_after_the_second_look_a_row_is_not_due_any_more(ledger: Ledger) -> None:
    campaign = await made_by_the_second_attempt(ledger)

    await ledger.note_second_look(campaign, TWICE, (), NOW)

    assert (await ledger.sent_again(campaign), await ledger.duplicates(campaign)) == ([], Duplicates())


async def test_jobs_too_many_are_counted_as_known(ledger: Ledger) -> None:
    campaign = await made_by_the_second_attempt(ledger, unchecked=True)

    await ledger.note_second_look(campaign, TWICE, (7001, 7002), NOW)

    assert await ledger.duplicates(campaign) == Duplicates(known=1, possible=0)


async def test_a_row_that_was_sent_again_unchecked_is_a_possible_duplicate(ledger: Ledger) -> None:
    campaign = await made_by_the_second_attempt(ledger, unchecked=True)

    assert await ledger.duplicates(campaign) == Duplicates(known=0, possible=1)


async def test_an_unchecked_attempt_alone_is_no_possible_duplicate(ledger: Ledger) -> None:
    campaign = await load(ledger, 3)
    await send(ledger, campaign, 2)
    await ledger.record_outcome(outcome(campaign, 2, State.FAILED, unchecked=True))

    assert await ledger.duplicates(campaign) == Duplicates()


async def test_a_second_look_that_finds_one_job_clears_the_row(ledger: Ledger) -> None:
    campaign = await made_by_the_second_attempt(ledger, unchecked=True)

    await ledger.note_second_look(campaign, TWICE, (), NOW)

    assert await ledger.duplicates(campaign) == Duplicates()


@readable
async def test_results_and_status_name_them(ledger: Ledger, backend: Backend) -> None:
    campaign = await made_by_the_second_attempt(ledger, unchecked=True)
    with closing(backend.read()) as reader:
        possible = reader.with_duplicates(campaign, 5)
    await ledger.note_second_look(campaign, TWICE, (7001,), NOW)
    with closing(backend.read()) as reader:
        known = reader.with_duplicates(campaign, 5)
        overview = reader.overview(campaign)

    assert [(row.row_number, row.possible_duplicate, row.extra_job_ids) for row in possible] == [(2, True, ())]
    assert [(row.row_number, row.possible_duplicate, row.extra_job_ids) for row in known] == [(2, False, (7001,))]
    assert overview.duplicates == Duplicates(known=1, possible=0)


async def test_a_doubt_that_is_put_off_stays_open_for_longer(ledger: Ledger) -> None:
    campaign = await load(ledger, 3)
    await bring(ledger, campaign, 2, State.IN_DOUBT)

    await ledger.put_off(campaign, 2, 1, 777.5)

    assert [doubt.open_until for doubt in await ledger.doubts(campaign, Stage.CREATE, (State.IN_DOUBT,))] == [777.5]


@pytest.mark.parametrize("new", [State.PENDING, State.FAILED])
async def test_a_row_that_is_gone_and_turns_out_not_to_exist_is_withdrawn(ledger: Ledger, new: State) -> None:
    campaign = await load(ledger, 3)
    await bring(ledger, campaign, 2, State.IN_DOUBT)

    def without_the_second(staging: Staging) -> None:
        staging.add([manifest_row(1), manifest_row(3)])
        staging.amend(campaign)

    await ledger.load(without_the_second)

    assert await ledger.record_outcome(outcome(campaign, 2, new, old=State.IN_DOUBT)) is Recorded.WITHDRAWN
    assert (await ledger.counts(campaign))[1] == {"pending": 2, "withdrawn": 1}
