"""New, changed and gone rows are taken in as far as nothing was made of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from batcher.core.row import ManifestRow
from batcher.core.states import Stage, State
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import (
    Comparison,
    StoredRow,
)
from tests.ledger.builders import (
    bring,
    changed,
    load,
    manifest,
    manifest_row,
)

from .asking import MADE_NOTHING, MAY_BE_JOBS, amend, compare, staged, state_of, withdraw


async def test_new_rows_are_numbered_behind_the_last_in_the_manifests_order(ledger: Ledger) -> None:
    campaign = await load(ledger, 2)
    await amend(ledger, campaign, [manifest_row(1, key="z"), *(manifest_row(n, key=f"k{n - 1}") for n in (2, 3)),
                                   manifest_row(4, key="a")])  # fmt: skip

    assert [(row.number, row.key) for row in await ledger.claim(campaign, Stage.CREATE, after=0, limit=9)] == [
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

    assert await ledger.claim(campaign, Stage.CREATE, after=0, limit=9) == [
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

    assert [row.number for row in await ledger.claim(campaign, Stage.CREATE, after=0, limit=9)] == [2]


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
    claimed = await ledger.claim(campaign, Stage.CREATE, after=0, limit=1)

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


async def test_how_an_amendment_was_read_is_kept(ledger: Ledger) -> None:
    """Corrected rows are read alike, and the failed file has the columns that the manifest has now."""
    campaign = await load(ledger, 2)
    facts = {"manifest": "n.csv", "columns": ("a", "b"), "kept_columns": ("b",), "reading": {"key": "a"}}
    described = await staged(ledger, [], lambda staging: staging.describe(campaign, **facts, own_signatures=False))

    assert described == replace(campaign, **facts)
    assert await ledger.campaign("c") == described


@pytest.mark.parametrize(("before", "after"), [(False, True), (True, False)])
async def test_signatures_of_their_own_are_not_forgotten(ledger: Ledger, before: bool, after: bool) -> None:
    campaign = await load(ledger, 2, own_signatures=before)
    facts = {"manifest": "n.csv", "columns": (), "kept_columns": (), "reading": {}, "own_signatures": after}
    described = await staged(ledger, [], lambda staging: staging.describe(campaign, **facts))

    assert described.own_signatures is True
