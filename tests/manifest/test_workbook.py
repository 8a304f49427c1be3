"""Workbooks that their reader would not survive, or would read less of than there is."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from pathlib import Path

import pytest

from batcher.manifest.workbook import why_unusable

from .builders import JOB, complaint, read, xlsx_bytes

NAMES = list(JOB)
VALUES = list(JOB.values())
SHEET, RELATED = "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"
ENVELOPE = '<c r="D2" t="inlineStr"><is><t xml:space="preserve">#10 Double Window</t></is></c>'

ERROR = "a cell in a sheet shows an error such as #N/A, which would be taken for an empty one: mend it"
NO_VALUE = (
    "a cell in a sheet has a formula and not yet its value, and would be taken for an empty one: open the workbook in a"
    " spreadsheet program and save it"
)
TOO_FAR_APART = "a sheet has cells too far apart: delete what stands far outside the table, or save it as CSV"
TWICE = "a sheet has a row or a cell twice, or rows out of order: save it anew, or as CSV"
TOO_LARGE = "unpacks to more than 1 GB: save it as CSV"


def parts() -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(xlsx_bytes([NAMES, VALUES]))) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def packed(changed: dict[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in changed.items():
            archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def with_sheet(text: str) -> bytes:
    return packed(parts() | {SHEET: text})


def with_prefix(sheet: str) -> str:
    """The same sheet as .NET's library writes it."""
    return re.sub(r"<(/?)(\w)", r"<\1x:\2", sheet).replace("xmlns=", "xmlns:x=")


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    return tmp_path / "a.xlsx"


def test_a_sheet_with_prefixed_tags_is_read(manifest: Path) -> None:
    manifest.write_bytes(with_sheet(with_prefix(parts()[SHEET])))

    assert [row.parameters for row in read(manifest)] == [JOB]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ('<c r="D2" t="e"><v>#N/A</v></c>', ERROR),
        ('<c r="D2" s="1" t = "e" ><v>#N/A</v></c>', ERROR),
        ('<c r="D2" note="a>b" t="e"><v>#N/A</v></c>', ERROR),
        ('<c r="D2"><f>A1</f></c>', NO_VALUE),
        ('<c r="D2"><f>A1</f><v/></c>', NO_VALUE),
        ('<c r="D2"><f>A1</f><v></v></c>', NO_VALUE),
        ('<c r="D2"><f t="shared" si="0"/></c>', NO_VALUE),
    ],
)
@pytest.mark.parametrize("is_prefixed", [False, True])
def test_a_cell_that_would_come_out_empty(manifest: Path, cell: str, reason: str, is_prefixed: bool) -> None:
    sheet = parts()[SHEET].replace(ENVELOPE, cell)
    manifest.write_bytes(with_sheet(with_prefix(sheet) if is_prefixed else sheet))

    assert complaint(manifest) == f"a.xlsx: {reason}"


@pytest.mark.parametrize("value", ["", "x"])
def test_a_formula_that_comes_to_a_text_counts_as_that(manifest: Path, value: str) -> None:
    cell = f'<c r="D2" t="str"><f>A1</f><v>{value}</v></c>'
    manifest.write_bytes(with_sheet(parts()[SHEET].replace(ENVELOPE, cell)))

    assert read(manifest)[0].parameters["envelope"] == value


def test_a_sheet_that_is_called_something_else(manifest: Path) -> None:
    """Where the first sheet is kept is what the workbook says, not its name."""
    changed = parts()
    changed["data.bin"] = changed.pop(SHEET).replace(ENVELOPE, '<c r="D2" t="e"><v>#N/A</v></c>')
    changed[RELATED] = changed[RELATED].replace("worksheets/sheet1.xml", "/data.bin")
    manifest.write_bytes(packed(changed))

    assert complaint(manifest) == f"a.xlsx: {ERROR}"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<row r="2">', '<row r="1">'),
        ("</sheetData>", '<row r="2"><c r="A2"><v>5</v></c></row></sheetData>'),
        ("</sheetData>", '<row r="1"><c r="A9"><v>5</v></c></row></sheetData>'),
        ("</sheetData>", '<row r="9"><c r="A9"><v>5</v></c></row><row r="4"><c r="A4"/></row></sheetData>'),
        ('<c r="E2"', '<c r="D2"'),
    ],
)
def test_a_row_or_cell_that_stands_there_twice(manifest: Path, old: str, new: str) -> None:
    """The reader would keep the second and say nothing of the first."""
    manifest.write_bytes(with_sheet(parts()[SHEET].replace(old, new)))

    assert complaint(manifest) == f"a.xlsx: {TWICE}"


