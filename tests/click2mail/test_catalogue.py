"""The shipped catalogue: odd strings survive, every line says where it was seen."""

import csv
from importlib.resources import files
from io import StringIO

import pytest

from batcher.click2mail.catalogue import shipped_catalogue
from batcher.core.product import OPTION_FIELDS, Combination

from .builders import LETTER


@pytest.mark.parametrize(
    "name",
    [
        "Priority Express Letter  8.5 x 11",
        "Reply Postcard  4.25 x 6",
        "Letter 8.5 x 11",
        "Note Card - Folded 4.25 x 5.5",
    ],
)
def test_odd_names_are_as_they_were_seen(name: str) -> None:
    assert name in shipped_catalogue().classes()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("layout", "Notecard -Single Sided"),
        ("layout", "Address on First Page  - FR"),
        ("layout", "Self Mailer with Return Reciept"),
        ("paperType", "White Matte with Gloss UV Finish – MS"),
    ],
)
def test_odd_values_are_as_they_were_seen(field: str, value: str) -> None:
    assert value in shipped_catalogue().anywhere[field]


def test_a_documented_letter_raises_no_doubt() -> None:
    assert shipped_catalogue().doubts(Combination.of(LETTER)) == ()


def test_a_production_time_that_the_remote_refuses_is_doubtful() -> None:
    doubts = shipped_catalogue().doubts(Combination.of(LETTER | {"productionTime": "Next Business Day"}))

    assert doubts == (
        'productionTime "Next Business Day" was never seen with this class; the most similar is "Next Day"',
    )


def test_an_envelope_may_be_empty_or_one_blank() -> None:
    assert {"", " "} <= set(shipped_catalogue().values_of("Postcard 5 x 8", "envelope"))


def test_three_casings_are_three_values() -> None:
    seen = {
        value for name in shipped_catalogue().classes() for value in shipped_catalogue().values_of(name, "printOption")
    }

    assert {"Printing both sides", "Printing Both sides", "Printing Both Sides"} <= seen


@pytest.mark.parametrize(("name", "lines"), [("combinations.csv", 181), ("options.csv", 664)])
def test_every_line_has_its_source(name: str, lines: int) -> None:
    text = (files("batcher.click2mail.catalogue") / name).read_text(encoding="utf-8")
    read = list(csv.DictReader(StringIO(text, newline="")))

    assert len(read) == lines
    assert [line for line in read if not line["source"]] == []
    assert {line["field"] for line in read if "field" in line} <= set(OPTION_FIELDS)
