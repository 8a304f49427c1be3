"""
What names a row that has no key of its own, and what tells whether a row has changed.

Both are hashes of the row's canonical form: the text fields in order of name, then the numbers in order of name, each
as name NUL value NUL. Values hold no NUL, so two different rows never share a form; the order of columns, the file's
format and columns that are not sent do not matter. The form is part of every ledger: changing it renames all rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

_DIGEST_BYTES: Final = 16
"""2^64 rows before two of them are likely to meet."""

_KEY_DIGITS: Final = 20


def begin_hash(texts: Mapping[str, str]) -> blake2b:
    """The hash of a row whose text fields are these, in order of name: as far as to its numbers."""
    return blake2b(_canonical(texts).encode(), digest_size=_DIGEST_BYTES)


def hashes(begun: blake2b, numbers: str, kept: Mapping[str, str]) -> tuple[str, bytes]:
    """
    A row's key and its digest, from the hash of its text fields and the canonical form of its numbers.

    The key, ``h`` and 20 hexadecimal digits, says what is sent. The digest takes in the kept columns too, those that
    are not empty, in order of name.
    """
    hashed = begun.copy()
    hashed.update(numbers.encode())
    key = "h" + hashed.hexdigest()[:_KEY_DIGITS]
    noted = {name: kept[name] for name in sorted(kept) if kept[name]} if kept else None
    if noted:
        # An empty name cannot open a parameter: what follows is told apart from what is sent.
        hashed.update(f"\0{_canonical(noted)}".encode())
    return key, hashed.digest()


def _canonical(parameters: Mapping[str, str]) -> str:
    return "".join([f"{name}\0{value}\0" for name, value in parameters.items()])
