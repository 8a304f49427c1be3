"""Stopping while a manifest is read: nothing of it is taken in, whatever was read by then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from batcher.core.errors import LoadInterrupted
from batcher.dispatch.load import LoadPolicy, load_manifest
from batcher.ledger.sqlite import SqliteLedger
from batcher.manifest import Manifest, Reading, open_manifest
from batcher.manifest.records import Contents
from tests.dispatch.conftest import TARGET
from tests.manifest.builders import csv_bytes, job


class Stopped:
    """Says so once it is told."""

    def __init__(self) -> None:
        self.told = False

    def __call__(self) -> bool:
        return self.told


def ending_with(contents: Contents, stopped: Stopped) -> Iterator[Any]:
    yield from contents.records
    stopped.told = True


async def load(ledger: SqliteLedger, manifest: Manifest, stopped: Stopped) -> Any:
    return await ledger.load(
        lambda staging: load_manifest(
            staging,
            manifest,
            existing=None,
            name="c",
            target=TARGET,
            reading=Reading(),
            policy=LoadPolicy(),
            now="2026-01-01T00:00:00.000Z",
        ),
        stopped,
    )


@pytest.mark.parametrize("last", ["3", "cut in hal"], ids=["valid", "invalid"])
async def test_a_manifest_that_ends_with_the_word_to_stop_is_perhaps_cut_short(tmp_path: Path, last: str) -> None:
    """Ctrl-C reaches the whole pipe: whoever writes the manifest ends, and what has come is not all of it."""
    path = tmp_path / "m.csv"
    path.write_bytes(csv_bytes([job(documentId=document) for document in ("1", "2", last)]))
    stopped, ledger = Stopped(), await SqliteLedger.open(None)
    with open_manifest(path, Reading()) as manifest:
        manifest._contents = replace(manifest._contents, records=ending_with(manifest._contents, stopped))
        with pytest.raises(LoadInterrupted):
            await load(ledger, manifest, stopped)

    assert await ledger.campaign("c") is None
    await ledger.close()


@pytest.mark.parametrize("document", ["1234567", "no number"], ids=["valid rows", "invalid rows"])
def test_rows_end_early_once_somebody_asks_to_stop(tmp_path: Path, document: str) -> None:
    path = tmp_path / "m.csv"
    path.write_bytes(csv_bytes([job(documentId=document)] * 2500))
    with open_manifest(path, Reading()) as manifest:
        read = sum(map(len, manifest.batches(is_stopped=lambda: True)))

        assert read + manifest.problems.total == 1000
