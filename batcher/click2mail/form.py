"""A row's parameters as the form that is the body of ``POST /jobs``; the values go byte for byte as given."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import quote_plus, urlencode

SIGNATURE_FIELD: Final = "appSignature"

# Field names and product options repeat on every row of a manifest; 4,096 of them are a few hundred kilobytes.
_quote: Final = lru_cache(maxsize=4096)(quote_plus)


def encode_form(parameters: Mapping[str, str], signature: str) -> bytes:
    """
    The same bytes as ``urllib.parse.urlencode`` over the parameters and ``appSignature``, in this order.

    A row that carries an ``appSignature`` of its own keeps it, and nothing is added.

    Raises:
        UnicodeEncodeError: A lone surrogate, which no encoding can send; validation refuses such rows.
    """
    # Ids need no quoting, and each is seen once: they must not push the shared pairs out of the memo.
    pairs = [
        f"{_quote(name)}={value}" if value.isalnum() and value.isascii() else _pair(name, value)
        for name, value in parameters.items()
    ]
    if SIGNATURE_FIELD not in parameters:
        # A signature of ours is an id, with hyphens.
        is_plain = signature.replace("-", "").isalnum() and signature.isascii()
        pairs.append(f"{SIGNATURE_FIELD}={signature if is_plain else quote_plus(signature)}")
    return "&".join(pairs).encode("ascii")


def encode_plain_form(parameters: Mapping[str, str]) -> bytes:
    """The same bytes as ``urllib.parse.urlencode``; nothing of it is remembered, because it may be a card's number."""
    return urlencode(parameters).encode("ascii")


@lru_cache(maxsize=4096)
def _pair(name: str, value: str) -> str:
    return f"{_quote(name)}={quote_plus(value)}"
