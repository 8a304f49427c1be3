"""Money in whole millionths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batcher.core.money import money_words, read_money


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("0.79", 790_000),
        ("12", 12_000_000),
        ("12.", 12_000_000),
        ("$1.5", 1_500_000),
        (" -3.5 ", -3_500_000),
        ("0.0000001", 1),
        ("-0.0000001", 0),
        ("", None),
        (None, None),
        ("1,000", None),
        ("1e3", None),
        ("٣", None),
        ("nan", None),
    ],
)
def test_an_amount(text: str | None, micros: int | None) -> None:
    assert read_money(text) == micros


@given(st.integers(-(10**15), 10**15))
def test_words_can_be_read_back(micros: int) -> None:
    assert read_money(money_words(micros).replace(",", "")) == micros


def test_words() -> None:
    assert [money_words(m) for m in (790_000_000, 583_400, 1_234_567_890_000, -5_000_000, 0)] == [
        "790.00",
        "0.5834",
        "1,234,567.89",
        "-5.00",
        "0.00",
    ]
