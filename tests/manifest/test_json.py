"""JSON documents and JSON Lines: what may stand where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .builders import JOB, complaint, job, json_bytes, jsonl_bytes, read, without

ONE = json.dumps(JOB)


def complaint_of(path: Path, text: str) -> str:
    path.write_bytes(text.encode())
    return complaint(path).removeprefix(f"{path.name}: ")


@pytest.fixture
def document(tmp_path: Path) -> Path:
    return tmp_path / "a.json"


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    return tmp_path / "a.jsonl"


def test_a_list_of_objects(document: Path) -> None:
    document.write_bytes(json_bytes([JOB, job(documentId=8)]))

    assert [(row.number, row.line, row.parameters) for row in read(document)] == [
        (1, 1, JOB),
        (2, 2, job(documentId="8")),
    ]


def test_defaults_fill_what_a_job_does_not_name(document: Path) -> None:
    jobs = [{"documentId": 1}, {"documentId": 2, "color": "Blue", "envelope": "", "mailClass": None}]
    document.write_bytes(json_bytes({"defaults": without("documentId", mailClass="Standard"), "jobs": jobs}))

    assert [dict(row.parameters) for row in read(document)] == [
        job(documentId="1", mailClass="Standard"),
        job(documentId="2", color="Blue", envelope=""),
    ]


def test_a_document_without_defaults(document: Path) -> None:
    document.write_bytes(json_bytes({"jobs": [JOB]}))

    assert len(read(document)) == 1


def test_a_bad_default_is_reported_once(document: Path) -> None:
    document.write_bytes(json_bytes({"defaults": {"mailingDate": "soon"}, "jobs": [JOB, JOB, job(documentId="x")]}))

    assert complaint(document).splitlines() == [
        "a.json: 2 problems",
        '  column mailingDate: "soon" is not a calendar date of the form YYYYMMDD; it stands in the defaults',
        '  item 3, column documentId: "x" is not a whole number',
    ]


def test_an_unknown_default(document: Path) -> None:
    document.write_bytes(json_bytes({"defaults": {"colour": "x"}, "jobs": [JOB, JOB]}))

    assert complaint(document).startswith("a.json: item 1, column colour: is no field of a job")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f'{{"jobs": [{ONE}], "defaults": {{}}}}', '"defaults" stands after "jobs"; it must come first'),
        (f'{{"jobs": [{ONE}], "jobs": []}}', '"jobs" stands there twice'),
        ('{"defaults": {}, "defaults": {}, "jobs": []}', '"defaults" stands there twice'),
        ('{"defaults": [], "jobs": []}', '"defaults" is a list, not an object'),
        ('{"defaults": {"color": 1, "color": 2}}', '"defaults" has the name "color" twice'),
        ('{"defaults": {}}', 'is not valid JSON in line 1: expecting a comma and "jobs" after the defaults'),
        ('{"jobs": {}}', 'is not valid JSON in line 1: expecting a list after "jobs"'),
        ("{}", 'is not valid JSON in line 1: expecting the name "defaults" or "jobs"'),
        ('{"jobs" [', "is not valid JSON in line 1: expecting a colon after the name"),
        (
            f'{{"jobs": [{ONE}], "note": 1}}',
            (
                'has "note" at its top level; "defaults" and "jobs" are all that is known there; '
                "give --format jsonl if there is an object a line"
            ),
        ),
        (f'{{"jobs": [{ONE}] "x"', "is not valid JSON in line 1: expecting a } after the jobs"),
        (f"[{ONE}]\n[]", "something follows the end of the document"),
        (f"[{ONE}", "item 1: the document is cut off"),
        (f"[{ONE},\n", "item 2: the document is cut off"),
        (f"[{ONE},{ONE[:-5]}", "item 2: the document is cut off"),
        (f'{{"jobs": [{ONE}]', "the document is cut off"),
        ("[", "item 1: the document is cut off"),
        ("{", "the document is cut off"),
        (f"[{ONE},\n\n]", "item 2: is not valid JSON: expecting value, in line 3"),
        (f"[{ONE}\n{ONE}]", "item 1: is not valid JSON in line 2: expecting a comma or ] after the item"),
        (f"[{ONE},\n{{color: 1}}]", "item 2: is not valid JSON: expecting property name enclosed in double quotes"),
        ("[" * 100_000, "item 1: is nested too deeply"),
        (f"[{ONE}, " + '{"color": ' * 100_000, "item 2: is nested too deeply"),
        (f'[{ONE}, {{"documentId": {"1" * 5000}}}]', "item 2: holds a number with more digits than any id"),
        ('{"' + "[" * 100, "the document is cut off"),
    ],
)
def test_a_document_that_cannot_be_read_on(document: Path, text: str, reason: str) -> None:
    assert complaint_of(document, text).startswith(reason)


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ("17", "is a number, not an object"),
        ('"job"', "is text, not an object"),
        ("[]", "is a list, not an object"),
        ("null", "is null, not an object"),
        ("true", "is true or false, not an object"),
        ("NaN", "is a number, not an object"),
        ('{"color": 1, "a": {}, "color": 2}', 'has the name "color" twice'),
    ],
)
def test_an_item_that_is_no_job_is_named_and_the_others_are_read(
    document: Path, lines: Path, item: str, reason: str
) -> None:
    bad = job(documentId="x")
    second = '"x" is not a whole number'

    assert complaint_of(document, f"[{item}, {json.dumps(bad)}]").splitlines()[1:] == [
        f"  item 1: {reason}",
        f"  item 2, column documentId: {second}",
    ]
    assert complaint_of(lines, f"{ONE}\n{item}\n{json.dumps(bad)}").splitlines()[1:] == [
        f"  line 2: {reason}",
        f"  line 3, column documentId: {second}",
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (ONE[:-5], "is not valid JSON: unterminated string, at character "),
        (f"{ONE},", "something follows the object"),
        (f"{ONE} {ONE}", "something follows the object"),
        ("{'a': 1}", "is not valid JSON: expecting property name enclosed in double quotes"),
        ("[" * 100_000, "is nested too deeply"),
        ('{"color": ' * 90_000, "is nested too deeply"),
        (f'{{"documentId": {"1" * 5000}}}', "holds a number with more digits than any id"),
        ('{"color": "a\tb"}', "is not valid JSON: invalid control character"),
    ],
)
def test_a_line_that_is_no_object_is_named_and_the_others_are_read(lines: Path, line: str, reason: str) -> None:
    report = complaint_of(lines, f"{ONE}\n{line}\n{json.dumps(job(documentId='x'))}\n").splitlines()

    assert report[0] == "2 problems"
    assert report[1].startswith(f"  line 2: {reason}")
    assert report[2] == '  line 3, column documentId: "x" is not a whole number'


def test_blank_lines_are_passed_over(lines: Path) -> None:
    lines.write_bytes(b"\n" + jsonl_bytes([JOB]) + b" \t\r\n" + b"  " + jsonl_bytes([job(documentId="8")])[:-1])

    assert [(row.number, row.line) for row in read(lines)] == [(1, 2), (2, 4)]


def test_a_report_never_quotes_the_text_of_a_broken_line(lines: Path) -> None:
    text = json.dumps(job(rtnaddress1="17 Canary Lane"))

    assert "Canary" not in complaint_of(lines, f"{ONE}\n{text[:-3]}\n{text[3:]}\n")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("{", "{color: 1, ", "expecting property name enclosed in double quotes, in line 1"),
        (": ", " ", "expecting ':' delimiter, in line 1"),
        ('"Full Color"', "Full", "expecting value, in line 1"),
        ('"Full Color"', '"Full\nColor"', "invalid control character, in line 1"),
        ('"Full Color"', r'"Full\Color"', r"invalid \escape, in line 1"),
    ],
)
def test_what_is_wrong_with_an_item_is_said_however_much_follows(
    document: Path, old: str, new: str, reason: str
) -> None:
    text = "[" + ONE.replace(old, new, 1) + ", " + ", ".join([ONE] * 5000) + "]"

    assert complaint_of(document, text) == f"item 1: is not valid JSON: {reason}"


@pytest.mark.parametrize("at", range(65_532, 65_540))
@pytest.mark.parametrize("number", ["1.5e+07", "-12", "-Infinity", "null", "true"])
def test_a_token_may_lie_across_the_window(document: Path, number: str, at: int) -> None:
    """As an item, and inside one."""
    reasons = {"null": "is null", "true": "is true or false"}
    padding = "[" + " " * (at - 1)

    assert (
        complaint_of(document, f"{padding}{number}]") == f"item 1: {reasons.get(number, 'is a number')}, not an object"
    )
    inside = complaint_of(document, f'{padding}{{"color": {number}}}]')
    assert "JSON" not in inside.replace("is -Infinity, which is not JSON", "")


@pytest.mark.parametrize("padding", [0, 1, 65_530, 65_536, 131_071])
@pytest.mark.parametrize("tail", ["", "17", "null,"])
def test_items_may_lie_across_the_window(document: Path, padding: int, tail: str) -> None:
    items: list[Any] = [job(documentId=str(number), color="x" * (number * 7 % 50 + 1)) for number in range(1500)]
    text = "[" + " " * padding + ",\n".join(map(json.dumps, items)) + "]"

    document.write_bytes(text.encode())
    assert [row.parameters for row in read(document)] == items
    if tail:
        broken = text[:-1] + ", " + tail
        assert complaint_of(document, broken).splitlines()[-1].strip().endswith("the document is cut off")
