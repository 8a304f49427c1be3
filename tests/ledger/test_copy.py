"""A copy of a ledger to try things on, as a dry run does."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from batcher.core.errors import LedgerError
from batcher.core.states import State
from batcher.ledger.sqlite import SqliteLedger, schema
from tests.ledger.builders import bring, load


async def test_a_copy_has_the_contents_and_writes_nothing_back(ledger: SqliteLedger, path: Path) -> None:
    campaign = await load(ledger, 3)
    copy = await SqliteLedger.copy_of(path)
    await bring(copy, campaign, 1, State.DONE)

    assert await copy.counts(campaign) == (3, {"pending": 2, "created": 1})
    assert await ledger.counts(campaign) == (3, {"pending": 3})
    await copy.close()


async def test_a_copy_can_be_made_while_a_run_writes(ledger: SqliteLedger, path: Path) -> None:
    campaign = await load(ledger, 300)
    writes = asyncio.gather(*(bring(ledger, campaign, number, State.DONE) for number in range(1, 301)))
    copies = []
    while not writes.done():
        copy = await SqliteLedger.copy_of(path)
        copies.append(await copy.counts(campaign))
        await copy.close()
    await writes

    assert {(rows, sum(counts.values())) for rows, counts in copies} == {(300, 300)}


async def test_a_copy_of_what_is_not_there_is_empty_and_makes_no_file(path: Path) -> None:
    copy = await SqliteLedger.copy_of(path)
    await load(copy, 1)
    await copy.close()

    assert list(path.parent.iterdir()) == []


async def test_a_copy_of_an_older_ledger_is_brought_up_to_date_and_the_ledger_is_not(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = await SqliteLedger.open(path)
    campaign = await load(ledger, 2)
    await ledger.close()
    before = path.read_bytes()
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, "ALTER TABLE row ADD COLUMN colour TEXT"))
    copy = await SqliteLedger.copy_of(path)

    assert await copy.counts(campaign) == (2, {"pending": 2})
    assert path.read_bytes() == before
    await copy.close()


async def test_a_folder_cannot_be_copied(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="is a folder"):
        await SqliteLedger.copy_of(tmp_path)
