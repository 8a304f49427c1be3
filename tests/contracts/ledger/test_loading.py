"""A manifest becomes a campaign, all of it or nothing; and what is written stays."""

from __future__ import annotations

import pytest

from batcher.core.errors import LedgerError
from batcher.core.states import Stage, State
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import (
    Campaign,
)
from batcher.ledger.staging import Staging
from tests.contracts.conftest import Backend, readable
from tests.ledger.builders import (
    NOW,
    TARGET,
    bring,
    changed,
    creation,
    load,
    manifest,
    manifest_row,
)

from .asking import compare, staged


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

    assert [row.number for row in await ledger.claim(campaign, Stage.CREATE, after=0, limit=9)] == [3, 7]


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
