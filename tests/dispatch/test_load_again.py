"""The same manifest once more: it is known by its imprint, and read again only where that could change anything."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from batcher.core.errors import ManifestError
from batcher.core.retention import Fate
from batcher.core.states import State
from batcher.dispatch.load import Loaded, LoadPolicy, load_manifest
from batcher.ledger.sqlite import SqliteLedger
from batcher.ledger.sqlite.pruning import prune
from batcher.manifest import Reading, open_manifest
from tests.ledger.builders import TARGET, bring
from tests.manifest.builders import csv_bytes, job

THREE = csv_bytes([job(documentId=number) for number in "123"])
TWO = csv_bytes([job(documentId=number) for number in "12"])


class Loading:
    """Loads a manifest into a ledger, and says whether its rows were read for that."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "m.csv"
        self.place = folder / "batcher.db"
        self.ledger: SqliteLedger
        self.was_read = False
        self.path.write_bytes(THREE)

    async def __call__(self, name: str = "c", reading: Reading | None = None, **policy: bool) -> Loaded:
        reading, existing = reading or Reading(), await self.ledger.campaign(name)
        with open_manifest(self.path, reading) as manifest:
            records = manifest._contents.records
            manifest._contents = replace(manifest._contents, records=self.noting(records))
            self.was_read = False
            return await self.ledger.load(
                lambda staging: load_manifest(
                    staging,
                    manifest,
                    existing=existing,
                    name=name,
                    target=TARGET,
                    reading=reading,
                    policy=LoadPolicy(**policy),
                    now="2026-01-01T00:00:00.000Z",
                )
            )

    def noting(self, records: Any) -> Any:
        self.was_read = True
        yield from records


@pytest.fixture
async def load(tmp_path: Path) -> AsyncIterator[Loading]:
    loading = Loading(tmp_path)
    loading.ledger = await SqliteLedger.open(loading.place)
    await loading()
    yield loading
    await loading.ledger.close()


async def test_the_same_file_is_not_read_again(load: Loading) -> None:
    again = await load()

    assert again.comparison is not None
    assert (load.was_read, again.rows, again.comparison.rows, again.comparison.same) == (False, 3, 3, True)


async def test_other_bytes_with_the_same_rows_are_read_once(load: Loading) -> None:
    load.path.write_bytes(THREE + b"\n")
    again = [((await load()).rows, load.was_read) for _ in range(2)]

    assert again == [(3, True), (3, False)]


@pytest.mark.parametrize("flags", [{"reading": Reading(delimiter=",")}, {"allow_duplicates": True}], ids=str)
async def test_other_flags_may_make_other_rows_of_it(load: Loading, flags: Any) -> None:
    await load(**flags)

    assert load.was_read


async def test_another_version_of_batcher_may_be_stricter(load: Loading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batcher.dispatch.load.__version__", "99")
    await load()

    assert load.was_read


async def test_a_row_less_is_other_rows(load: Loading) -> None:
    load.path.write_bytes(TWO)

    with pytest.raises(ManifestError, match="0 are new, 0 changed, 1 gone"):
        await load()


async def test_a_file_that_changes_while_it_is_read_is_known_as_it_was_read(load: Loading) -> None:
    def noting(records: Any) -> Any:
        yield from records
        load.path.write_bytes(TWO)

    load.noting = noting  # type: ignore[method-assign]
    await load("d")

    with pytest.raises(ManifestError, match="1 gone"):
        await load("d")


async def test_an_amended_campaign_is_known_by_the_manifest_it_was_amended_with(load: Loading) -> None:
    load.path.write_bytes(csv_bytes([job(documentId=number) for number in "1234"]))
    await load(amend=True)
    again = await load()

    assert (load.was_read, again.rows) == (False, 4)


async def test_a_campaign_with_rows_that_are_gone_is_compared(load: Loading) -> None:
    load.path.write_bytes(TWO)
    await load(amend=True)
    await load()

    assert load.was_read


async def test_a_campaign_with_rows_that_were_pruned_is_given_them_back(load: Loading) -> None:
    await load.ledger.close()
    prune(load.place, lambda usage: Fate.STRIPPED)
    load.ledger = await SqliteLedger.open(load.place)
    await load()
    was_read = load.was_read
    await load()

    assert (was_read, load.was_read) == (True, False)


async def test_rows_that_another_campaign_has_made_meanwhile_are_found_without_reading(load: Loading) -> None:
    other = await load("d")
    await bring(load.ledger, other.campaign, 2, State.DONE)

    with pytest.raises(ManifestError, match="1 of the rows were already sent in another campaign"):
        await load()
    assert not load.was_read
    assert (await load(again=True)).rows == 3
