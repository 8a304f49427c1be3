"""A manifest of any size takes the same memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LOAD = """
import asyncio, json, resource, sys
from pathlib import Path
from batcher.core.row import ManifestRow
from batcher.ledger.records import Target
from batcher.ledger.sqlite import SqliteLedger

def batches(rows):
    for first in range(1, rows + 1, 1000):
        yield [ManifestRow(number=n, line=n, key=f"key-{n:020}", kept_json="{}", digest=n.to_bytes(16, "big"),
                           parameters_json=json.dumps({f"field{i}": f"value {n} {i}" for i in range(9)}))
               for n in range(first, min(first + 1000, rows + 1))]

async def main():
    ledger = await SqliteLedger.open(Path(sys.argv[1]))

    def work(staging):
        for batch in batches(int(sys.argv[2])):
            staging.add(batch)
        assert staging.duplicates(10) == ([], 0)
        assert staging.held_elsewhere("c", "u", 10) == ([], 0)
        return staging.create(name="c", token="t", target=Target(base_url="u", username="u"), manifest="m",
                              columns=(), kept_columns=(), reading={}, own_signatures=False, now="now")

    campaign = await ledger.load(work)
    rows, counts = await ledger.counts(campaign)
    await ledger.close()
    print(rows, counts["pending"], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)

asyncio.run(main())
"""


def loaded(folder: Path, rows: int) -> tuple[int, int, int]:
    """Loads so many rows in a process of its own; returns rows, pending rows and the most memory it had, in KiB."""
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(folder / f"{rows}.db"), str(rows)], capture_output=True, text=True, check=True
    )
    count, pending, most_kib = map(int, done.stdout.split())
    return count, pending, most_kib


@pytest.mark.slow
def test_300_000_rows_load_in_the_memory_of_30_000(tmp_path: Path) -> None:
    few = loaded(tmp_path, 30_000)
    many = loaded(tmp_path, 300_000)

    assert (many[0], many[1]) == (300_000, 300_000)
    # The page cache may still fill up to its 32 MiB; a kept object a row would be more than 100 MiB.
    assert many[2] - few[2] < 48 * 1024
