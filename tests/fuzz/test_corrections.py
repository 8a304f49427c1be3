"""Any file for ``retry --with`` is taken whole or refused, and a failed file that comes back untouched is taken."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batcher.core.states import State
from batcher.manifest import Reading
from tests.manifest.builders import job, jsonl_bytes
from tests.manifest.test_properties import optional, required

from .corrections import STATES, Finished, check_correction, finished_campaign, rows_in
from .strategies import damaged

ROWS = [job(documentId=str(1000 + number), note=f"n{number}", rtnName='Zoë "Z"') for number in range(len(STATES))]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    reading = Reading(format="jsonl", keep=("note",))
    return finished_campaign(tmp_path_factory.mktemp("finished"), jsonl_bytes(ROWS), reading, *STATES)


def mended(finished: Finished, *keys: str) -> bytes:
    """The failed file with other keys in it."""
    header, *rows = csv.reader(io.StringIO(finished.failed.decode(), newline=""))
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([*row[:-2], key, row[-1]] for row, key in zip(rows, keys, strict=False))
    return out.getvalue().encode()


def key_of(finished: Finished, state: State) -> str:
    return next(row.key for row in rows_in(finished.ledger).values() if row.state == state)


def test_an_untouched_failed_file_is_taken(finished: Finished, tmp_path: Path) -> None:
    assert check_correction(finished, finished.failed, tmp_path) == 2


@pytest.mark.parametrize("state", [State.DONE, State.IN_DOUBT, State.HELD, State.SENDING])
def test_a_row_that_may_be_a_job_is_never_taken(finished: Finished, tmp_path: Path, state: State) -> None:
    content = mended(finished, key_of(finished, State.REJECTED), key_of(finished, state))

    assert check_correction(finished, content, tmp_path) == 0


@given(data=st.data())
def test_any_damage_to_a_failed_file(finished: Finished, data: st.DataObject) -> None:
    content = data.draw(damaged([finished.failed, mended(finished, *[key_of(finished, State.DONE)] * 2)]))
    with tempfile.TemporaryDirectory() as folder:
        check_correction(finished, content, Path(folder))


signs = st.sampled_from(["\r", "\n", "\r\n", '"', '""', ",", ";", "=1", "'", " ", "\t", "\u2028", "\ufeff", "\x1a"])
notes = st.lists(signs | st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=6).map("".join)
names = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=4).filter(
    lambda name: name not in (*required, *optional, "batcher_key", "batcher_reason", "appSignature")
)


@given(
    rows=st.lists(st.fixed_dictionaries(required, optional=optional), min_size=1, max_size=3),
    columns=st.lists(names, unique=True, min_size=4, max_size=4),
    kept=st.integers(0, 2),
    is_table=st.booleans(),
    data=st.data(),
)
def test_a_failed_file_holds_all_that_was_read(
    rows: list[dict[str, str]], columns: list[str], kept: int, is_table: bool, data: st.DataObject
) -> None:
    """What comes back untouched makes the rows pending and changes nothing else, whatever its columns are called."""
    color, layout, *noted = columns
    reading = Reading(
        format="csv" if is_table else "jsonl",
        delimiter="," if is_table else None,
        mapping={color: "color", layout: "layout"},
        constants={"enclosure": "none"},
        keep=tuple(noted[:kept]),
    )
    renamed = {"color": color, "layout": layout}
    given_rows = [
        {renamed.get(name, name): value for name, value in row.items() if name != "enclosure"}
        | {name: data.draw(notes) for name in noted[:kept]}
        for row in rows
    ]
    manifest = table_of(given_rows) if is_table else jsonl_bytes(given_rows)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        finished = finished_campaign(folder, manifest, reading, *[State.REJECTED] * len(rows))
        before = rows_in(finished.ledger)

        assert check_correction(finished, finished.failed, folder) == len(rows)
        after = rows_in(folder / "copy.db")
    assert [json.loads(row.parameters) for row in after.values()] == [
        json.loads(row.parameters) for row in before.values()
    ]
    assert [filled(row.kept) for row in after.values()] == [filled(row.kept) for row in before.values()]


def table_of(rows: list[dict[str, Any]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(dict.fromkeys(name for row in rows for name in row)), "", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def filled(kept: str) -> dict[str, str]:
    """The kept columns that hold something: a table has a cell for every column, an object may leave one away."""
    return {name: value for name, value in json.loads(kept).items() if value}
