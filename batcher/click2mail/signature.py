"""
The ``appSignature`` a row is found by when its reply was lost.

No length or character set is published, so it stays short and plain: a token of the campaign, drawn at random when the
campaign is loaded, and the row's number. It says nothing about the row's content: next month's row must not find last
month's job.
"""

from __future__ import annotations

import re
from typing import Final

TOKEN_BYTES: Final = 16
"""Random bytes for a token: so many more than its 52 bits that no character is likelier than another."""

_TOKEN_LENGTH: Final = 10
_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
_SIGNATURE: Final = re.compile(r"[a-z0-9-]{1,24}")


def new_token(random_bytes: bytes) -> str:
    """
    Ten characters of ``[a-z0-9]``.

    Raises:
        ValueError: Fewer than ``TOKEN_BYTES`` bytes were given.
    """
    if len(random_bytes) < TOKEN_BYTES:
        raise ValueError(f"a token wants {TOKEN_BYTES} random bytes, not {len(random_bytes)}")
    number = int.from_bytes(random_bytes, "big")
    letters = []
    for _ in range(_TOKEN_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[digit])
    return "".join(letters)


def signature(token: str, number: int, generation: int = 0) -> str:
    """
    The signature of row ``number``; the same for all its attempts.

    Args:
        generation: Counts the jobs of this row that were deleted; only then does a row get a new signature.

    Raises:
        ValueError: It would not fit into 24 characters of ``[a-z0-9-]``.
    """
    return _checked(f"{token}-{number}" if generation == 0 else f"{token}-{number}-{generation}")


def unused_signature(token: str, nonce: str) -> str:
    """
    A signature that no row of the campaign can have, as rows go on with a digit: a look-up for it must find nothing.

    Args:
        nonce: At most 12 characters of ``[a-z0-9]``, new for each look-up, so that no cache can answer.

    Raises:
        ValueError: It would not fit into 24 characters of ``[a-z0-9-]``.
    """
    return _checked(f"{token}-x{nonce}")


def rehearsal_signature(token: str) -> str:
    """
    The signature of a draft that belongs to no campaign: its first ten characters are no campaign's token.

    Raises:
        ValueError: It would not fit into 24 characters of ``[a-z0-9-]``.
    """
    return _checked(f"doctor-{token}")


def _checked(text: str) -> str:
    if _SIGNATURE.fullmatch(text) is None:
        raise ValueError(f"not a signature of at most 24 characters of a-z, 0-9 and '-': {text!r}")
    return text
