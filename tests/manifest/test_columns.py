"""What the header says, and what the flags make of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from batcher.core.errors import ConfigError
from batcher.manifest import FIELDS, REQUIRED, Reading, open_manifest

from .builders import JOB, complaint, csv_bytes, job, json_bytes, jsonl_bytes, read, without

KEEP = "--keep takes it to the results without sending it"
SIGNATURE_REFUSED = (
    "column appSignature: it belongs to the ledger, which finds a row's job again by it; "
    "--keep-app-signature allows it, and jobs can then not be found again after a lost reply"
)


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    return tmp_path / "jobs.csv"


def renamed(old: str, new: str) -> dict[str, str]:
    return {new if name == old else name: value for name, value in JOB.items()}


def complaint_of(path: Path, row: dict[str, Any], **flags: Any) -> str:
    path.write_bytes(csv_bytes([row]))
    return complaint(path, **flags).removeprefix(f"{path.name}: ")


def test_the_fields_are_spelled_as_the_remote_spells_them() -> None:
    assert " ".join(REQUIRED) == (
        "documentClass layout productionTime envelope color paperType printOption documentId addressId"
    )
    assert " ".join(name for name in FIELDS if name not in REQUIRED) == (
        "jobDocumentId jobAddressId rtnName rtnOrganization rtnaddress1 rtnaddress2 rtnCity rtnState rtnZip "
        "returnAddressId businessReplyAddressId courtesyReplyAddressId endorsement mailClass projectId mailingDate "
        "quantity enclosure appSignature"
    )


@pytest.mark.parametrize("name", REQUIRED)
def test_a_required_column_is_missing(manifest: Path, name: str) -> None:
    assert complaint_of(manifest, without(name)) == f"line 1, column {name}: is missing"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("documentid", "documentId"),
        ("Document ID", "documentId"),
        ("printColor", "color"),
        ("documentIdd", "documentId"),
        ("papertype", "paperType"),
    ],
)
def test_a_misspelt_required_column(manifest: Path, wrong: str, right: str) -> None:
    shown = f'"{wrong}"' if " " in wrong else wrong

    assert complaint_of(manifest, renamed(right, wrong)).splitlines() == [
        "2 problems",
        f"  line 1, column {shown}: is no field of a job; did you mean {right}? Else {KEEP}",
        f'  line 1, column {right}: is missing; is it the column "{wrong}"?',
    ]


@pytest.mark.parametrize(("wrong", "right"), [("rtnAddress1", "rtnaddress1"), ("RTNNAME", "rtnName")])
def test_a_misspelt_optional_column(manifest: Path, wrong: str, right: str) -> None:
    wanted = f"line 1, column {wrong}: is no field of a job; did you mean {right}? Else {KEEP}"

    assert complaint_of(manifest, job(**{wrong: "x"})) == wanted


def test_an_unknown_column(manifest: Path) -> None:
    assert complaint_of(manifest, job(customer="7")) == f"line 1, column customer: is no field of a job; {KEEP}"


def test_a_column_of_the_update_call_is_no_field(manifest: Path) -> None:
    assert complaint_of(manifest, job(crid="7")) == f"line 1, column crid: is no field of a job; {KEEP}"


def test_a_column_that_stands_there_twice(manifest: Path) -> None:
    manifest.write_bytes((",".join([*JOB, "color"]) + "\n" + ",".join([*JOB.values(), "x"]) + "\n").encode())

    assert complaint(manifest) == "jobs.csv: line 1, column color: stands there twice"


def test_a_column_without_a_name(manifest: Path) -> None:
    assert complaint_of(manifest, job(**{"": "x"})) == "line 1: the column in position 10 has no name"


@pytest.mark.parametrize("delimiter", [None, ";"])
def test_a_table_without_a_header_is_refused_without_a_word_of_it(manifest: Path, delimiter: str | None) -> None:
    row = job(rtnName="Ann Canary", rtnaddress1="17 Canary Lane")
    content = csv_bytes([row])
    manifest.write_bytes(content.split(b"\r\n", 1)[1] if delimiter is None else content)

    assert complaint(manifest, delimiter=delimiter) == (
        "jobs.csv: line 1: no column here is called like a field of a job: "
        "is the header missing, or the delimiter another?"
    )


def test_more_columns_than_anyone_has(manifest: Path) -> None:
    row = job(**{f"c{number}": "x" for number in range(1000)})

    report = complaint_of(manifest, row).splitlines()
    assert report[:2] == ["992 problems", "  line 1: there are 1,009 columns; 1,000 are the most"]


def test_the_signature_belongs_to_the_ledger(manifest: Path) -> None:
    assert complaint_of(manifest, job(appSignature="mine")) == "line 1, " + SIGNATURE_REFUSED
    assert complaint_of(manifest, job(appSignature="mine"), keep_app_signature=True) == "nothing"
    assert read(manifest, keep_app_signature=True)[0].parameters["appSignature"] == "mine"


def test_rows_are_checked_under_a_header_that_is_wrong(manifest: Path) -> None:
    assert complaint_of(manifest, without("color", quantity="1,5", note="x")).splitlines() == [
        "3 problems",
        f"  line 1, column note: is no field of a job; {KEEP}",
        "  line 1, column color: is missing",
        '  line 2, column quantity: "1,5" is not a whole number',
    ]


def test_a_column_is_mapped_to_a_field(manifest: Path) -> None:
    manifest.write_bytes(csv_bytes([renamed("documentId", "Doc No")]))

    with open_manifest(manifest, Reading(mapping={"Doc No": "documentId"})) as opened:
        rows = list(opened.rows())

    assert dict(rows[0].parameters) == JOB
    assert opened.columns == (*list(JOB)[:7], "Doc No", "addressId")
    assert opened.field_of["Doc No"] == "documentId"


def test_a_mapped_column_with_a_long_or_odd_name_is_told_on_one_line(manifest: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        Reading(mapping={"a\nb" + "x" * 100: "colour"})

    shown = r"a\nb" + "x" * 36 + "…"
    assert str(caught.value) == f'--map {shown}=colour: "colour" is no field of a job; did you mean color?'
    assert f"--map {shown}=color: the manifest has no such column" in complaint_of_table(manifest, "a\nb" + "x" * 100)


def complaint_of_table(manifest: Path, column: str) -> str:
    manifest.write_bytes(csv_bytes([without("color")]))
    return complaint(manifest, mapping={column: "color"})


def test_a_problem_under_a_mapped_column_names_both(manifest: Path) -> None:
    row = renamed("documentId", "DocNo") | {"DocNo": "12a"}

    wanted = 'line 2, column DocNo (documentId): "12a" is not a whole number'
    assert complaint_of(manifest, row, mapping={"DocNo": "documentId"}) == wanted


def test_two_columns_for_one_field(manifest: Path) -> None:
    wanted = 'line 1, column doc: stands for documentId, and so does the column "documentId"'

    assert complaint_of(manifest, job(doc="1"), mapping={"doc": "documentId"}) == wanted


@pytest.mark.parametrize("content", [csv_bytes([JOB]), jsonl_bytes([JOB]), json_bytes([JOB])])
def test_a_mapped_column_that_is_not_there(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / {b"d": "a.csv", b"{": "a.jsonl", b"[": "a.json"}[content[:1]]
    path.write_bytes(content)

    report = complaint(path, mapping={"Zip": "rtnZip"})
    assert report.endswith("--map Zip=rtnZip: the manifest has no such column")


def test_a_constant_fills_a_field(manifest: Path) -> None:
    constants = {"color": "Black and White", "projectId": "17", "envelope": ""}
    manifest.write_bytes(csv_bytes([without("color", "envelope")]))

    assert read(manifest, constants=constants)[0].parameters == job(**constants)


def test_a_constant_that_the_manifest_has_too(manifest: Path) -> None:
    wanted = (
        "line 1, column color: --set color gives it a constant, and the manifest has it too; leave one of them away"
    )

    assert complaint_of(manifest, job(), constants={"color": "Full Color"}) == wanted


def test_a_kept_column_is_not_sent(manifest: Path) -> None:
    manifest.write_bytes(csv_bytes([job(customer="Ærø\n2", note="", projectId="x")]))

    with open_manifest(manifest, Reading(keep=("customer", "note", "projectId"))) as opened:
        (row,) = opened.rows()

    assert dict(row.parameters) == JOB
    assert row.kept == {"customer": "Ærø\n2", "note": "", "projectId": "x"}
    assert opened.kept_columns == ("customer", "note", "projectId")


def test_a_key_column_is_kept_without_being_listed(manifest: Path) -> None:
    manifest.write_bytes(csv_bytes([job(order="A-1")]))

    with open_manifest(manifest, Reading(key="order")) as opened:
        (row,) = opened.rows()

    assert (row.key, dict(row.kept), opened.kept_columns) == ("A-1", {"order": "A-1"}, ("order",))


def test_a_key_column_that_is_a_field_is_sent(manifest: Path) -> None:
    manifest.write_bytes(csv_bytes([JOB]))

    (row,) = read(manifest, key="documentId")

    assert (row.key, row.kept, dict(row.parameters)) == ("1234567", {}, JOB)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "the key is empty"),
        ("  ", "the key is empty"),
        ("a\tb", "the key holds a control character (U+0009)"),
        ("x" * 201, "the key has 201 characters; 200 are the most"),
    ],
)
def test_a_key_that_names_nothing(manifest: Path, value: str, reason: str) -> None:
    assert complaint_of(manifest, job(order=value), key="order") == f"line 2, column order: {reason}"


def test_the_key_column_is_missing(manifest: Path) -> None:
    wanted = "line 1, column Order: is missing, and --key names it; did you mean order?"

    assert complaint_of(manifest, job(order="1"), key="Order").splitlines()[-1].strip() == wanted


def test_the_columns_of_a_failed_file_are_known(manifest: Path) -> None:
    manifest.write_bytes(csv_bytes([job(batcher_key="k1", batcher_reason="why"), job(documentId="8", batcher_key="")]))

    with open_manifest(manifest, Reading()) as opened:
        rows = list(opened.rows())

    assert [row.batcher_key for row in rows] == ["k1", None]
    assert dict(rows[0].parameters) == JOB
    assert rows[0].kept == {}
    assert opened.columns == tuple(JOB)


def test_corrections_must_say_what_they_correct(manifest: Path) -> None:
    assert complaint_of(manifest, job(batcher_key=""), only_corrections=True) == (
        "line 2, column batcher_key: the key is empty"
    )
    assert complaint_of(manifest, job(), only_corrections=True) == (
        "line 1, column batcher_key: is missing: this is no failed file"
    )
    assert complaint_of(manifest, job(batcher_key="k"), only_corrections=True) == "nothing"


def test_an_unknown_name_in_objects_is_reported_once(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl_bytes([JOB, job(colour="x"), {"colour": "x", **JOB}, job(colour="x")]))

    assert complaint(path) == f"a.jsonl: line 2, column colour: is no field of a job; {KEEP}"


def test_a_missing_name_is_every_objects_own(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(json_bytes([without("color"), JOB, without("envelope")]))

    assert complaint(path).splitlines() == [
        "a.json: 2 problems",
        "  item 1, column color: is missing",
        "  item 3, column envelope: is missing",
    ]


def test_the_columns_of_objects_are_the_union_in_order_of_appearance(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    jobs = [{"quantity": 2}, {"customer": "x", "addressId": 3}]
    path.write_bytes(json_bytes({"defaults": without("addressId"), "jobs": jobs}))

    with open_manifest(path, Reading(keep=("customer",), constants={"addressId": "1"})) as opened:
        list(opened.rows())

    assert opened.columns == (*without("addressId"), "quantity", "customer", "addressId")
