"""
What must hold of any workbook: one input, one check.

Damage to an archive is found by its checksums, and tells little; so the parts are damaged first and packed afterwards.
What is accepted is compared with a reading of the sheet by the standard library.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from xml.etree import ElementTree as ET

from batcher.manifest import FIELDS, Reading

from .manifests import Outcome, check_content, read_in_pieces

SHEET, TEXTS, RELATED = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels"
PARTS = (SHEET, TEXTS, "xl/workbook.xml", "xl/styles.xml", RELATED, "[Content_Types].xml")
_READING = Reading(format="xlsx")


def check_workbook(data: bytes, parts: Mapping[str, bytes]) -> None:
    """The first byte chooses what the rest is: a part of this workbook, or else a whole workbook."""
    part = data[0] % (len(PARTS) + 1) if data else 0
    if part == len(PARTS):
        check_content(data[1:], _READING, piece_bytes=1000, compare=False)
        return
    changed = {**parts, PARTS[part]: data[1:]}
    outcome = read_in_pieces(packed(changed), _READING)

    assert outcome.rows or outcome.problems
    if not outcome.problems and TEXTS not in changed:
        _check_cells(changed[SHEET], outcome)


def packed(parts: Mapping[str, bytes]) -> bytes:
    """A workbook with these parts."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name), part)
    return content.getvalue()


def parts_of(workbook: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _check_cells(sheet: bytes, outcome: Outcome) -> None:
    """Every row of the sheet is there, with its texts and whole numbers; where the sheet itself is sound."""
    try:
        root = ET.fromstring(sheet)
    except (ET.ParseError, ValueError, LookupError):
        return  # the reader of workbooks overlooks some of what XML forbids
    rows = _rows(root)
    if rows is None or not rows:
        return
    names = rows[0]
    wanted = [{names[column]: text for column, text in row.items() if column in names} for row in rows[1:]]

    assert len(outcome.rows) == len(wanted)
    for row, cells in zip(outcome.rows, wanted, strict=True):
        expected = {name: text for name, text in cells.items() if name in FIELDS}
        assert {name: text.strip() for name, text in row.parameters.items() if text.strip()} == expected


def _rows(root: ET.Element) -> list[dict[str, str]] | None:
    """The rows of a sheet by the letters of their columns, without empty cells; None where it is not plain enough."""
    found = []
    for row in root.iterfind("{*}sheetData/{*}row"):
        cells = {}
        for cell in row.iterfind("{*}c"):
            place = re.fullmatch("([A-Z]+)[0-9]+", cell.get("r", ""))
            text = _text(cell)
            if place is None or text is None or not re.fullmatch("[0-9]*", row.get("r", "x")):
                return None
            if text.strip():
                cells[place[1]] = text.strip()
        if cells:
            found.append(cells)
    return found


def _text(cell: ET.Element) -> str | None:
    texts = [*cell.iterfind("{*}is/{*}t"), *cell.iterfind("{*}v")]
    if len(texts) != 1 or len(list(cell.iter())) > 3:
        return None
    text = texts[0].text or ""
    if "_x" in text:
        return None
    match cell.get("t"), texts[0].tag.rpartition("}")[2]:
        case "inlineStr", "t":
            return text
        case "str", "v":
            return text
        case None, "v" if "s" not in cell.attrib:
            try:
                return str(int(float(text)))
            except (ValueError, OverflowError):
                return text
        case _:
            return None
