"""Files that are no manifest, or stop being one, are refused in one clear line."""

from __future__ import annotations

import gzip
import io
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from batcher.core.errors import ConfigError, Exit
from batcher.manifest import ManifestUnreadable, Reading, open_manifest

from .builders import JOB, complaint, csv_bytes, job, json_bytes, jsonl_bytes, read, without, xlsx_bytes

TABLE = csv_bytes([job(), job(documentId="2")])


def refusal(path: Path | str, **flags: str) -> str:
    """The message of a file that is refused when it is opened."""
    with pytest.raises(ManifestUnreadable) as caught, open_manifest(path, Reading(**flags)):
        pass
    assert caught.value.exit_code is Exit.MANIFEST
    return str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "jobs.csv") == f"{tmp_path / 'jobs.csv'}: there is no such file"


def test_a_directory(tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").mkdir()

    assert refusal(tmp_path / "jobs.csv") == f"{tmp_path / 'jobs.csv'}: is a directory, not a manifest"


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "jobs.csv").write_bytes(TABLE)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)

    assert refusal(tmp_path / "jobs.csv") == f"{tmp_path / 'jobs.csv'}: may not be read: permission denied"


def test_a_file_that_fails_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "open", lambda *_: Failing())

    assert refusal(tmp_path / "jobs.csv") == "jobs.csv: cannot be read: Input/output error"


def test_a_name_that_no_file_can_have() -> None:
    assert refusal("jobs\0.csv").endswith("is no name that a file can have")


def test_a_name_that_is_no_utf_8_or_not_on_one_line(tmp_path: Path) -> None:
    """It goes into the ledger and into messages, which take text and one line."""
    for name, told in (("a\udcff.csv", r"a\udcff.csv"), ("a\nb.csv", r"a\nb.csv")):
        (tmp_path / name).write_bytes(TABLE)

        with open_manifest(tmp_path / name, Reading()) as manifest:
            assert manifest.name == told
        assert refusal(tmp_path / f"{name}.json") == f"{tmp_path}/{told}.json: there is no such file"


@pytest.mark.parametrize(
    ("name", "reason"),
    [("jobs.dat", 'the suffix ".dat" names no format'), ("jobs", "its name has no suffix")],
)
def test_a_suffix_that_names_no_format(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / name).write_bytes(TABLE)

    assert refusal(tmp_path / name) == f"{name}: {reason}; give --format csv, tsv, json, jsonl or xlsx"


def test_standard_input_without_a_format() -> None:
    with pytest.raises(ConfigError) as caught:
        open_manifest("-", Reading())

    wanted = "standard input has no suffix to tell its format: give --format csv, tsv, json, jsonl or xlsx"
    assert str(caught.value) == wanted


def test_standard_input_that_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)

    assert refusal("-", format="csv") == "standard input: is closed"


@pytest.mark.parametrize("packed", [False, True])
def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    content = gzip.compress(TABLE) if packed else TABLE
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))

    with open_manifest("-", Reading(format="csv")) as manifest:
        numbers = [row.number for row in manifest.rows()]

    assert (manifest.name, manifest.format, numbers) == ("standard input", "csv", [1, 2])
    assert not sys.stdin.buffer.closed


@pytest.mark.parametrize("name", ["jobs.csv", "jobs.tsv", "jobs.json", "jobs.jsonl", "jobs.xlsx", "jobs.csv.gz"])
@pytest.mark.parametrize("content", [b"", gzip.compress(b"", mtime=0)], ids=["plain", "packed"])
def test_an_empty_file(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)

    assert refusal(tmp_path / name) == f"{name}: is empty"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", b"\n\r\n  \n,,,\n", "holds nothing but blank lines"),
        ("a.jsonl", b"\n\r\n  \n", "holds nothing but blank lines"),
        ("a.json", b"\n  \n", "holds nothing but blanks"),
        ("a.csv", b"\xef\xbb\xbf", "holds nothing but blank lines"),
    ],
)
def test_a_blank_file(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(content)

    assert refusal(tmp_path / name) == f"{name}: {reason}"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", csv_bytes([], columns=JOB)),
        ("a.csv", csv_bytes([], columns=JOB) + b"\r\n,,,,,,,,\r\n"),
        ("a.json", b"[ ]"),
        ("a.json", json_bytes({"defaults": JOB, "jobs": []})),
        ("a.xlsx", xlsx_bytes([list(JOB)])),
    ],
)
def test_a_manifest_without_rows(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)

    assert complaint(tmp_path / name) == f"{name}: there are no rows in it"


