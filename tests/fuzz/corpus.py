"""Valid documents to begin with, made by the tests' own builders."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from xml.sax.saxutils import escape

from tests.click2mail.scripted_server import CREATED
from tests.click2mail.test_listing import READABLE, SEEN, UNREADABLE
from tests.manifest.builders import JOB, csv_bytes, job, json_bytes, jsonl_bytes, xlsx_bytes

from .workbooks import RELATED, SHEET, TEXTS, parts_of

_GOLDEN = Path(__file__).parents[1] / "click2mail" / "replies"


def replies() -> list[bytes]:
    """Bodies of replies and listings: the golden ones, and listings as XML and JSON, those that are none among them."""
    golden = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(_GOLDEN.glob("*.toml"))]
    bodies = [reply["body"].encode(reply.get("encoding", "utf-8")) for reply in golden]
    listings = [SEEN, *(body for body, _ in READABLE.values()), *UNREADABLE.values()]
    wide = json.dumps({"jobList": {"job": [{"id": number} for number in range(1, 30)]}}).encode()
    return list(dict.fromkeys([CREATED, *bodies, *listings, wide]))


def manifests() -> dict[str, list[bytes]]:
    """Manifests by format: plain ones, and ones with everything that a format allows."""
    rows = [
        job(note="a\r\nb\rc\n"),
        job(documentId="00123", envelope="", rtnName="Zoë 'Q' \"R\", Jr"),
        job(mailingDate="20300101", note=" \u2028\x85"),
    ]
    tables = [dict.fromkeys([name for row in rows for name in row], "") | row for row in rows]
    numbers = job(documentId=7, addressId=8, quantity=2, envelope=None)
    return {
        "csv": [csv_bytes(tables), csv_bytes(tables, ";"), csv_bytes([job()], "|").replace(b"\r\n", b"\n"), _QUOTED],
        "tsv": [csv_bytes(tables, "\t")],
        "json": [
            json_bytes(rows),
            json_bytes({"defaults": {"color": "Full Color", "rtnCity": "Köln"}, "jobs": [*rows, numbers]}),
            json.dumps([numbers, job(layout="\U0001f600 ")], indent=1).encode(),
        ],
        "jsonl": [
            jsonl_bytes(rows),
            json.dumps(numbers, ensure_ascii=False).encode() + b"\r\n\n \n" + jsonl_bytes(rows),
        ],
    }


_QUOTED = (
    csv_bytes([job()]).replace(b"Full Color", b'"Full ""Color"""').replace(b"1234567", b'"1234567"') + b",,,\r\n\r\n"
)


def workbooks() -> list[dict[str, bytes]]:
    """By their parts: one with texts, numbers and a date in its cells, and one whose cells share their texts."""
    names = [*JOB, "mailingDate"]
    plain = xlsx_bytes([names, [*JOB.values(), 47484], [*[*JOB.values()][:7], 7, 8, None]], dates=[(1, 9)])
    return [parts_of(plain), _with_shared_texts(names, [*JOB.values(), "20300101"])]


def _with_shared_texts(*rows: list[str]) -> dict[str, bytes]:
    parts = parts_of(xlsx_bytes([["x"]]))
    texts = [text for row in rows for text in row]
    shown = iter(range(len(texts)))
    lines = []
    for number, row in enumerate(rows, 1):
        cells = [f'<c r="{chr(65 + at)}{number}" t="s"><v>{next(shown)}</v></c>' for at in range(len(row))]
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    sheet = parts[SHEET].partition(b"<sheetData>")[0] + f"<sheetData>{''.join(lines)}</sheetData></worksheet>".encode()
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    relation = f'<Relationship Id="rId3" Type="{kind}" Target="sharedStrings.xml"/></Relationships>'
    related = parts[RELATED].replace(b"</Relationships>", relation.encode())
    main = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    shared = main + "".join(f"<si><t>{escape(text)}</t></si>" for text in texts).encode() + b"</sst>"
    return {**parts, SHEET: sheet, RELATED: related, TEXTS: shared}
