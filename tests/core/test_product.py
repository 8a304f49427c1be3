"""How a combination of options relates to those that are known."""

import pytest

from batcher.core.product import Combination, Difference, Standing, judge, most_similar, plain, quoted

LETTER = {
    "documentClass": "Letter 8.5 x 11",
    "layout": "Address on Separate Page",
    "productionTime": "Next Day",
    "envelope": "#10 Double Window",
    "color": "Full Color",
    "paperType": "White 24#",
    "printOption": "Printing both sides",
}


def letter(**changes: str | None) -> Combination:
    return Combination.of(LETTER | changes)


def test_what_is_offered_is_offered() -> None:
    assert judge(letter(), [letter(color="Black and White"), letter()]).standing is Standing.OFFERED


def test_nothing_said_of_a_field_is_no_difference() -> None:
    """Neither by the remote, which may leave a field out, nor by a row without a mail class."""
    assert judge(letter(), [letter(mailClass="First Class", productionTime=None)]).standing is Standing.OFFERED


def test_an_empty_value_is_a_value() -> None:
    assert judge(letter(envelope=""), [letter()]).standing is Standing.NOT_OFFERED


@pytest.mark.parametrize(
    ("field", "given", "offered"),
    [
        ("printOption", "Printing Both sides", "Printing both sides"),
        ("documentClass", "Priority Express Letter 8.5 x 11", "Priority Express Letter  8.5 x 11"),
        ("documentClass", "Easy Letter", "Easy Letter "),
        ("paperType", "White Matte with Gloss UV Finish - MS", "White Matte with Gloss UV Finish – MS"),
        ("envelope", "", " "),
    ],
)
def test_another_spelling_is_named_and_not_taken(field: str, given: str, offered: str) -> None:
    judged = judge(letter(**{field: given}), [letter(**{field: offered}), letter(layout="Address Back Page")])

    assert judged.standing is Standing.MISSPELT
    assert judged.nearest == ((Difference(field=field, given=given, offered=offered),),)


def test_the_nearest_differ_least() -> None:
    offered = [
        letter(layout="Address Back Page", color="Black and White"),
        letter(productionTime="Within 7 days"),
        letter(productionTime="Next Day", printOption="Printing Both sides"),
        letter(productionTime="Next Week", layout="Address Back Page"),
    ]
    judged = judge(letter(productionTime="Next Business Day"), offered)

    assert judged.standing is Standing.NOT_OFFERED
    assert [[difference.field for difference in near] for near in judged.nearest] == [
        ["productionTime", "printOption"],
        ["productionTime"],
        ["layout", "productionTime"],
    ]


def test_where_nothing_is_offered_nothing_is_near() -> None:
    assert judge(letter(), []).nearest == ()


def test_every_blank_can_be_seen() -> None:
    assert quoted("Easy Letter ") == '"Easy Letter "'
    assert quoted("a\tb\x1b[1m") == "'a\\tb\\x1b[1m'"


def test_plain_is_what_is_not_easily_mistaken() -> None:
    assert plain(" Printing  BOTH – sides ") == "printing both - sides"


@pytest.mark.parametrize(
    ("text", "meant"), [("Leter 8.5x11", "Letter 8.5 x 11"), ("letter 8.5 x 14", "Letter 8.5 x 14"), ("Flyer", None)]
)
def test_the_most_similar(text: str, meant: str | None) -> None:
    assert most_similar(text, ["Letter 8.5 x 11", "Letter 8.5 x 14", "Postcard 5 x 8"]) == meant
