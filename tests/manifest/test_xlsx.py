"""Excel workbooks: the first sheet, and what a spreadsheet does to digits and dates."""

from __future__ import annotations

import gzip
import io
import sys
import zipfile
from pathlib import Path

import pytest

from batcher.manifest import Reading, open_manifest

from .builders import JOB, complaint, job, read, xlsx_bytes

NAMES = list(JOB)
VALUES = list(JOB.values())
NUMBERS = [*VALUES[:7], 1234567.0, 654321]


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    return tmp_path / "jobs.xlsx"


def test_ids_come_as_numbers_and_are_sent_as_digits(manifest: Path) -> None:
    manifest.write_bytes(xlsx_bytes([NAMES, VALUES, NUMBERS]))

    assert [(row.number, row.line, row.parameters) for row in read(manifest)] == [(1, 2, JOB), (2, 3, JOB)]


def test_rows_are_named_as_the_spreadsheet_numbers_them(manifest: Path) -> None:
    manifest.write_bytes(xlsx_bytes([[], [None], NAMES, NUMBERS, [], [*VALUES[:7], "x", 1]]))

    assert complaint(manifest) == 'jobs.xlsx: row 6, column documentId: "x" is not a whole number'


def test_empty_cells_at_the_end_of_a_row_or_header_do_not_count(manifest: Path) -> None:
    manifest.write_bytes(xlsx_bytes([[*NAMES, "quantity", None, ""], NUMBERS, [*NUMBERS, 2, "", ""]]))

    assert [row.parameters for row in read(manifest)] == [JOB, job(quantity="2")]


def test_a_cell_outside_the_table(manifest: Path) -> None:
    manifest.write_bytes(xlsx_bytes([NAMES, [*NUMBERS, None, "x"]]))

    assert complaint(manifest) == "jobs.xlsx: row 2: too many cells: 11 where the header has 9"


def test_a_date_cell_is_taken_as_a_mailing_date(manifest: Path) -> None:
    rows = [[*NAMES, "mailingDate"], [*NUMBERS, 47484], [*NUMBERS, 20300101.0], [*NUMBERS, "20300101"]]
    manifest.write_bytes(xlsx_bytes(rows, dates=[(1, 9)]))

    assert [row.parameters["mailingDate"] for row in read(manifest)] == ["20300101"] * 3


@pytest.mark.parametrize(
    ("name", "value", "is_date", "reason"),
    [
        ("mailingDate", 47484.5, True, "is a date with a time of day"),
        ("projectId", 47484, True, "is a date, not text"),
        ("rtnZip", 1234.0, False, "is a number, not text: zeros in front would be lost"),
        ("quantity", 1.5, False, "is a number with a fraction or an exponent"),
        ("projectId", 1e15, False, "is a number of more than 15 digits: format it as text"),
    ],
)
def test_cells_that_no_field_takes(manifest: Path, name: str, value: float, is_date: bool, reason: str) -> None:
    manifest.write_bytes(xlsx_bytes([[*NAMES, name], [*NUMBERS, value]], dates=[(1, 9)] if is_date else []))

    assert complaint(manifest) == f"jobs.xlsx: row 2, column {name}: {reason}"


def test_a_workbook_may_be_packed_and_come_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO(gzip.compress(xlsx_bytes([NAMES, NUMBERS])))

    monkeypatch.setattr(sys, "stdin", Stdin)

    assert [row.parameters for row in read("-", format="xlsx")] == [JOB]


@pytest.mark.parametrize("rows", [[], [[None]]])
def test_an_empty_sheet(manifest: Path, rows: list[list[None]]) -> None:
    manifest.write_bytes(xlsx_bytes(rows))

    assert complaint(manifest) == "jobs.xlsx: the first sheet is empty"


def test_a_damaged_workbook(manifest: Path) -> None:
    content = xlsx_bytes([NAMES, NUMBERS])
    manifest.write_bytes(content[: len(content) // 2])

    assert complaint(manifest) == "jobs.xlsx: the workbook is damaged or locked"


def test_text_named_xlsx(manifest: Path) -> None:
    manifest.write_bytes(b"documentClass,layout")

    assert complaint(manifest) == "jobs.xlsx: is no .xlsx workbook: it looks like text"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (
            'r="I2"',
            'r="XFD1048576"',
            "a sheet has cells too far apart: delete what stands far outside the table, or save it as CSV",
        ),
        (
            '<c r="I2"><v>654321</v>',
            '<c r="I2" t="e"><v>#N/A</v>',
            "a cell in a sheet shows an error such as #N/A, which would be taken for an empty one: mend it",
        ),
    ],
)
def test_what_the_reader_of_workbooks_would_not_survive_or_not_tell(
    manifest: Path, old: str, new: str, reason: str
) -> None:
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx_bytes([NAMES, NUMBERS]))) as good,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bad,
    ):
        for name in good.namelist():
            bad.writestr(name, good.read(name).replace(old.encode(), new.encode()))
    manifest.write_bytes(packed.getvalue())

    assert complaint(manifest) == f"jobs.xlsx: {reason}"


def test_without_the_extra(manifest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest.write_bytes(xlsx_bytes([NAMES, NUMBERS]))
    monkeypatch.setitem(sys.modules, "python_calamine", None)

    assert complaint(manifest) == "jobs.xlsx: reading .xlsx needs an extra: pip install 'batcher[excel]'"


def test_the_columns_are_known_at_once(manifest: Path) -> None:
    manifest.write_bytes(xlsx_bytes([[*NAMES, 2024], [*NUMBERS, "x"]]))

    with open_manifest(manifest, Reading(keep=("2024",))) as opened:
        assert opened.columns == (*NAMES, "2024")
