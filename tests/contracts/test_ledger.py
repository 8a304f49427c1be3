"""What every backend of the ledger promises, from loading a manifest to the end of a run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import product
from typing import Any

import pytest

from batcher.core.errors import Exit, IllegalMove, LedgerError
from batcher.core.row import ManifestRow
from batcher.core.states import DOUBTFUL, State, may_move
from batcher.ledger.protocol import Ledger, Staging
from batcher.ledger.records import (
    Campaign,
    Comparison,
    Duplicate,
    HeldJob,
    KnownRow,
    OpenDoubt,
    Recorded,
    Result,
    StoredRow,
    Target,
    Via,
)
from tests.contracts.conftest import Backend, readable
from tests.ledger.builders import (
    BOOT,
    NOW,
    TARGET,
    bring,
    changed,
    creation,
    intents,
    load,
    manifest,
    manifest_row,
    outcome,
    send,
    start_run,
)

ELSEWHERE = Target(base_url="https://stage.example/molpro", username="user")
MADE_NOTHING = (State.PENDING, State.REJECTED, State.FAILED)
MAY_BE_JOBS = (State.SENDING, State.DONE, State.IN_DOUBT, State.HELD)
MAY_BE_JOBS_SHOWN = [(state, "created" if state is State.DONE else state.value) for state in MAY_BE_JOBS]


async def staged(ledger: Ledger, rows: Sequence[ManifestRow], ask: Callable[[Staging], Any]) -> Any:
    """Puts rows into the staging area, and asks something of it."""

    def work(staging: Staging) -> Any:
        staging.add(rows)
        return ask(staging)

    return await ledger.load(work)


async def compare(ledger: Ledger, campaign: Campaign, rows: Sequence[ManifestRow]) -> Comparison:
    compared: Comparison = await staged(ledger, rows, lambda staging: staging.compare(campaign))
    return compared


async def amend(ledger: Ledger, campaign: Campaign, rows: Sequence[ManifestRow]) -> None:
    await staged(ledger, rows, lambda staging: staging.amend(campaign))


async def state_of(ledger: Ledger, campaign: Campaign, number: int) -> State:
    row = await ledger.find_row(campaign, number=number, key=None)
    assert row is not None
    return row.state


async def withdraw(ledger: Ledger, campaign: Campaign, rows: int, *gone: int) -> None:
    await amend(ledger, campaign, [row for row in manifest(rows) if row.number not in gone])


# Loading


async def test_a_new_campaign_has_all_rows_pending(ledger: Ledger) -> None:
    campaign = await load(ledger, 3)

    assert await ledger.counts(campaign) == (3, {"pending": 3})


async def test_a_campaign_is_given_back_as_it_was_made(ledger: Ledger) -> None:
    made = await load(ledger, 1, reading={"key": "ä", "keep": ["note"]}, own_signatures=True)

    assert await ledger.campaign("c") == made
    assert made == Campaign(
        campaign_id=made.campaign_id,
        name="c",
        token="token-c",
        target=TARGET,
        manifest="m.csv",
        columns=("documentId", "addressId", "note"),
        kept_columns=("note",),
        reading={"key": "ä", "keep": ["note"]},
        own_signatures=True,
        created_at=NOW,
    )


async def test_a_campaign_that_is_not_there_is_none(ledger: Ledger) -> None:
    assert await ledger.campaign("nobody") is None


async def test_a_first_load_keeps_the_manifests_numbers(ledger: Ledger) -> None:
    campaign = await load(ledger, [manifest_row(7), manifest_row(3)])

    assert [row.number for row in await ledger.claim(campaign, after=0, limit=9)] == [3, 7]


async def test_rows_may_come_in_many_batches(ledger: Ledger) -> None:
    def work(staging: Staging) -> Campaign:
        for row in manifest(25):
            staging.add([row])
        return staging.create(**creation())

    assert await ledger.counts(await ledger.load(work)) == (25, {"pending": 25})


async def test_a_manifest_without_rows_is_a_campaign_without_rows(ledger: Ledger) -> None:
    assert await ledger.counts(await load(ledger, 0)) == (0, {})


@pytest.mark.parametrize("error", [LedgerError("x"), ValueError("x"), RuntimeError("x"), EOFError("x")])
async def test_an_exception_while_loading_leaves_nothing(ledger: Ledger, error: Exception) -> None:
    def work(staging: Staging) -> None:
        staging.add(manifest(5))
        staging.create(**creation())
        raise error

    with pytest.raises(type(error), match="x"):
        await ledger.load(work)
    assert await ledger.campaign("c") is None
    assert await ledger.counts(await load(ledger, 2)) == (2, {"pending": 2})


async def test_an_exception_while_amending_leaves_the_campaign_as_it_was(ledger: Ledger) -> None:
    campaign = await load(ledger, 3)

    def work(staging: Staging) -> None:
        staging.add([changed(1), manifest_row(9)])
        staging.amend(campaign)
        raise RuntimeError("x")

    with pytest.raises(RuntimeError, match="x"):
        await ledger.load(work)
    assert (await compare(ledger, campaign, manifest(3))).same


async def test_each_load_begins_with_an_empty_staging_area(ledger: Ledger) -> None:
    await staged(ledger, manifest(5), lambda staging: None)
    campaign = await load(ledger, [manifest_row(9)])

    assert await ledger.counts(campaign) == (1, {"pending": 1})


async def test_two_campaigns_cannot_have_one_name(ledger: Ledger) -> None:
    first = await load(ledger, 1)

    with pytest.raises(LedgerError):
        await load(ledger, 2, token="other")
    assert await ledger.counts(first) == (1, {"pending": 1})


# Comparing


async def test_the_same_rows_again_are_no_change(ledger: Ledger) -> None:
    campaign = await load(ledger, 4)
    compared = await compare(ledger, campaign, manifest(4))

    assert (compared.same, compared) == (True, Comparison(rows=4, new=0, changed=0, gone=0))


async def test_the_order_of_rows_is_no_change(ledger: Ledger) -> None:
    campaign = await load(ledger, 4)
    reversed_rows = [manifest_row(5 - n, key=f"k{n}", digest=n.to_bytes(16, "big")) for n in range(1, 5)]

    assert (await compare(ledger, campaign, reversed_rows)).same


async def test_new_changed_and_gone_rows_are_counted(ledger: Ledger) -> None:
    campaign = await load(ledger, 6)
    rows = [manifest_row(1), changed(2), changed(3), manifest_row(7), manifest_row(8), manifest_row(9)]

    assert await compare(ledger, campaign, rows) == Comparison(rows=6, new=3, changed=2, gone=3)


@pytest.mark.parametrize("state", MADE_NOTHING)
async def test_a_changed_row_that_made_nothing_is_no_conflict(ledger: Ledger, state: State) -> None:
    campaign = await load(ledger, 2)
    await bring(ledger, campaign, 1, state)
    compared = await compare(ledger, campaign, [changed(1), manifest_row(2)])

    assert compared == Comparison(rows=2, new=0, changed=1, gone=0)


@pytest.mark.parametrize(("state", "word"), MAY_BE_JOBS_SHOWN)
async def test_a_changed_row_that_may_be_a_job_is_a_conflict(ledger: Ledger, state: State, word: str) -> None:
    campaign = await load(ledger, 2)
    await bring(ledger, campaign, 1, state)
    job_id = 5001 if state is State.DONE else None
    compared = await compare(ledger, campaign, [changed(1, line=44), manifest_row(2)])

    assert (compared.changed, compared.conflict_count) == (1, 1)
    assert compared.conflicts == (HeldJob(key="k1", state=word, job_id=job_id, campaign="", line=44),)


@pytest.mark.parametrize("state", MADE_NOTHING)
async def test_a_row_that_is_gone_and_made_nothing_is_only_gone(ledger: Ledger, state: State) -> None:
    campaign = await load(ledger, 2)
    await bring(ledger, campaign, 1, state)

    assert await compare(ledger, campaign, [manifest_row(2)]) == Comparison(rows=1, new=0, changed=0, gone=1)


@pytest.mark.parametrize(("state", "word"), MAY_BE_JOBS_SHOWN)
async def test_a_row_that_is_gone_and_may_be_a_job_is_named(ledger: Ledger, state: State, word: str) -> None:
    campaign = await load(ledger, 2)
    await bring(ledger, campaign, 1, state)
    job_id = 5001 if state is State.DONE else None
    compared = await compare(ledger, campaign, [manifest_row(2)])

    assert (compared.gone, compared.gone_sent_count) == (1, 1)
    assert compared.gone_sent == (HeldJob(key="k1", state=word, job_id=job_id, campaign=""),)


async def test_conflicts_are_the_first_few_and_their_count_is_whole(ledger: Ledger) -> None:
    campaign = await load(ledger, 40)
    for number in range(1, 31):
        await bring(ledger, campaign, number, State.DONE)
    compared = await compare(ledger, campaign, [changed(n, digest=bytes([n]) * 16) for n in range(1, 41)])

    assert (compared.changed, compared.conflict_count, len(compared.conflicts)) == (40, 30, 20)
    assert [job.key for job in compared.conflicts[:3]] == ["k1", "k2", "k3"]


async def test_rows_of_another_campaign_do_not_matter(ledger: Ledger) -> None:
    first, second = await load(ledger, 3, "a"), await load(ledger, 5, "b")

    assert ((await compare(ledger, first, manifest(3))).same, (await compare(ledger, second, manifest(5))).same) == (
        True,
        True,
    )


# Amending


async def test_new_rows_are_numbered_behind_the_last_in_the_manifests_order(ledger: Ledger) -> None:
    campaign = await load(ledger, 2)
    await amend(ledger, campaign, [manifest_row(1, key="z"), *(manifest_row(n, key=f"k{n - 1}") for n in (2, 3)),
                                   manifest_row(4, key="a")])  # fmt: skip

    assert [(row.number, row.key) for row in await ledger.claim(campaign, after=0, limit=9)] == [
        (1, "k1"),
        (2, "k2"),
        (3, "z"),
        (4, "a"),
    ]


@pytest.mark.parametrize("state", MADE_NOTHING)
async def test_a_changed_row_that_made_nothing_takes_its_new_contents(ledger: Ledger, state: State) -> None:
    campaign = await load(ledger, 1)
    await bring(ledger, campaign, 1, state)
    attempts = 0 if state is State.PENDING else 1
    await amend(ledger, campaign, [changed(1)])

    assert await ledger.claim(campaign, after=0, limit=9) == [
        StoredRow(number=1, key="k1", generation=0, parameters={"documentId": "9999"}, tries=0, attempts=attempts)
    ]


@pytest.mark.parametrize("state", MADE_NOTHING)
async def test_an_amended_campaign_is_the_manifest(ledger: Ledger, state: State) -> None:
    campaign = await load(ledger, 3)
    await bring(ledger, campaign, 2, state)
    rows = [manifest_row(1), changed(2), manifest_row(9)]
    await amend(ledger, campaign, rows)

    assert (await compare(ledger, campaign, rows)).same


@pytest.mark.parametrize("state", MAY_BE_JOBS)
async def test_a_changed_row_that_may_be_a_job_stays_as_it_is(ledger: Ledger, state: State) -> None:
    campaign = await load(ledger, 2)
    await bring(ledger, campaign, 1, state)
    before = await ledger.find_row(campaign, number=1, key=None)
    await amend(ledger, campaign, [changed(1), manifest_row(2)])

    assert await ledger.find_row(campaign, number=1, key=None) == before


@pytest.mark.parametrize("state", [State.REJECTED, State.FAILED])
async def test_a_row_that_did_not_change_stays_in_its_state(ledger: Ledger, state: State) -> None:
    campaign = await load(ledger, 2)
    await bring(ledger, campaign, 1, state)
    await amend(ledger, campaign, [*manifest(2), manifest_row(3)])

    assert await state_of(ledger, campaign, 1) is state


@pytest.mark.parametrize("state", MADE_NOTHING)
async def test_a_row_that_is_gone_and_made_nothing_is_withdrawn(ledger: Ledger, state: State) -> None:
    campaign = await load(ledger, 2)
    await bring(ledger, campaign, 1, state)
    await withdraw(ledger, campaign, 2, 1)

    assert await ledger.counts(campaign) == (2, {"pending": 1, "withdrawn": 1})


@pytest.mark.parametrize("state", MAY_BE_JOBS)
async def test_a_row_that_is_gone_and_may_be_a_job_stays(ledger: Ledger, state: State) -> None:
    campaign = await load(ledger, 2)
    await bring(ledger, campaign, 1, state)
    await withdraw(ledger, campaign, 2, 1)

    assert await state_of(ledger, campaign, 1) is state


async def test_a_withdrawn_row_is_not_claimed(ledger: Ledger) -> None:
    campaign = await load(ledger, 2)
    await withdraw(ledger, campaign, 2, 1)

    assert [row.number for row in await ledger.claim(campaign, after=0, limit=9)] == [2]


async def test_a_withdrawn_row_is_no_longer_gone(ledger: Ledger) -> None:
    campaign = await load(ledger, 2)
    await withdraw(ledger, campaign, 2, 1)

    assert (await compare(ledger, campaign, [manifest_row(2)])).same


@pytest.mark.parametrize("back", [manifest_row(1), changed(1)], ids=["as it was", "changed"])
async def test_a_withdrawn_row_that_is_back_counts_as_changed_and_becomes_pending(
    ledger: Ledger, back: ManifestRow
) -> None:
    campaign = await load(ledger, 2)
    await bring(ledger, campaign, 1, State.FAILED)
    await withdraw(ledger, campaign, 2, 1)
    compared = await compare(ledger, campaign, [back, manifest_row(2)])
    await amend(ledger, campaign, [back, manifest_row(2)])
    claimed = await ledger.claim(campaign, after=0, limit=1)

    assert compared == Comparison(rows=2, new=0, changed=1, gone=0)
    assert claimed == [StoredRow(number=1, key="k1", generation=0, parameters=back.parameters, tries=0, attempts=1)]


async def test_amending_with_the_same_rows_changes_nothing(ledger: Ledger) -> None:
    campaign = await load(ledger, 3)
    await bring(ledger, campaign, 1, State.DONE)
    await bring(ledger, campaign, 2, State.REJECTED)
    before = await ledger.counts(campaign)
    await amend(ledger, campaign, manifest(3))

    assert await ledger.counts(campaign) == before


async def test_amending_one_campaign_leaves_the_others(ledger: Ledger) -> None:
    first, second = await load(ledger, 3, "a"), await load(ledger, 3, "b")
    await amend(ledger, first, [changed(1)])

    assert (await compare(ledger, second, manifest(3))).same


# Duplicates


async def test_without_duplicates_there_are_none(ledger: Ledger) -> None:
    assert await staged(ledger, manifest(3), lambda staging: staging.duplicates(9)) == ([], 0)


async def test_duplicates_are_named_with_the_line_of_the_first(ledger: Ledger) -> None:
    rows = [manifest_row(n, key=key) for n, key in enumerate(["a", "b", "a", "c", "b", "a"], 1)]

    assert await staged(ledger, rows, lambda staging: staging.duplicates(9)) == (
        [
            Duplicate(key="a", first_line=2, line=4),
            Duplicate(key="b", first_line=3, line=6),
            Duplicate(key="a", first_line=2, line=7),
        ],
        3,
    )


async def test_of_many_duplicates_the_first_are_named_and_all_counted(ledger: Ledger) -> None:
    rows = [manifest_row(n, key="a") for n in range(1, 11)]
    few, count = await staged(ledger, rows, lambda staging: staging.duplicates(2))

    assert ([duplicate.line for duplicate in few], count) == ([3, 4], 9)


@pytest.mark.parametrize(
    ("keys", "numbered"),
    [
        (["a", "b", "a", "a"], ["a", "b", "a#2", "a#3"]),
        (["a", "a", "a#2"], ["a", "a#2", "a#2#2"]),
        (["a#2", "a", "a"], ["a#2", "a", "a#2#2"]),
        (["a", "b"], ["a", "b"]),
    ],
)
async def test_duplicates_that_are_allowed_are_numbered(ledger: Ledger, keys: list[str], numbered: list[str]) -> None:
    def work(staging: Staging) -> Campaign:
        staging.add([manifest_row(n, key=key) for n, key in enumerate(keys, 1)])
        staging.number_duplicates()
        return staging.create(**creation())

    campaign = await ledger.load(work)

    assert [row.key for row in await ledger.claim(campaign, after=0, limit=9)] == numbered


async def test_a_manifest_with_duplicates_numbered_again_is_the_same(ledger: Ledger) -> None:
    rows = [manifest_row(n, key="a", digest=b"same") for n in range(1, 4)]

    def create(staging: Staging) -> Campaign:
        staging.number_duplicates()
        return staging.create(**creation())

    def again(staging: Staging) -> Comparison:
        staging.number_duplicates()
        return staging.compare(campaign)

    campaign = await staged(ledger, rows, create)

    assert (await staged(ledger, rows, again)).same


# Rows that another campaign holds


async def held_elsewhere(ledger: Ledger, name: str, base_url: str = TARGET.base_url) -> tuple[list[HeldJob], int]:
    held: tuple[list[HeldJob], int] = await staged(
        ledger, manifest(3), lambda staging: staging.held_elsewhere(name, base_url, 9)
    )
    return held


@pytest.mark.parametrize(("state", "word"), MAY_BE_JOBS_SHOWN)
async def test_a_row_that_may_be_a_job_in_another_campaign_is_named(ledger: Ledger, state: State, word: str) -> None:
    campaign = await load(ledger, 3, "last night")
    await bring(ledger, campaign, 2, state)
    job_id = 5002 if state is State.DONE else None

    assert await held_elsewhere(ledger, "tonight") == (
        [HeldJob(key="k2", state=word, job_id=job_id, campaign="last night", line=3)],
        1,
    )


@pytest.mark.parametrize("state", MADE_NOTHING)
async def test_a_row_that_made_nothing_in_another_campaign_is_free(ledger: Ledger, state: State) -> None:
    await bring(ledger, await load(ledger, 3, "last night"), 2, state)

    assert await held_elsewhere(ledger, "tonight") == ([], 0)


async def test_a_row_of_the_same_campaign_is_not_held_elsewhere(ledger: Ledger) -> None:
    await bring(ledger, await load(ledger, 3), 2, State.DONE)

    assert await held_elsewhere(ledger, "c") == ([], 0)


async def test_a_job_at_another_base_url_does_not_stand_in_the_way(ledger: Ledger) -> None:
    await bring(ledger, await load(ledger, 3, target=ELSEWHERE), 2, State.DONE)

    assert await held_elsewhere(ledger, "tonight") == ([], 0)


async def test_of_many_rows_held_elsewhere_the_first_are_named_and_all_counted(ledger: Ledger) -> None:
    campaign = await load(ledger, 3, "last night")
    for number in (1, 2, 3):
        await bring(ledger, campaign, number, State.DONE)
    held, count = await staged(
        ledger, manifest(3), lambda staging: staging.held_elsewhere("tonight", TARGET.base_url, 2)
    )

    assert ([job.key for job in held], count) == (["k1", "k2"], 3)


# Corrected rows


async def correct(ledger: Ledger, campaign: Campaign, *rows: ManifestRow) -> tuple[int, list[HeldJob]]:
    corrected: tuple[int, list[HeldJob]] = await staged(ledger, rows, lambda staging: staging.correct(campaign))
    return corrected


def correction(number: int, batcher_key: str | None) -> ManifestRow:
    """A row of a failed file: whatever its own key, it corrects the row named by the other."""
    return manifest_row(number, key=f"h{number}", parameters={"documentId": "77"}, kept={}, batcher_key=batcher_key)


@pytest.mark.parametrize("state", [State.REJECTED, State.FAILED])
@pytest.mark.parametrize("again", [False, True], ids=["as it was", "put back before"])
async def test_a_corrected_row_takes_the_place_of_the_old_one(ledger: Ledger, state: State, again: bool) -> None:
    campaign = await load(ledger, 3)
    await bring(ledger, campaign, 2, state)
    if again:
        await ledger.release(campaign, (state,))
    answer = await correct(ledger, campaign, correction(1, "k2"))

    assert answer == (1, [])
    assert (await ledger.claim(campaign, after=1, limit=1)) == [
        StoredRow(number=2, key="k2", generation=0, parameters={"documentId": "77"}, tries=0, attempts=1)
    ]


async def test_a_row_that_was_never_sent_may_be_corrected(ledger: Ledger) -> None:
    campaign = await load(ledger, 2)
    answer = await correct(ledger, campaign, correction(1, "k2"))

    assert answer == (1, [])
    assert [row.parameters for row in await ledger.claim(campaign, after=1, limit=1)] == [{"documentId": "77"}]


async def test_after_a_correction_the_manifest_as_it_was_can_be_run_again(ledger: Ledger) -> None:
    campaign = await load(ledger, 2)
    await bring(ledger, campaign, 2, State.REJECTED)
    await correct(ledger, campaign, correction(1, "k2"))

    assert (await compare(ledger, campaign, manifest(2))).same


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (State.SENDING, "sending"),
        (State.DONE, "created"),
        (State.IN_DOUBT, "in_doubt"),
        (State.HELD, "held"),
    ],
)
async def test_a_row_in_another_state_cannot_be_corrected(ledger: Ledger, state: State, word: str) -> None:
    campaign = await load(ledger, 3)
    await bring(ledger, campaign, 1, State.REJECTED)
    await bring(ledger, campaign, 2, state)
    taken, refused = await correct(ledger, campaign, correction(1, "k1"), correction(2, "k2"))

    assert (taken, [(job.key, job.state) for job in refused]) == (0, [("k2", word)])
    assert await state_of(ledger, campaign, 1) is State.REJECTED


async def test_a_withdrawn_row_cannot_be_corrected(ledger: Ledger) -> None:
    campaign = await load(ledger, 2)
    await withdraw(ledger, campaign, 2, 2)
    taken, refused = await correct(ledger, campaign, correction(1, "k2"))

    assert (taken, [(job.key, job.state) for job in refused]) == (0, [("k2", "withdrawn")])


@pytest.mark.parametrize(("batcher_key", "named"), [("nobody", "nobody"), (None, "h1")])
async def test_a_correction_of_nothing_is_refused(ledger: Ledger, batcher_key: str | None, named: str) -> None:
    campaign = await load(ledger, 1)
    taken, refused = await correct(ledger, campaign, correction(1, batcher_key))

    assert (taken, refused) == (0, [HeldJob(key=named, state="unknown", job_id=None, campaign="", line=2)])


async def test_two_corrections_of_one_row_are_refused(ledger: Ledger) -> None:
    """One of the two would be lost, and nobody knows which."""
    campaign = await load(ledger, 1)
    await bring(ledger, campaign, 1, State.REJECTED)
    taken, refused = await correct(ledger, campaign, correction(1, "k1"), correction(2, "k1"))

    assert (taken, refused) == (0, [HeldJob(key="k1", state="given twice", job_id=None, campaign="", line=3)])
    assert await state_of(ledger, campaign, 1) is State.REJECTED


async def test_a_correction_does_not_reach_into_another_campaign(ledger: Ledger) -> None:
    first, second = await load(ledger, 1, "a"), await load(ledger, 1, "b")
    await bring(ledger, first, 1, State.REJECTED)
    answer = await correct(ledger, second, correction(1, "k1"))

    assert answer == (1, [])
    assert await state_of(ledger, first, 1) is State.REJECTED


# Claiming, and intents


async def test_pending_rows_are_claimed_in_order_and_in_pieces(ledger: Ledger) -> None:
    campaign = await load(ledger, 7)
    first = await ledger.claim(campaign, after=0, limit=3)
    second = await ledger.claim(campaign, after=first[-1].number, limit=9)

    assert ([row.number for row in first], [row.number for row in second]) == ([1, 2, 3], [4, 5, 6, 7])


async def test_claiming_changes_nothing(ledger: Ledger) -> None:
    campaign = await load(ledger, 3)

    assert await ledger.claim(campaign, after=0, limit=9) == await ledger.claim(campaign, after=0, limit=9)


async def test_a_claimed_row_has_its_parameters_as_they_were_given(ledger: Ledger) -> None:
    parameters = {"documentId": "00123", "layout": " ä\"'\\\n ", "envelope": "", "name1": "🦉\u2028"}
    campaign = await load(ledger, [manifest_row(1, parameters=parameters)])

    assert await ledger.claim(campaign, after=0, limit=1) == [
        StoredRow(number=1, key="k1", generation=0, parameters=parameters, tries=0, attempts=0)
    ]


@pytest.mark.parametrize("state", [state for state in State if state not in {State.PENDING, State.WITHDRAWN}])
async def test_only_pending_rows_are_claimed(ledger: Ledger, state: State) -> None:
    campaign = await load(ledger, 2)
    await bring(ledger, campaign, 1, state)

    assert [row.number for row in await ledger.claim(campaign, after=0, limit=9)] == [2]


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


# Outcomes

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


# A job id that another row holds


async def test_a_job_id_that_another_row_holds_is_not_taken_from_a_reply(ledger: Ledger) -> None:
    campaign = await load(ledger, 2)
    await bring(ledger, campaign, 1, State.DONE)
    await send(ledger, campaign, 2)
    recorded = await ledger.record_outcome(outcome(campaign, 2, State.DONE, job_id=5001))

    assert (recorded, await state_of(ledger, campaign, 2)) == (Recorded.ID_TAKEN, State.IN_DOUBT)


@pytest.mark.parametrize("old", [State.IN_DOUBT, State.HELD])
async def test_a_job_id_that_another_row_holds_is_not_taken_from_a_look_up(ledger: Ledger, old: State) -> None:
    campaign = await load(ledger, 2)
    await bring(ledger, campaign, 1, State.DONE)
    await bring(ledger, campaign, 2, old)
    recorded = await ledger.record_outcome(outcome(campaign, 2, State.DONE, old=old, job_id=5001, via=Via.LOOK_UP))

    assert (recorded, await state_of(ledger, campaign, 2)) == (Recorded.ID_TAKEN, State.HELD)


async def test_a_job_id_that_a_row_of_another_campaign_holds_is_not_taken(ledger: Ledger) -> None:
    first, second = await load(ledger, 1, "a"), await load(ledger, 1, "b")
    await bring(ledger, first, 1, State.DONE)
    await send(ledger, second, 1)

    assert await ledger.record_outcome(outcome(second, 1, State.DONE)) is Recorded.ID_TAKEN


async def test_a_job_id_at_another_base_url_is_another_job(ledger: Ledger) -> None:
    first, second = await load(ledger, 1, "a"), await load(ledger, 1, "b", target=ELSEWHERE)
    await bring(ledger, first, 1, State.DONE)
    await send(ledger, second, 1)

    assert await ledger.record_outcome(outcome(second, 1, State.DONE)) is Recorded.MOVED


async def test_of_two_rows_that_get_one_job_id_at_once_one_gets_the_job(ledger: Ledger) -> None:
    campaign = await load(ledger, 2)
    await send(ledger, campaign, 1, 2)
    recorded = await asyncio.gather(
        *(ledger.record_outcome(outcome(campaign, n, State.DONE, job_id=7)) for n in (1, 2))
    )

    assert sorted(recorded) == [Recorded.ID_TAKEN, Recorded.MOVED]
    assert await ledger.counts(campaign) == (2, {"created": 1, "in_doubt": 1})


# Recovery, and doubts


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
    (doubt,) = await ledger.doubts(campaign, (State.IN_DOUBT, State.HELD))
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

    assert [doubt.open_until for doubt in await ledger.doubts(campaign, (State.IN_DOUBT,))] == [520.0]


async def test_a_doubt_has_all_that_is_needed_to_settle_it(ledger: Ledger) -> None:
    campaign = await load(ledger, 2)
    await send(ledger, campaign, 2)
    await ledger.record_outcome(
        outcome(campaign, 2, State.IN_DOUBT, tries=1, error_type="reported_failure", settle_from=33.0)
    )

    assert await ledger.doubts(campaign, (State.IN_DOUBT,)) == [
        OpenDoubt(
            number=2,
            key="k2",
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

    assert [[doubt.number for doubt in await ledger.doubts(campaign, states)] for states in asked] == [
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

    assert [doubt.replied for doubt in await ledger.doubts(campaign, (State.HELD,))] == [True]


async def test_a_row_whose_job_id_was_taken_counts_as_not_replied(ledger: Ledger) -> None:
    campaign = await load(ledger, 2)
    await bring(ledger, campaign, 1, State.DONE)
    await send(ledger, campaign, 2)
    await ledger.record_outcome(outcome(campaign, 2, State.DONE, job_id=5001))

    assert [(d.replied, d.open_until) for d in await ledger.doubts(campaign, (State.IN_DOUBT,))] == [(False, 120.0)]


@pytest.mark.parametrize("by", [{"number": 2, "key": None}, {"number": None, "key": "k2"}])
async def test_a_row_is_found_by_number_or_by_key(ledger: Ledger, by: dict[str, Any]) -> None:
    campaign = await load(ledger, 3)
    row = await ledger.find_row(campaign, **by)
    assert row is not None

    assert (row.number, row.key, row.state) == (2, "k2", State.PENDING)


@pytest.mark.parametrize("by", [{"number": 9, "key": None}, {"number": None, "key": "k9"}])
async def test_a_row_that_is_not_there_is_none(ledger: Ledger, by: dict[str, Any]) -> None:
    assert await ledger.find_row(await load(ledger, 3), **by) is None


# Release


@pytest.mark.parametrize("state", [State.FAILED, State.REJECTED])
async def test_released_rows_are_pending_with_fresh_tries(ledger: Ledger, state: State) -> None:
    campaign = await load(ledger, 3)
    await bring(ledger, campaign, 2, state)
    released = await ledger.release(campaign, (state,))
    (row,) = await ledger.claim(campaign, after=1, limit=1)

    assert (released, row.number, row.tries, row.attempts) == (1, 2, 0, 1)


async def test_only_the_states_asked_for_are_released(ledger: Ledger) -> None:
    campaign = await load(ledger, 3)
    await bring(ledger, campaign, 1, State.FAILED)
    await bring(ledger, campaign, 2, State.REJECTED)
    await ledger.release(campaign, (State.FAILED,))

    assert await ledger.counts(campaign) == (3, {"pending": 2, "rejected": 1})


async def test_only_the_keys_asked_for_are_released(ledger: Ledger) -> None:
    campaign = await load(ledger, 4)
    for number in (1, 2, 3):
        await bring(ledger, campaign, number, State.REJECTED)
    released = await ledger.release(campaign, (State.REJECTED,), keys=["k1", "k3", "k4", "nobody"])

    assert (released, await ledger.counts(campaign)) == (2, (4, {"pending": 3, "rejected": 1}))


@pytest.mark.parametrize("state", [state for state in State if state not in {State.FAILED, State.REJECTED}])
async def test_nothing_else_can_simply_be_released(ledger: Ledger, state: State) -> None:
    campaign = await load(ledger, 1)

    with pytest.raises(IllegalMove, match="cannot simply become pending"):
        await ledger.release(campaign, (state,))


# What is known of the account


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


# Counts, runs and results


async def test_counts_are_by_shown_state_in_the_order_in_which_they_are_shown(ledger: Ledger) -> None:
    campaign = await load(ledger, 8)
    for number, state in enumerate((State.HELD, State.IN_DOUBT, State.FAILED, State.REJECTED, State.DONE), 1):
        await bring(ledger, campaign, number, state)
    await send(ledger, campaign, 6)
    await withdraw(ledger, campaign, 8, 7)
    rows, counts = await ledger.counts(campaign)

    assert (rows, list(counts.items())) == (
        8,
        [
            ("pending", 1),
            ("sending", 1),
            ("created", 1),
            ("rejected", 1),
            ("failed", 1),
            ("in_doubt", 1),
            ("held", 1),
            ("withdrawn", 1),
        ],
    )


async def test_runs_are_numbered(ledger: Ledger) -> None:
    campaign = await load(ledger, 1)

    assert len({await start_run(ledger, campaign) for _ in range(3)}) == 3


@readable
async def test_a_run_is_noted_from_its_beginning_to_its_end(ledger: Ledger, backend: Backend) -> None:
    campaign = await load(ledger, 1)
    run_id = await start_run(ledger, campaign)
    with closing(backend.read()) as reader:
        during = reader.overview(campaign).last_run
        await ledger.finish_run(run_id, now="later", exit_code=Exit.FAILED, stopped_by="outage")
        after = reader.overview(campaign).last_run
    assert during is not None
    assert after is not None

    assert (during.run_id, during.finished_at, during.exit_code) == (run_id, None, None)
    assert (after.run_id, after.finished_at, after.exit_code, after.stopped_by) == (run_id, "later", 5, "outage")


def results_of(backend: Backend, campaign: Campaign, states: Sequence[str] | None = None) -> list[Result]:
    with closing(backend.read()) as reader:
        return list(reader.results(campaign, states))


@readable
async def test_results_are_in_manifest_order_each_with_its_own_row(ledger: Ledger, backend: Backend) -> None:
    campaign = await load(ledger, 40)
    await send(ledger, campaign, *range(1, 41))
    for number in (*range(40, 20, -1), *range(1, 21)):
        await ledger.record_outcome(outcome(campaign, number, State.DONE, description=f"d{number}"))
    seen = [
        (r.row_number, r.key, r.job_id, r.description, r.kept["note"], r.parameters["documentId"])
        for r in results_of(backend, campaign)
    ]

    assert seen == [(n, f"k{n}", 5000 + n, f"d{n}", f"n{n}", str(1000 + n)) for n in range(1, 41)]


@readable
async def test_a_created_row_has_all_that_was_answered(ledger: Ledger, backend: Backend) -> None:
    campaign = await load(ledger, 1)
    await send(ledger, campaign, 1)
    await ledger.record_outcome(
        outcome(
            campaign,
            1,
            State.DONE,
            http_status=201,
            return_code=0,
            description="Created",
            finished_at="later",
            duration_ms=12,
            extra_job_ids=(8, 9),
        )
    )

    assert results_of(backend, campaign) == [
        Result(
            row_number=1,
            key="k1",
            state="created",
            job_id=5001,
            http_status=201,
            return_code=0,
            description="Created",
            attempts=1,
            first_sent_at=NOW,
            completed_at="later",
            duration_ms=12,
            error_type=None,
            error=None,
            kept={"note": "n1"},
            parameters={"documentId": "1001", "addressId": "500"},
            extra_job_ids=(8, 9),
        )
    ]


@readable
async def test_a_row_that_was_never_sent_has_no_answer(ledger: Ledger, backend: Backend) -> None:
    (result,) = results_of(backend, await load(ledger, 1))

    assert (result.state, result.attempts, result.http_status, result.description, result.first_sent_at) == (
        "pending",
        0,
        None,
        "",
        None,
    )


@readable
async def test_results_tell_of_the_last_attempt(ledger: Ledger, backend: Backend) -> None:
    campaign = await load(ledger, 1)
    await send(ledger, campaign, 1)
    await ledger.record_outcome(outcome(campaign, 1, State.PENDING, http_status=429, error="first", error_type="x"))
    await send(ledger, campaign, 1, attempt=2)
    await ledger.record_outcome(
        outcome(campaign, 1, State.REJECTED, attempt=2, http_status=400, error="second", error_type="rejected")
    )
    (result,) = results_of(backend, campaign)

    assert (result.attempts, result.http_status, result.error, result.error_type) == (2, 400, "second", "rejected")


@readable
async def test_only_attempts_that_left_count_and_tell_when_a_row_was_first_sent(
    ledger: Ledger, backend: Backend
) -> None:
    campaign = await load(ledger, 1)
    for attempt, sent in ((1, False), (2, True), (3, True)):
        await ledger.record_intents(intents(campaign, {1: attempt}, recorded_at=f"at {attempt}"))
        await ledger.record_outcome(outcome(campaign, 1, State.PENDING, attempt=attempt, sent=sent))
    (result,) = results_of(backend, campaign)

    assert (result.first_sent_at, result.attempts) == ("at 2", 2)


@readable
async def test_a_row_that_never_left_was_never_sent(ledger: Ledger, backend: Backend) -> None:
    campaign = await load(ledger, 1)
    await send(ledger, campaign, 1)
    await ledger.record_outcome(outcome(campaign, 1, State.PENDING, sent=False))
    (result,) = results_of(backend, campaign)

    assert (result.attempts, result.first_sent_at) == (0, None)


@readable
async def test_a_job_found_by_look_up_keeps_what_was_replied(ledger: Ledger, backend: Backend) -> None:
    campaign = await load(ledger, 1)
    await send(ledger, campaign, 1)
    await ledger.record_outcome(
        outcome(campaign, 1, State.IN_DOUBT, http_status=500, return_code=9, description="custom", error="e")
    )
    await ledger.record_outcome(outcome(campaign, 1, State.DONE, old=State.IN_DOUBT, via=Via.LOOK_UP))
    (result,) = results_of(backend, campaign)

    assert (result.state, result.job_id, result.http_status, result.return_code, result.description, result.error) == (
        "created",
        5001,
        500,
        9,
        "custom",
        None,
    )


@readable
async def test_a_lost_outcome_is_still_written_down(ledger: Ledger, backend: Backend) -> None:
    campaign = await load(ledger, 1)
    await bring(ledger, campaign, 1, State.FAILED)
    await ledger.record_outcome(outcome(campaign, 1, State.REJECTED, http_status=418, error="late"))
    (result,) = results_of(backend, campaign)

    assert (result.state, result.http_status, result.error) == ("failed", 418, "late")


@readable
async def test_a_row_whose_process_died_says_so(ledger: Ledger, backend: Backend) -> None:
    campaign = await load(ledger, 1)
    await send(ledger, campaign, 1)
    await ledger.recover(campaign, await start_run(ledger, campaign), boot_id=BOOT, boot_now=1.0)
    (result,) = results_of(backend, campaign)

    assert (result.state, result.error_type, result.error) == (
        "in_doubt",
        "process_died",
        "the run that sent it ended without an answer",
    )


@readable
async def test_results_can_be_asked_for_by_state(ledger: Ledger, backend: Backend) -> None:
    campaign = await load(ledger, 5)
    for number, state in ((1, State.DONE), (3, State.REJECTED), (4, State.FAILED)):
        await bring(ledger, campaign, number, state)
    asked: list[list[str] | None] = [["created"], ["rejected", "failed"], [], None]

    assert [[result.row_number for result in results_of(backend, campaign, states)] for states in asked] == [
        [1],
        [3, 4],
        [],
        [1, 2, 3, 4, 5],
    ]


@readable
async def test_corrected_rows_show_what_was_corrected(ledger: Ledger, backend: Backend) -> None:
    campaign = await load(ledger, 1)
    await bring(ledger, campaign, 1, State.REJECTED)
    await correct(ledger, campaign, correction(1, "k1"))
    (result,) = results_of(backend, campaign)

    assert (result.parameters, result.kept) == ({"documentId": "77"}, {})


async def test_once_closed_a_ledger_refuses_work(backend: Backend) -> None:
    ledger = await backend.open()
    await ledger.close()

    with pytest.raises(LedgerError, match="closed"):
        await ledger.campaign("c")


@readable
async def test_what_was_written_is_there_when_the_ledger_is_opened_again(backend: Backend) -> None:
    first = await backend.open()
    campaign = await load(first, 3)
    await bring(first, campaign, 2, State.DONE)
    await first.close()
    second = await backend.open()
    found, counts = await second.campaign("c"), await second.counts(campaign)
    await second.close()

    assert (found, counts) == (campaign, (3, {"pending": 2, "created": 1}))
