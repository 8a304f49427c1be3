from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batcher.sandbox.parameters import is_form, is_number, number_in, read_parameters


def test_query_and_form_are_one() -> None:
    """Parameters come from either place."""
    assert read_parameters("a=1", "b=2") == {"a": "1", "b": "2"}


def test_the_first_of_a_repeated_name_wins() -> None:
    """Within the form, within the query, and the query before the form."""
    assert read_parameters("a=1&a=2&c=q", "b=1&b=2&c=f") == {"a": "1", "c": "q", "b": "1"}


def test_an_empty_value_is_a_value() -> None:
    """``envelope=`` and ``envelope`` name the envelope and leave it empty."""
    assert read_parameters("", "envelope=&layout") == {"envelope": "", "layout": ""}


def test_values_keep_every_byte() -> None:
    """Blanks, number signs, plus signs and letters beyond ASCII arrive as they were sent."""
    assert read_parameters("p=White+24%23", "q=+%20%2B%C3%A9&r=é") == {"p": "White 24#", "q": "  +é", "r": "é"}


@given(st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1), st.text(st.characters(codec="utf-8"))))
def test_what_is_encoded_is_read_back(parameters: dict[str, str]) -> None:
    """Any parameters survive the encoding of the standard library."""
    assert read_parameters("", urlencode(parameters)) == parameters


@given(st.text(), st.text())
def test_any_text_is_read(query: str, form: str) -> None:
    """Nonsense gives some parameters and no error."""
    assert all(isinstance(value, str) for value in read_parameters(query, form).values())


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/x-www-form-urlencoded", True),
        ("application/octet-stream", True),
        ("application/json", False),
        ("application/xml", False),
        ("multipart/form-data", False),
    ],
)
def test_only_a_body_that_can_be_a_form_is_read_as_one(content_type: str, expected: bool) -> None:
    """JSON and multipart bodies hold no parameters for a job."""
    assert is_form(content_type) is expected


def test_numbers() -> None:
    """A number is ASCII digits of a sane length."""
    given_parameters = {"a": "12", "b": "", "c": "-1", "d": "9" * 30, "e": "١"}

    assert [number_in(given_parameters, name, otherwise=7) for name in "abcdef"] == [12, 7, 7, 7, 7, 7]
    assert is_number("012")
