"""The form body against ``urllib.parse.urlencode``."""

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batcher.click2mail.form import encode_form

from .builders import LETTER, LETTER_FORM, SIGNATURE

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


def test_a_letter_is_encoded_as_written_out_by_hand() -> None:
    assert encode_form(LETTER, SIGNATURE) == LETTER_FORM


@given(st.dictionaries(TEXTS.filter(lambda name: name != "appSignature"), TEXTS), TEXTS)
def test_any_pairs_are_encoded_as_urlencode_does(parameters: dict[str, str], signature: str) -> None:
    expected = urlencode({**parameters, "appSignature": signature}).encode("ascii")

    assert [encode_form(parameters, signature) for _ in range(2)] == [expected, expected]


@pytest.mark.parametrize(
    "signature", ["k3f9a2bq7x-17", "k3f9a2bq7x-17-2", "-", "", "a b-1", "ä-1", "١-1", "a_b.c~d", "a&b"]
)
def test_any_signature_is_encoded_as_urlencode_does(signature: str) -> None:
    assert encode_form({}, signature) == urlencode({"appSignature": signature}).encode("ascii")


def test_one_value_under_two_names_keeps_both() -> None:
    """What is remembered of one field is not taken for another."""
    parameters = {"color": "Full Color", "envelope": "Full Color"}

    assert encode_form(parameters, "s") == b"color=Full+Color&envelope=Full+Color&appSignature=s"


@given(st.dictionaries(TEXTS, TEXTS))
def test_what_is_sent_can_be_read_back(parameters: dict[str, str]) -> None:
    sent = encode_form({**parameters, "appSignature": "own"}, SIGNATURE)

    read = parse_qsl(sent.decode("ascii"), keep_blank_values=True, encoding="utf-8", errors="strict", separator="&")
    assert dict(read) == {**parameters, "appSignature": "own"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", b"envelope=&appSignature=s"),
        (" ", b"envelope=+&appSignature=s"),
        ("a  b ", b"envelope=a++b+&appSignature=s"),
        ("Größe – ✓", b"envelope=Gr%C3%B6%C3%9Fe+%E2%80%93+%E2%9C%93&appSignature=s"),
        ("a&b=c%", b"envelope=a%26b%3Dc%25&appSignature=s"),
        ("00123", b"envelope=00123&appSignature=s"),
        ("١٢٣", b"envelope=%D9%A1%D9%A2%D9%A3&appSignature=s"),
    ],
)
def test_a_value_goes_byte_for_byte_as_given(value: str, expected: bytes) -> None:
    assert encode_form({"envelope": value}, "s") == expected


def test_a_row_with_a_signature_of_its_own_keeps_it() -> None:
    form = encode_form({"appSignature": "reactapp", "documentId": "1"}, SIGNATURE)

    assert form == b"appSignature=reactapp&documentId=1"


def test_half_a_character_is_refused_as_by_urlencode() -> None:
    with pytest.raises(UnicodeEncodeError):
        encode_form({"rtnName": "\ud800"}, SIGNATURE)
