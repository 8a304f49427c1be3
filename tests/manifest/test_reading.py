"""The flags: refused where they contradict, and kept in the ledger as plain values."""

from __future__ import annotations

import json
from typing import Any

import pytest

from batcher.core.errors import ConfigError
from batcher.manifest import Reading


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"format": "yaml"}, '--format "yaml" is none of csv, tsv, json, jsonl, xlsx'),
        ({"delimiter": ""}, '--delimiter "" is not one character like , ; | or the word tab'),
        ({"delimiter": ";;"}, '--delimiter ";;" is not one character like , ; | or the word tab'),
        ({"delimiter": '"'}, '--delimiter """ is not one character like , ; | or the word tab'),
        ({"delimiter": "a"}, '--delimiter "a" is not one character like , ; | or the word tab'),
        ({"delimiter": "\n"}, '--delimiter "\\n" is not one character like , ; | or the word tab'),
        (
            {"mapping": {"Doc": "documentid"}},
            '--map Doc=documentid: "documentid" is no field of a job; did you mean documentId?',
        ),
        ({"mapping": {"Doc": "xyzzy"}}, '--map Doc=xyzzy: "xyzzy" is no field of a job'),
        (
            {"mapping": {"Doc": "documentId"}, "keep": ("Doc",)},
            "--map Doc=documentId: the column is also listed with --keep; it can be sent or only kept, not both",
        ),
        (
            {"mapping": {"Doc": "documentId"}, "constants": {"documentId": "1"}},
            "--map Doc=documentId: --set gives documentId a constant; leave one of the two away",
        ),
        (
            {"mapping": {"a": "appSignature"}},
            "--map a=appSignature: appSignature belongs to the ledger; --keep-app-signature allows it",
        ),
        (
            {"constants": {"appSignature": "x"}},
            "--set appSignature: appSignature belongs to the ledger; --keep-app-signature allows it",
        ),
        ({"constants": {"Color": "x"}}, '--set Color: "Color" is no field of a job; did you mean color?'),
        ({"constants": {"documentId": "12a"}}, '--set documentId: "12a" is not a whole number'),
        (
            {"constants": {"mailingDate": "20241301"}},
            '--set mailingDate: "20241301" is not a calendar date of the form YYYYMMDD',
        ),
        ({"constants": {"color": " "}}, "--set color: is empty"),
        ({"constants": {"mailClass": ""}}, "--set mailClass: the value is empty, which sends nothing"),
    ],
)
def test_flags_that_cannot_be_meant(flags: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Reading(**flags)

    assert str(caught.value) == message


@pytest.mark.parametrize(("word", "character"), [("tab", "\t"), ("\\t", "\t"), ("semicolon", ";"), ("|", "|")])
def test_a_delimiter_may_be_a_word(word: str, character: str) -> None:
    assert Reading(delimiter=word).delimiter == character


@pytest.mark.parametrize(
    "reading",
    [
        Reading(),
        Reading(
            format="csv",
            encoding="cp1252",
            delimiter="tab",
            key="order",
            mapping={"Doc": "documentId"},
            constants={"color": "Full Color", "envelope": "", "appSignature": "x"},
            keep=("a", "b"),
            keep_app_signature=True,
            only_corrections=True,
        ),
    ],
)
def test_a_reading_survives_the_ledger(reading: Reading) -> None:
    stored = json.dumps(reading.as_dict())

    assert Reading.from_dict(json.loads(stored)) == reading


def test_a_reading_of_a_later_version_is_understood_as_far_as_possible() -> None:
    assert Reading.from_dict({"format": "csv", "sheet": 2}) == Reading(format="csv")
