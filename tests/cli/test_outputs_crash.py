"""The crash table's last two lines: what a process leaves that dies while it writes its files."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from batcher.cli.outputs import write_outputs
from batcher.core.states import State
from batcher.ledger.records import Campaign
from batcher.ledger.sqlite import SqliteLedger, SqliteReader
from tests.ledger.builders import bring, load

DIE_AT_A_RENAME = """
import os, sys
from pathlib import Path
from batcher.cli.outputs import write_outputs
from batcher.ledger.sqlite import SqliteReader

rename, renamed = Path.replace, []

def replace(self, target):
    renamed.append(target)
    if len(renamed) == int(sys.argv[2]):
        os._exit(9)
    return rename(self, target)

Path.replace = replace
ledger = Path(sys.argv[1])
write_outputs(ledger, SqliteReader(ledger).campaign("c"), ledger.parent / "c.results.csv")
"""


async def _finished_campaign(ledger: Path) -> Campaign:
    """One row created, one rejected."""
    opened = await SqliteLedger.open(ledger)
    campaign = await load(opened, 2)
    await bring(opened, campaign, 1, State.DONE)
    await bring(opened, campaign, 2, State.REJECTED)
    await opened.close()
    return campaign


@pytest.mark.parametrize(
    ("at_rename", "results_are_new"), [(1, False), (2, True)], ids=["before the results", "before the failed file"]
)
def test_a_process_that_dies_leaves_whole_files_and_the_next_writes_them(
    tmp_path: Path, at_rename: int, results_are_new: bool
) -> None:
    ledger, results, failed = tmp_path / "b.db", tmp_path / "c.results.csv", tmp_path / "c.failed.csv"
    campaign = asyncio.run(_finished_campaign(ledger))
    results.write_text("old")
    failed.write_text("old")

    died = subprocess.run([sys.executable, "-c", DIE_AT_A_RENAME, str(ledger), str(at_rename)])

    assert died.returncode == 9
    assert (results.read_text() != "old", failed.read_text() != "old") == (results_are_new, False)
    write_outputs(ledger, campaign, results)
    reader = SqliteReader(ledger)
    assert len(results.read_text().splitlines()) == 1 + len(list(reader.results(campaign)))
    reader.close()
    assert len(failed.read_text().splitlines()) == 2
