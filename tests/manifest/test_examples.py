"""The example manifests can be run as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from .builders import read

EXAMPLES = Path(__file__).parents[2] / "config" / "examples"


@pytest.mark.parametrize(
    ("name", "count"),
    [("campaign.csv", 200), ("campaign.jsonl", 10), ("campaign.json", 10), ("rejections.csv", 12)],
)
def test_every_row_is_valid_and_distinct(name: str, count: int) -> None:
    rows = read(EXAMPLES / name)

    assert len({row.key for row in rows}) == len(rows) == count


def test_the_rejections_are_the_remotes_to_find() -> None:
    rows = [row.parameters for row in read(EXAMPLES / "rejections.csv")]

    bad = [
        row
        for row in rows
        if row["documentId"] == "42"
        or row["addressId"] == "7"
        or row["productionTime"] == "Next Business Day"
        or row.get("mailingDate") == "20200101"
    ]
    assert len(bad) == 4
    assert sum("mailingDate" in row for row in rows) == 1
