"""Whatever the bytes: rows, problems or a ManifestError come out; and what was written is what is read."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from batcher.core.row import ManifestRow
from batcher.manifest import FIELDS, FORMATS, Kind, ManifestUnreadable, Reading, open_manifest

from .builders import JOB, csv_bytes, json_bytes, jsonl_bytes, read, xlsx_bytes

TEXT_FORMATS = ("csv", "tsv", "json", "jsonl")

SEEDS = {
    "csv": csv_bytes([JOB, JOB]),
    "tsv": csv_bytes([JOB, JOB], "\t"),
    "json": json_bytes({"defaults": {"color": "x"}, "jobs": [JOB, JOB]}),
    "jsonl": jsonl_bytes([JOB, JOB]),
    "xlsx": xlsx_bytes([list(JOB), list(JOB.values())]),
}

printable = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=12)
filled = printable.filter(lambda text: text.strip())
digits = st.from_regex(r"[0-9]{1,18}", fullmatch=True)
days = st.dates().map(lambda day: f"{day.year:04}{day.month:02}{day.day:02}")
VALUES = {Kind.TEXT: filled, Kind.NUMBER: digits, Kind.DATE: days}

required = {
    name: st.just("") | printable if field.may_be_empty else VALUES[field.kind]
    for name, field in FIELDS.items()
    if field.required
}
optional = {name: VALUES[field.kind] for name, field in FIELDS.items() if not field.required and name != "appSignature"}
specs = st.lists(st.fixed_dictionaries(required, optional=optional), min_size=1, max_size=5)


def outcome(content: bytes, file_format: str, **flags: Any) -> tuple[list[ManifestRow], int]:
    """The rows and the number of problems; a file that is refused at once has one."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        path.write_bytes(content)
        try:
            with open_manifest(path, Reading(format=file_format, **flags)) as manifest:
                rows = list(manifest.rows())
                assert len(manifest.problems.first) == min(manifest.problems.total, 100)
                assert all(len(str(problem)) < 1000 for problem in manifest.problems)
                return rows, manifest.problems.total
        except ManifestUnreadable:
            return [], 1


def damaged(file_format: str) -> st.SearchStrategy[bytes]:
    """A good manifest with a piece cut out, put in or put twice."""
    seed = SEEDS[file_format]
    places = st.integers(0, len(seed))
    return st.builds(
        lambda begin, end, put: seed[:begin] + put + seed[end:],
        places,
        places,
        st.binary(max_size=8)
        | st.sampled_from([b'"', b"{", b"[", b"\0", b"\n", b"\xff", b'"defaults":', b"1e9", b"null"]),
    )


@given(content=st.binary(max_size=300), file_format=st.sampled_from(FORMATS), packed=st.booleans())
def test_any_bytes(content: bytes, file_format: str, packed: bool) -> None:
    rows, problems = outcome(gzip.compress(content) if packed else content, file_format)

    assert rows or problems


@given(data=st.data(), file_format=st.sampled_from(FORMATS))
def test_any_damage(data: st.DataObject, file_format: str) -> None:
    rows, problems = outcome(data.draw(damaged(file_format)), file_format)

    assert rows or problems
    for row in rows:
        assert set(row.parameters) >= set(JOB)
        assert all(isinstance(value, str) for value in row.parameters.values())


@given(
    content=st.binary(max_size=200),
    encoding=st.sampled_from(
        ["cp1252", "utf-16", "utf-16-be", "utf-32", "utf-7", "shift_jis", "gb18030", "iso2022_jp"]
    ),
    file_format=st.sampled_from(TEXT_FORMATS),
)
def test_any_bytes_in_any_encoding(content: bytes, encoding: str, file_format: str) -> None:
    rows, problems = outcome(content, file_format, encoding=encoding)

    assert rows or problems


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*JOB, "x"]), inner, max_size=5),
    max_leaves=20,
)


@given(items=st.lists(json_values | st.fixed_dictionaries(dict.fromkeys(JOB, json_values)), max_size=4))
def test_any_json(items: list[Any]) -> None:
    for content, file_format in ((json_bytes(items), "json"), (jsonl_bytes(items), "jsonl")):
        rows, problems = outcome(content, file_format)

        assert rows or problems


@given(rows=specs)
def test_what_is_written_is_what_is_read(rows: list[dict[str, str]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    table = io.StringIO()
    writer = csv.DictWriter(table, names, restval="")
    writer.writeheader()
    writer.writerows(rows)
    contents = {
        "a.csv": table.getvalue().encode(),
        "a.tsv": csv_bytes([{name: row.get(name, "") for name in names} for row in rows], "\t"),
        "a.json": json.dumps(rows).encode(),
        "a.jsonl": "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode(),
    }
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, content in contents.items():
            path = Path(folder) / name
            path.write_bytes(content)
            found[name] = read(path, delimiter="," if name == "a.csv" else None)

    for name, read_back in found.items():
        assert [dict(row.parameters) for row in read_back] == rows, name
        assert [(row.key, row.digest) for row in read_back] == [(row.key, row.digest) for row in found["a.csv"]]


@given(row=specs.map(lambda rows: rows[0]), order=st.randoms(use_true_random=False))
def test_the_order_of_columns_changes_nothing(row: dict[str, str], order: Any) -> None:
    shuffled = list(row)
    order.shuffle(shuffled)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(csv_bytes([row]))
        (straight,) = read(path)
        path.write_bytes(csv_bytes([row], columns=shuffled))
        (mixed,) = read(path)

    assert (straight.key, straight.digest, dict(straight.parameters)) == (
        mixed.key,
        mixed.digest,
        dict(mixed.parameters),
    )


@given(rows=st.lists(st.fixed_dictionaries(required, optional=dict.fromkeys(optional, json_values)), max_size=6))
def test_a_row_is_judged_alike_whatever_stands_beside_it(rows: list[dict[str, Any]]) -> None:
    together, problems = outcome(jsonl_bytes([JOB, *rows]), "jsonl")
    alone = [outcome(jsonl_bytes([row]), "jsonl") for row in rows]

    assert [dict(row.parameters) for row in together[1:]] == [dict(row.parameters) for one, _ in alone for row in one]
    assert problems == sum(count for _, count in alone)
