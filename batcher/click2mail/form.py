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
    pairs = [f"{_quote(name)}={_quoted_value(value)}" for name, value in parameters.items()]
    if SIGNATURE_FIELD not in parameters:
        pairs.append(f"{SIGNATURE_FIELD}={_quoted_value(signature)}")
    return "&".join(pairs).encode("ascii")


def encode_plain_form(parameters: Mapping[str, str]) -> bytes:
    """The same bytes as ``urllib.parse.urlencode``; nothing of it is remembered, because it may be a card's number."""
    return urlencode(parameters).encode("ascii")


def _quoted_value(value: str) -> str:
    # Ids need no quoting, and each is seen once: they must not push the shared values out of the memo.
    return value if value.isascii() and value.isalnum() else _quote(value)
