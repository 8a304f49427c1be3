"""The rows that everybody sends: a manifest for batcher, and the same as request bodies, one a line."""

from __future__ import annotations

import csv
from pathlib import Path
from urllib.parse import urlencode

from tests.bench.peers.scenario import COLUMNS, LETTER

_FIRST_DOCUMENT = 1_000_000
_LIST = "500"


def letter(row: int) -> tuple[str, ...]:
    """The nine values of a row, counting from 1; rows differ by the document."""
    return (*LETTER, str(_FIRST_DOCUMENT + row), _LIST)


def form(row: int) -> str:
    """The body of a row's request, with a signature as batcher adds one."""
    return f"{urlencode(list(zip(COLUMNS, letter(row), strict=True)))}&appSignature=benchmarks-{row}"


class Rows:
    """Files of rows in one folder, written once for each number of rows."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def manifest(self, count: int) -> Path:
        """So many rows as CSV."""
        path = self._folder / f"letters-{count}.csv"
        if not path.exists():
            with path.open("w", newline="") as out:
                writer = csv.writer(out)
                writer.writerow(COLUMNS)
                writer.writerows(letter(row) for row in range(1, count + 1))
        return path

    def forms(self, count: int) -> Path:
        """So many rows as encoded forms, one a line."""
        path = self._folder / f"forms-{count}.txt"
        if not path.exists():
            with path.open("w") as out:
                out.writelines(f"{form(row)}\n" for row in range(1, count + 1))
        return path