def test_cells_named_again_outside_the_sheets_are_no_doubles(manifest: Path) -> None:
    chain = '<calcChain><c r="A1" i="1"/><c r="A1" i="2"/></calcChain>'
    manifest.write_bytes(packed(parts() | {"xl/calcChain.xml": chain}))

    assert len(read(manifest)) == 1


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="3"><c r="XFD3"><v>1</v></c></row><row r="1000000"><c><v>1</v></c></row>',
        f"<row>{'<c/>' * 10_000}</row>{'<row/>' * 3_100}",
        f"<row>{'<c/>' * 300}</row><row r='1048576'><c><v>1</v></c></row>",
    ],
    ids=["rows by number", "cells without a place", "both"],
)
def test_cells_too_far_apart(manifest: Path, rows: str) -> None:
    """Without this look the process would be gone: there is no memory for what the reader asks for."""
    manifest.write_bytes(with_sheet(parts()[SHEET].replace("</sheetData>", f"{rows}</sheetData>")))

    assert complaint(manifest) == f"a.xlsx: {TOO_FAR_APART}"


def test_rows_and_cells_need_not_name_their_place(manifest: Path) -> None:
    sheet = re.sub(' r="[A-Z]*[0-9]+"', "", parts()[SHEET])
    row = sheet.partition("</row>")[2].removesuffix("</sheetData></worksheet>")
    manifest.write_bytes(with_sheet(sheet.replace("</sheetData>", row * 5000 + "</sheetData>")))

    assert len(read(manifest)) == 5001


@pytest.mark.filterwarnings("ignore")
def test_a_value_that_makes_the_reader_panic(manifest: Path) -> None:
    cell = '<c r="D2" s="1"><v>-1e300</v></c>'
    manifest.write_bytes(with_sheet(parts()[SHEET].replace(ENVELOPE, cell)))

    assert complaint(manifest) == "a.xlsx: the workbook is damaged or locked"


def shared_texts(cells: int, *texts: str) -> tuple[str, str]:
    """A sheet of so many cells that show the last of these texts, and the texts."""
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>{len(texts) - 1}</v></c></row>' for n in range(1, cells + 1))
    return f"<worksheet><sheetData>{rows}</sheetData></worksheet>", "".join(f"<si><t>{text}</t></si>" for text in texts)


def test_a_long_text_shown_by_many_cells() -> None:
    """A file of a few kilobytes that would take gigabytes of memory."""
    sheet, texts = shared_texts(2000, "x" * 1_000_000)

    assert why_unusable(io.BytesIO(packed({"a": sheet, "b": f"<sst>{texts}</sst>"}))) == TOO_LARGE
    assert why_unusable(io.BytesIO(packed({"b": f"<sst>{texts}</sst>", "a": sheet}))) == TOO_LARGE


def test_a_text_that_cannot_be_told_counts_as_the_longest() -> None:
    sheet, texts = shared_texts(2000, "x" * 1_000_000, "y")

    assert why_unusable(io.BytesIO(packed({"a": sheet, "b": f"<sst>{texts}</sst>"}))) is None
    hidden = sheet.replace("<v>1</v>", "<v><![CDATA[0]]></v>")
    assert why_unusable(io.BytesIO(packed({"a": hidden, "b": f"<sst>{texts}</sst>"}))) == TOO_LARGE


def test_a_workbook_that_unpacks_to_too_much(manifest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batcher.manifest.workbook.UNPACKED_LIMIT", 1_000_000)
    manifest.write_bytes(packed(parts() | {"xl/media/picture": "x" * 1_000_000}))

    assert complaint(manifest) == f"a.xlsx: {TOO_LARGE}"


def test_a_workbook_that_lies_about_its_size(manifest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batcher.manifest.workbook.UNPACKED_LIMIT", 1_000_000)
    honest = packed({SHEET: "x" * 1_234_567})
    size, lie = (1_234_567).to_bytes(4, "little"), (7).to_bytes(4, "little")
    assert honest.count(size) == 2

    assert why_unusable(io.BytesIO(honest.replace(size, lie))) == TOO_LARGE


def test_a_packed_workbook_is_not_unpacked_without_end(manifest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batcher.manifest.xlsx.UNPACKED_LIMIT", 1_000_000)
    manifest.write_bytes(gzip.compress(packed(parts()) + bytes(1_000_000)))

    assert complaint(manifest) == f"a.xlsx: {TOO_LARGE}"
