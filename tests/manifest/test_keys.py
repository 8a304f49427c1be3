"""What names a row, and what tells that it has changed."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import Any

from batcher.core.row import ManifestRow

from .builders import JOB, csv_bytes, job, json_bytes, jsonl_bytes, read, without, xlsx_bytes

ROWS = [job(), job(documentId="0008", envelope="", note="Ærø"), job(rtnName="a", mailClass="Standard", quantity="12")]


def row_of(
    path: Path, columns: list[str] | None = None, row: dict[str, str] | None = None, **flags: Any
) -> ManifestRow:
    path.write_bytes(csv_bytes([row or JOB], columns=columns))
    return read(path, **flags)[0]


def test_the_key_is_a_hash_of_the_canonical_form() -> None:
    pairs = {
        "color": "Full Color",
        "documentClass": "Letter 8.5 x 11",
        "envelope": "#10 Double Window",
        "layout": "Address on Separate Page",
        "paperType": "White 24#",
        "printOption": "Printing both sides",
        "productionTime": "Next Day",
        "addressId": "654321",
        "documentId": "1234567",
    }
    form = "".join(f"{name}\0{value}\0" for name, value in pairs.items())
    hashed = blake2b(form.encode(), digest_size=16)

    assert hashed.hexdigest() == "316683a5a46d5de725de0f23880cbc58"


def test_keys_are_the_same_for_good(tmp_path: Path) -> None:
    """Every ledger holds them: a change here makes every row of every campaign a new one."""
    row = row_of(tmp_path / "a.csv")

    assert row.key == "h316683a5a46d5de725de"
    assert row.digest.hex() == "316683a5a46d5de725de0f23880cbc58"
    assert row_of(tmp_path / "a.csv", row=job(note="x"), keep=("note",)).digest.hex() == (
        "e3e56bc4b7491e300a303eeb13726574"
    )


def test_the_order_of_columns_does_not_matter(tmp_path: Path) -> None:
    straight = row_of(tmp_path / "a.csv")
    reversed_ = row_of(tmp_path / "b.csv", columns=[*reversed(JOB)])

    assert (straight.key, straight.digest, list(straight.parameters)) == (
        reversed_.key,
        reversed_.digest,
        list(reversed_.parameters),
    )


def test_every_format_gives_the_same_keys(tmp_path: Path) -> None:
    full = [{name: row.get(name, "") for name in (*JOB, "rtnName", "mailClass", "quantity", "note")} for row in ROWS]
    contents = {
        "a.csv": csv_bytes(full),
        "a.tsv": csv_bytes(full, "\t"),
        "a.json": json_bytes(ROWS),
        "b.json": json_bytes(
            {"defaults": {"color": JOB["color"]}, "jobs": [{**r, "color": JOB["color"]} for r in ROWS]}
        ),
        "a.jsonl": jsonl_bytes(ROWS),
        "a.xlsx": xlsx_bytes([list(full[0]), *[list(row.values()) for row in full]]),
    }
    found = set()
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        found.add(tuple((row.key, row.digest) for row in read(tmp_path / name, keep=("note",))))

    assert len(found) == 1
    assert len(set(found.pop())) == 3


def test_constants_defaults_and_mapping_give_the_key_of_the_row_written_out(tmp_path: Path) -> None:
    plain = row_of(tmp_path / "a.csv").key
    (tmp_path / "a.json").write_bytes(
        json_bytes({"defaults": without("documentId"), "jobs": [{"documentId": 1234567}]})
    )

    assert read(tmp_path / "a.json")[0].key == plain
    assert row_of(tmp_path / "b.csv", row=without("documentId"), constants={"documentId": "1234567"}).key == plain
    renamed = without("documentId", doc="1234567")
    assert row_of(tmp_path / "c.csv", row=renamed, mapping={"doc": "documentId"}).key == plain


def test_what_is_sent_makes_the_key_and_what_is_kept_only_the_digest(tmp_path: Path) -> None:
    plain = row_of(tmp_path / "a.csv")
    noted = row_of(tmp_path / "a.csv", row=job(note="x"), keep=("note",))
    empty_note = row_of(tmp_path / "a.csv", row=job(note=""), keep=("note",))
    other = row_of(tmp_path / "a.csv", row=job(color="x"))

    assert noted.key == empty_note.key == plain.key != other.key
    assert empty_note.digest == plain.digest != noted.digest


def test_a_value_cannot_pass_for_its_neighbour(tmp_path: Path) -> None:
    one = row_of(tmp_path / "a.csv", row=job(rtnCity="ab", rtnState="c"))
    other = row_of(tmp_path / "a.csv", row=job(rtnCity="a", rtnState="bc"))
    blank = row_of(tmp_path / "a.csv", row=job(envelope=" "))
    empty = row_of(tmp_path / "a.csv", row=job(envelope=""))

    assert len({one.key, other.key, blank.key, empty.key}) == 4


def test_a_correction_does_not_change_with_what_it_corrects(tmp_path: Path) -> None:
    plain = row_of(tmp_path / "a.csv")
    corrected = row_of(tmp_path / "a.csv", row=job(batcher_key="k", batcher_reason="r"), only_corrections=True)

    assert (plain.key, plain.digest) == (corrected.key, corrected.digest)
    assert corrected.batcher_key == "k"
