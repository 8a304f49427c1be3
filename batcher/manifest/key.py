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

_KEY_BYTES: Final = 10


def canonical(parameters: Mapping[str, str]) -> str:
    """The canonical form of parameters that stand in canonical order."""
    return "".join([f"{name}\0{value}\0" for name, value in parameters.items()])


def hashes(form: str, kept: Mapping[str, str]) -> tuple[str, bytes]:
    """
    A row's key and its digest.

    The key, ``h`` and 20 hexadecimal digits, says what is sent. The digest takes in the kept columns too, those that
    are not empty, in order of name.
    """
    hashed = blake2b(form.encode(), digest_size=_DIGEST_BYTES)
    sent = hashed.digest()
    key = "h" + sent[:_KEY_BYTES].hex()
    noted = {name: kept[name] for name in sorted(kept) if kept[name]}
    if not noted:
        return key, sent
    # An empty name cannot open a parameter: what follows is told apart from what is sent.
    hashed.update(f"\0{canonical(noted)}".encode())
    return key, hashed.digest()
