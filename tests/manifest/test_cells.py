"""What a cell may hold: everything is text and stays as it is, or the cell is named with what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .builders import JOB, complaint, csv_bytes, job, jsonl_bytes, read


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    return tmp_path / "jobs.csv"


def sent(path: Path, **changes: str) -> dict[str, str]:
    path.write_bytes(csv_bytes([job(**changes)]))
    return dict(read(path)[0].parameters)


def complaint_of(path: Path, **changes: Any) -> str:
    path.write_bytes(csv_bytes([job(**changes)]))
    return complaint(path).removeprefix("jobs.csv: line 2, ")


@pytest.mark.parametrize(
    "changes",
    [
        {"documentId": "00123"},
        {"documentClass": "Priority Express Letter  8.5 x 11"},
        {"documentClass": "Easy Letter "},
        {"envelope": " "},
        {"envelope": ""},
        {"paperType": "White Matte with Gloss UV Finish – MS"},
        {"printOption": "printing BOTH sides"},
        {"rtnName": ' O\'Brien, "Al" '},
        {"mailClass": " "},
        {"mailingDate": "20280229"},
        {"quantity": "0"},
    ],
)
def test_values_are_sent_as_they_are_given(manifest: Path, changes: dict[str, str]) -> None:
    assert sent(manifest, **changes) == job(**changes)


def test_an_empty_optional_cell_is_not_sent(manifest: Path) -> None:
    assert sent(manifest, mailClass="", quantity="", mailingDate="", rtnName="") == JOB


@pytest.mark.parametrize("name", [name for name in JOB if name != "envelope"])
@pytest.mark.parametrize("value", ["", " ", "\u00a0"])
def test_a_required_cell_that_is_empty_or_blank(manifest: Path, name: str, value: str) -> None:
    assert complaint_of(manifest, **{name: value}) == f"column {name}: is empty"


@pytest.mark.parametrize(
    "name", ["documentId", "addressId", "projectId", "returnAddressId", "jobDocumentId", "quantity"]
)
@pytest.mark.parametrize("value", ["12a", "1.0", "-1", "+1", "1 ", "1e3", "١٢", "²", "1_0", "0x1"])
def test_a_number_is_ascii_digits(manifest: Path, name: str, value: str) -> None:
    assert complaint_of(manifest, **{name: value}) == f'column {name}: "{value}" is not a whole number'


def test_an_optional_number_that_is_blank(manifest: Path) -> None:
    assert complaint_of(manifest, quantity=" ") == "column quantity: is not a whole number"


def test_a_number_that_is_too_long(manifest: Path) -> None:
    shown = '"' + "1" * 39 + '…"'

    assert (
        complaint_of(manifest, documentId="1" * 50) == f"column documentId: {shown} is no number of at most 18 digits"
    )


@pytest.mark.parametrize("value", ["20230229", "20240001", "2024-01-1", "240101", "00000101", "٢٠٢٤٠١٠١", "tomorrow"])
def test_a_date_is_a_real_day(manifest: Path, value: str) -> None:
    wanted = f'column mailingDate: "{value}" is not a calendar date of the form YYYYMMDD'

    assert complaint_of(manifest, mailingDate=value) == wanted


@pytest.mark.parametrize(
    ("value", "thing"),
    [
        ("a\nb", "a line break"),
        ("a\r\nb", "a line break"),
        ("a\tb", "a control character (U+0009)"),
        ("a\x7f", "a control character (U+007F)"),
        ("a\x85", "a control character (U+0085)"),
    ],
)
def test_a_control_character(manifest: Path, value: str, thing: str) -> None:
    assert complaint_of(manifest, color=value) == f"column color: holds {thing}"


def test_a_cell_longer_than_a_spreadsheets(manifest: Path) -> None:
    assert sent(manifest, color="x" * 32_767)["color"] == "x" * 32_767
    assert complaint_of(manifest, color="x" * 32_768) == (
        "column color: has 32,768 characters; a cell holds 32,767 at most"
    )


@pytest.mark.parametrize("name", ["rtnName", "rtnOrganization", "rtnaddress1", "rtnaddress2", "rtnCity", "rtnZip"])
def test_a_personal_value_is_never_quoted(manifest: Path, name: str) -> None:
    report = complaint_of(manifest, **{name: "17 Canary Lane\t"})

    assert report == f"column {name}: holds a control character (U+0009)"


def test_every_problem_of_a_row_is_named_in_the_order_of_its_columns(manifest: Path) -> None:
    manifest.write_bytes(csv_bytes([job(mailingDate="x", color="", documentId="y", quantity="z")]))

    assert complaint(manifest).splitlines() == [
        "jobs.csv: 4 problems",
        "  line 2, column color: is empty",
        '  line 2, column documentId: "y" is not a whole number',
        '  line 2, column mailingDate: "x" is not a calendar date of the form YYYYMMDD',
        '  line 2, column quantity: "z" is not a whole number',
    ]


def test_the_first_hundred_problems_are_named_and_all_are_counted(manifest: Path) -> None:
    manifest.write_bytes(csv_bytes([job(documentId="x")] * 1234))

    report = complaint(manifest).splitlines()

    assert report[0] == "jobs.csv: 1,234 problems"
    assert report[100] == '  line 101, column documentId: "x" is not a whole number'
    assert report[101:] == ["  and 1,134 more"]


@pytest.mark.parametrize("name", ["documentId", "quantity", "mailingDate"])
def test_json_numbers_are_taken_where_a_number_is_meant(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl_bytes([job(**{name: 20300101})]))

    assert read(path)[0].parameters == job(**{name: "20300101"})


def test_a_value_is_judged_alike_whatever_came_before(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    dates = ["20300101", 20300101, 20300101.0, "20300101", 20300101]
    path.write_bytes(jsonl_bytes([job(mailingDate=date) for date in dates]))

    reason = "is a number with a fraction or an exponent"
    assert complaint(path) == f"a.jsonl: line 3, column mailingDate: {reason}"


def test_null_is_an_empty_cell(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl_bytes([job(envelope=None, quantity=None, rtnName=None)]))

    assert read(path)[0].parameters == job(envelope="")


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("documentId", 1.0, "is a number with a fraction or an exponent"),
        ("documentId", 1e3, "is a number with a fraction or an exponent"),
        ("documentId", True, "is true or false, not text"),
        ("documentId", -1, '"-1" is not a whole number'),
        ("documentId", None, "is empty"),
        ("documentId", [1], "is nested; a job is flat"),
        ("color", {"a": 1}, "is nested; a job is flat"),
        ("color", None, "is empty"),
        ("color", False, "is true or false, not text"),
        ("rtnZip", 1234, "is a number, not text: zeros in front would be lost"),
        ("color", float("nan"), "is NaN, which is not JSON"),
        ("quantity", float("-inf"), "is -Infinity, which is not JSON"),
        ("color", "a\0b", "holds a control character (U+0000)"),
        ("color", "\ud800", "holds half a character (a lone surrogate, U+D800)"),
    ],
)
def test_json_values_that_no_field_takes(tmp_path: Path, name: str, value: Any, reason: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl_bytes([JOB, job(**{name: value})]))

    assert complaint(path) == f"a.jsonl: line 2, column {name}: {reason}"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (1.5, "is a number with a fraction or an exponent"),
        (True, "is true or false, not text"),
        ({}, "is nested; a job is flat"),
        ("\0", "holds a control character (U+0000)"),
        ("\udfff", "holds half a character (a lone surrogate, U+DFFF)"),
        ("x" * 40_000, "has 40,000 characters; a cell holds 32,767 at most"),
    ],
)
def test_kept_values_that_no_result_can_hold(tmp_path: Path, value: Any, reason: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl_bytes([job(note=value)]))

    assert complaint(path, keep=("note",)) == f"a.jsonl: line 1, column note: {reason}"


def test_kept_values_may_be_whole_numbers_and_null(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl_bytes([job(note=7, order=12), job(note=None, order="13")]))

    rows = read(path, keep=("note",), key="order")

    assert [(row.key, row.kept) for row in rows] == [
        ("12", {"note": "7", "order": "12"}),
        ("13", {"note": "", "order": "13"}),
    ]