@pytest.mark.parametrize(
    ("content", "thing"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "a PNG picture"),
        (b"\xff\xd8\xff\xe0" + bytes(20), "a JPEG picture"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
        (b"PK\x03\x04" + bytes(40), "a ZIP archive"),
        (b"SQLite format 3\0" + bytes(20), "an SQLite database"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (.xls, .doc) or one with a password"),
        (b"PAR1" + bytes(20), "a Parquet file"),
        (b"\xfd7zXZ\0\0", "xz data"),
        (b"<?XML version='1.0'?>", "an XML document"),
        (b"<!DOCTYPE html>", "an HTML page"),
        (gzip.compress(gzip.compress(TABLE, mtime=0), mtime=0), "gzip inside gzip"),
        (gzip.compress(b"%PDF-1.4", mtime=0), "a PDF document"),
    ],
)
def test_another_kind_of_file(tmp_path: Path, content: bytes, thing: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)

    assert refusal(tmp_path / "a.csv") == f"a.csv: is no csv: it looks like {thing}"


def test_a_workbook_named_csv(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(xlsx_bytes([list(JOB)]))

    assert refusal(tmp_path / "a.csv") == "a.csv: is no csv: it looks like an Excel workbook; give --format xlsx"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.jsonl", json_bytes([JOB]), "line 1: it looks like a JSON array; give --format json"),
        (
            "a.jsonl",
            json_bytes({"jobs": [JOB]}),
            "line 1: it looks like a JSON document with jobs in it; give --format json",
        ),
        ("a.jsonl", b"\n" + TABLE, "line 2: is no JSON object; it looks like a table; give --format csv"),
        (
            "a.jsonl",
            b'{\n "color": "x"\n}',
            "line 1: an object must stand on one line; give --format json if it is a JSON document",
        ),
        (
            "a.json",
            jsonl_bytes([JOB, JOB]),
            (
                'has "documentClass" at its top level; "defaults" and "jobs" are all that is known there; '
                "give --format jsonl if there is an object a line"
            ),
        ),
        ("a.json", TABLE, "is no JSON: a manifest begins with [ or {"),
        ("a.csv", json_bytes([JOB]), "it looks like JSON; give --format json, or jsonl for an object a line"),
        ("a.csv", jsonl_bytes([JOB]), "it looks like JSON; give --format json, or jsonl for an object a line"),
    ],
)
def test_one_format_under_the_name_of_another(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(content)

    assert refusal(tmp_path / name) == f"{name}: {reason}"


def test_gzip_that_is_cut_off_keeps_what_was_found_before(tmp_path: Path) -> None:
    rows = [job(documentId=str(number)) for number in range(20_000)]
    rows[1]["documentId"] = "x"
    packed = gzip.compress(csv_bytes(rows))
    (tmp_path / "a.csv.gz").write_bytes(packed[: len(packed) // 2])

    lines = complaint(tmp_path / "a.csv.gz").splitlines()

    assert lines[:2] == ["a.csv.gz: 2 problems", '  line 3, column documentId: "x" is not a whole number']
    assert lines[2].startswith("  the gzip data is cut off after ")


def test_gzip_that_is_damaged(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(TABLE))
    packed[-8:-4] = bytes(4)
    (tmp_path / "a.csv").write_bytes(packed)

    assert complaint(tmp_path / "a.csv") == f"a.csv: the gzip data is damaged after {len(TABLE)} bytes, unpacked"


def test_gzip_goes_by_its_first_bytes_and_not_by_the_suffix(tmp_path: Path) -> None:
    (tmp_path / "plain.csv.gz").write_bytes(TABLE)
    (tmp_path / "packed.csv").write_bytes(gzip.compress(TABLE))

    assert read(tmp_path / "plain.csv.gz") == read(tmp_path / "packed.csv")


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.json"])
def test_a_nul_in_the_file(tmp_path: Path, name: str) -> None:
    content = {"a.csv": TABLE, "a.jsonl": jsonl_bytes([JOB, JOB]), "a.json": json_bytes([JOB, JOB])}[name]
    at = content.rindex(b"24#")
    (tmp_path / name).write_bytes(content[:at] + b"\0" + content[at:])

    line_begin = content.rindex(b"\n", 0, at) + 1 if name != "a.json" else 0
    where = f"at character {at - line_begin + 1}"
    wanted = f"a NUL character {where} of the file" if name == "a.json" else f"a NUL character {where}"
    assert complaint(tmp_path / name).endswith(wanted)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_an_overlong_line(tmp_path: Path, name: str) -> None:
    content = TABLE if name == "a.csv" else jsonl_bytes([JOB, JOB])
    (tmp_path / name).write_bytes(content + b"x" * 1_100_000)

    number = 4 if name == "a.csv" else 3
    assert complaint(tmp_path / name) == f"{name}: line {number}: the line is longer than 1,000,000 characters"


def test_an_overlong_item(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(json_bytes([JOB, job(color="x" * 1_100_000)]))

    assert complaint(tmp_path / "a.json") == "a.json: item 2: is longer than 1,000,000 characters"


def test_a_csv_that_lacks_a_column_and_ends_in_garbage_is_reported_as_a_whole(tmp_path: Path) -> None:
    rows = [without("color", quantity="many")]
    (tmp_path / "a.csv").write_bytes(csv_bytes(rows) + b'"open\r\n')

    assert complaint(tmp_path / "a.csv").splitlines() == [
        "a.csv: 3 problems",
        "  line 1, column color: is missing",
        '  line 2, column quantity: "many" is not a whole number',
        "  line 3: a quote that is opened here is never closed",
    ]
