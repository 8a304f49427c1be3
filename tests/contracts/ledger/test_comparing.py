"""What a manifest would change in the campaign that is there."""

from __future__ import annotations

import pytest

from batcher.core.states import State
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import (
    Comparison,
    HeldJob,
)
from tests.ledger.builders import (
    bring,
    changed,
    load,
    manifest,
    manifest_row,
)

from .asking import MADE_NOTHING, MAY_BE_JOBS_SHOWN, compare


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
