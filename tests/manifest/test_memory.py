"""Memory does not grow with rows."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .builders import JOB, job

MANY = 50_000
READ_ALL = r"""
import re, sys
from pathlib import Path
from batcher.manifest import Reading, open_manifest
with open_manifest(sys.argv[1], Reading()) as manifest:
    count = sum(1 for _ in manifest.rows())
    # Not getrusage: its peak begins with that of the process that forked this one.
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]
    print(count, manifest.problems.total, peak)
"""


def lines_of(name: str, count: int) -> Iterator[str]:
    numbered = (job(documentId=str(1_000_000 + number)) for number in range(count))
    match name.rpartition(".")[2]:
        case "json":
            yield "["
            for number, row in enumerate(numbered):
                yield ("," if number else "") + json.dumps(row)
            yield "]"
        case "jsonl":
            yield from map(json.dumps, numbered)
        case suffix:
            delimiter = "\t" if suffix == "tsv" else ","
            yield delimiter.join(JOB)
            yield from (delimiter.join(row.values()) for row in numbered)


def peak_kib(path: Path, count: int) -> int:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines_of(path.name, count))
    done = subprocess.run([sys.executable, "-c", READ_ALL, path], capture_output=True, text=True, check=True)
    rows, problems, peak = map(int, done.stdout.split())
    assert (rows, problems) == (count, 0)
    return peak


@pytest.mark.parametrize("suffix", ["csv", "tsv", "json", "jsonl"])
def test_peak_memory_is_flat(tmp_path: Path, suffix: str) -> None:
    small = peak_kib(tmp_path / f"small.{suffix}", 1000)
    large = peak_kib(tmp_path / f"large.{suffix}", MANY)

    assert large < small + 1024  # twenty bytes a row
    assert large < 150 * 1024
