"""Did you mean …? What a misspelt column most likely was meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_OTHER_NAMES: Final = {
    # What the remote's product options, its account pages and people call the field.
    "printcolor": "color",
    "colour": "color",
    "inkcolor": "color",
    "paper": "paperType",
    "docid": "documentId",
    "document": "documentId",
    "listid": "addressId",
    "addresslistid": "addressId",
    "addresslist": "addressId",
    "product": "documentClass",
    "sides": "printOption",
    "returnname": "rtnName",
    "returncity": "rtnCity",
    "returnstate": "rtnState",
    "returnzip": "rtnZip",
    "returnaddress1": "rtnaddress1",
    "returnaddress2": "rtnaddress2",
    "maildate": "mailingDate",
    "copies": "quantity",
}

_LONGEST_NAME: Final = 40
"""Nobody misspells a field at greater length, and comparing costs the square of it."""


def closest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that was most likely meant: the same but for case and signs, another name, or a similar one."""
    if len(name) > _LONGEST_NAME:
        return None
    by_plain = {_plain(candidate): candidate for candidate in candidates}
    plain = _plain(name)
    if plain in by_plain:
        return by_plain[plain]
    other = _OTHER_NAMES.get(plain)
    if other is not None and _plain(other) in by_plain:
        return other
    similar = get_close_matches(plain, by_plain, n=1, cutoff=0.75)
    return by_plain[similar[0]] if similar else None


def did_you_mean(name: str, candidates: Iterable[str]) -> str | None:
    """The suggestion as a message gives it."""
    found = closest(name, candidates)
    return None if found is None else f"did you mean {found}?"


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())
