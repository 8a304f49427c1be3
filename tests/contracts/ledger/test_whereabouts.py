"""Where submitted jobs stand at the remote: whom to ask next, and what was heard."""

from __future__ import annotations

import pytest

from batcher.core.states import Stage, State
from batcher.ledger.job_records import Draft, JobSeen, Whereabouts
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import Campaign
from tests.contracts.conftest import Backend, readable
from tests.ledger.builders import bring, intents, load, outcome


async def submitted(ledger: Ledger, rows: int, name: str = "c", first_job: int = 5001) -> Campaign:
    """A campaign whose first ``rows`` jobs are submitted; one more is a draft, and one is in doubt about its submit."""
    campaign = await load(ledger, rows + 2, name)
    for number in range(1, rows + 3):
        await bring(ledger, campaign, number, State.DONE, job_id=first_job + number - 1)
    through = [*range(1, rows + 1), rows + 2]
    await ledger.begin_stage(campaign, Stage.SUBMIT, through=rows + 2)
    attempts = dict.fromkeys(through, 1)
    await ledger.record_intents(intents(campaign, attempts, stage=Stage.SUBMIT))
    for number in through:
        new = State.IN_DOUBT if number == rows + 2 else State.DONE
        move = outcome(campaign, number, new, stage=Stage.SUBMIT, job_id=first_job + number - 1)
        await ledger.record_outcome(move)
    return campaign


async def note(ledger: Ledger, campaign: Campaign, at: str, **states: str | None) -> None:
    """``note(..., "1", r3="mailed")``: row 3 was seen mailed at that time."""
    seen = [JobSeen(number=int(row[1:]), state=state) for row, state in states.items()]
    await ledger.note_remote_states(campaign, seen, now=at)


async def asked_next(ledger: Ledger, campaign: Campaign, limit: int = 100) -> list[int]:
    return [draft.number for draft in await ledger.on_their_way(campaign, limit=limit)]


async def test_submitted_rows_are_asked_for_with_their_job(ledger: Ledger) -> None:
    campaign = await submitted(ledger, 2)

    assert await ledger.on_their_way(campaign, limit=9) == [
        Draft(number=1, key="k1", jobs=(5001,)),
        Draft(number=2, key="k2", jobs=(5002,)),
    ]


async def test_those_never_asked_for_come_first_then_those_asked_longest_ago(ledger: Ledger) -> None:
    campaign = await submitted(ledger, 5)
    await note(ledger, campaign, "2026-01-02", r1="ordered", r4="ordered")
    await note(ledger, campaign, "2026-01-01", r2="in_production")

    assert await asked_next(ledger, campaign) == [3, 5, 2, 1, 4]
    assert await asked_next(ledger, campaign, limit=3) == [3, 5, 2]


async def test_whoever_asks_for_some_again_and_again_gets_round(ledger: Ledger) -> None:
    campaign = await submitted(ledger, 7)
    rounds = []
    for day in range(1, 5):
        rounds.append(await asked_next(ledger, campaign, limit=3))
        await note(ledger, campaign, f"2026-01-0{day}", **{f"r{number}": None for number in rounds[-1]})

    assert rounds == [[1, 2, 3], [4, 5, 6], [7, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize("state", ["mailed", "cancelled", "deleted"])
async def test_jobs_at_rest_are_asked_for_no_more(ledger: Ledger, state: str) -> None:
    campaign = await submitted(ledger, 2)
    await note(ledger, campaign, "2026-01-01", r1=state)

    assert await asked_next(ledger, campaign) == [2]
    assert (await ledger.whereabouts(campaign)).on_their_way == 1


@pytest.mark.parametrize("state", ["error", "editing", "not_found", "not_understood", "of a later version"])
async def test_all_others_are(ledger: Ledger, state: str) -> None:
    campaign = await submitted(ledger, 1)
    await note(ledger, campaign, "2026-01-01", r1=state)

    assert await asked_next(ledger, campaign) == [1]
    assert (await ledger.whereabouts(campaign)).on_their_way == 1


async def test_a_question_without_an_answer_keeps_what_was_heard_before(ledger: Ledger) -> None:
    campaign = await submitted(ledger, 2)
    await note(ledger, campaign, "2026-01-01", r1="ordered")
    await note(ledger, campaign, "2026-01-02", r1=None, r2=None)

    assert await ledger.whereabouts(campaign) == Whereabouts(counts={"ordered": 1}, unread=1, asked_at="2026-01-02")


async def test_counts_are_in_the_order_of_a_jobs_life_and_of_this_campaign_alone(ledger: Ledger) -> None:
    campaign, other = await submitted(ledger, 6), await submitted(ledger, 1, "d", 6001)
    await note(ledger, other, "2026-01-09", r1="mailed")
    await note(ledger, campaign, "2026-01-01", r1="error", r2="mailed", r3="ordered", r4="mailed", r5="strange")

    seen = await ledger.whereabouts(campaign)

    assert list(seen.counts.items()) == [("ordered", 1), ("mailed", 2), ("error", 1), ("strange", 1)]
    assert (seen.unread, seen.asked_at) == (1, "2026-01-01")


async def test_no_state_of_a_row_changes(ledger: Ledger) -> None:
    campaign = await submitted(ledger, 3)
    before = await ledger.counts(campaign)
    await note(ledger, campaign, "2026-01-01", r1="editing", r2="error", r3="deleted")

    assert await ledger.counts(campaign) == before


@readable
async def test_a_reader_tells_the_same_and_names_the_rows(ledger: Ledger, backend: Backend) -> None:
    campaign = await submitted(ledger, 4)
    await note(ledger, campaign, "2026-01-01", r1="error", r2="mailed", r3="not_found", r4="error")
    reader = backend.read()
    overview = reader.overview(campaign)
    rows = reader.seen_at_remote(campaign, ["error", "not_found"], 2)
    reader.close()

    assert overview.whereabouts == await ledger.whereabouts(campaign)
    assert [(row.row_number, row.job_id, row.remote_state) for row in rows] == [
        (1, 5001, "error"),
        (3, 5003, "not_found"),
    ]
