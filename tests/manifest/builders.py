"""Manifests to test with: a valid job, and files made of it with the standard library only."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from batcher.core.errors import ManifestError
from batcher.core.row import ManifestRow
from batcher.manifest import Reading, open_manifest

JOB = {
    "documentClass": "Letter 8.5 x 11",
    "layout": "Address on Separate Page",
    "productionTime": "Next Day",
    "envelope": "#10 Double Window",
    "color": "Full Color",
    "paperType": "White 24#",
    "printOption": "Printing both sides",
    "documentId": "1234567",
    "addressId": "654321",
}


def job(**changes: Any) -> dict[str, Any]:
    return {**JOB, **changes}


def without(*names: str, **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in job(**changes).items() if name not in names}


def csv_bytes(rows: Sequence[Mapping[str, str]], delimiter: str = ",", columns: Iterable[str] | None = None) -> bytes:
    names = list(columns or dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def jsonl_bytes(rows: Iterable[Any]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def json_bytes(document: Any) -> bytes:
    return json.dumps(document).encode()


def read(path: Path | str, **flags: Any) -> list[ManifestRow]:
    """The rows of a valid manifest."""
    with open_manifest(path, Reading(**flags)) as manifest:
        rows = list(manifest.rows())
        manifest.require_valid()
        return rows


def complaint(path: Path | str, **flags: Any) -> str:
    """What the user reads when the manifest is refused."""
    try:
        read(path, **flags)
    except ManifestError as error:
        return str(error)
    return "nothing"


def xlsx_bytes(rows: Sequence[Sequence[str | float | None]], dates: Iterable[tuple[int, int]] = ()) -> bytes:
    """A workbook with one sheet; numbers at ``dates`` (row, column, from 0) are formatted as dates."""
    marked = set(dates)
    lines = []
    for r, row in enumerate(rows):
        cells = []
        for c, value in enumerate(row):
            where = quoteattr(f"{chr(65 + c)}{r + 1}")
            if value is None:
                continue
            if isinstance(value, str):
                cells.append(f'<c r={where} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>')
            else:
                style = ' s="1"' if (r, c) in marked else ""
                cells.append(f"<c r={where}{style}><v>{value}</v></c>")
        lines.append(f'<row r="{r + 1}">{"".join(cells)}</row>' if cells else "")
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}">'
        '<sheets><sheet name="Jobs" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{office}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{"".join(lines)}</sheetData></worksheet>',
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            # A fixed date: parameters of tests are compared between the processes that run them.
            archive.writestr(zipfile.ZipInfo(name), '<?xml version="1.0" encoding="UTF-8"?>' + text)
    return packed.getvalue()
