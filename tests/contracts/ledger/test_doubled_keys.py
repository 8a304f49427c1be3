"""Keys that stand in more than one row of a manifest."""

from __future__ import annotations

import pytest

from batcher.core.states import Stage
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import (
    Campaign,
    Comparison,
    Duplicate,
)
from batcher.ledger.staging import Staging
from tests.ledger.builders import (
    creation,
    manifest,
    manifest_row,
)

from .asking import staged


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

    assert [row.key for row in await ledger.claim(campaign, Stage.CREATE, after=0, limit=9)] == numbered


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
