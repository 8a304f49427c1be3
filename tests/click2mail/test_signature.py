"""Signatures: short, plain, never two the same."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batcher.click2mail.signature import TOKEN_BYTES, new_token, signature, unused_signature

TOKEN = "k3f9a2bq7x"


@given(st.binary(min_size=TOKEN_BYTES, max_size=64))
def test_a_token_is_ten_plain_characters(random_bytes: bytes) -> None:
    assert re.fullmatch(r"[a-z0-9]{10}", new_token(random_bytes))


def test_other_bytes_make_another_token() -> None:
    tokens = {new_token(number.to_bytes(TOKEN_BYTES, "big")) for number in range(10_000)}

    assert len(tokens) == 10_000


def test_too_few_random_bytes_are_refused() -> None:
    with pytest.raises(ValueError, match="16 random bytes"):
        new_token(b"short")


def test_a_signature_is_the_token_and_the_row() -> None:
    assert signature(TOKEN, 17) == "k3f9a2bq7x-17"


def test_a_row_whose_job_was_deleted_gets_another() -> None:
    assert signature(TOKEN, 17, generation=2) == "k3f9a2bq7x-17-2"


@given(st.integers(0, 10**9), st.integers(0, 99))
def test_every_signature_is_short_and_plain(number: int, generation: int) -> None:
    assert re.fullmatch(r"[a-z0-9-]{1,24}", signature(TOKEN, number, generation))


@given(st.tuples(st.integers(0, 10**6), st.integers(0, 99)), st.tuples(st.integers(0, 10**6), st.integers(0, 99)))
def test_two_rows_never_share_one(one: tuple[int, int], other: tuple[int, int]) -> None:
    assert (signature(TOKEN, *one) == signature(TOKEN, *other)) == (one == other)


@given(st.integers(0, 10**9), st.text("abcdefghijklmnopqrstuvwxyz0123456789", max_size=12))
def test_the_control_signature_is_no_rows(number: int, nonce: str) -> None:
    control = unused_signature(TOKEN, nonce)

    assert re.fullmatch(r"[a-z0-9-]{1,24}", control)
    assert control != signature(TOKEN, number)


@pytest.mark.parametrize("make", [lambda: signature(TOKEN, 10**14), lambda: unused_signature(TOKEN, "x" * 13)])
def test_one_that_would_be_too_long_is_refused(make: object) -> None:
    with pytest.raises(ValueError, match="at most 24"):
        make()


@pytest.mark.parametrize("token", ["K3F9A2BQ7X", "k3f9 a2bq7", "k3f9_a2bq7", ""])
def test_the_alphabet_is_kept(token: str) -> None:
    with pytest.raises(ValueError, match="not a signature"):
        unused_signature(token, "ABC")
