"""
Parameters of a call, from the query string and the form body alike.

The reference lists every parameter as a query parameter, its examples send a form; both work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from urllib.parse import unquote_plus

# Enough for any id, and for a number that still fits where numbers are kept.
_MOST_DIGITS = 18

# The option strings of a campaign repeat row after row, so nearly every decode is a repetition.
_decoded = lru_cache(maxsize=4096)(unquote_plus)


def read_parameters(query: str, form: str) -> dict[str, str]:
    """
    Name and value of each parameter; a name given twice keeps its first value.

    Args:
        query: As it stood in the request line, still encoded.
        form: The body likewise. The query comes first where both name a parameter, as in a servlet.
    """
    return dict(reversed([*_pairs(query), *_pairs(form)]))


def is_form(content_type: str) -> bool:
    """
    True when a body of this type can carry parameters.

    Clients are seen to leave the type out, so only what is plainly something else is ruled out:
    JSON and multipart bodies have not been seen to work for a job.
    """
    return not content_type.startswith(("application/json", "application/xml", "text/xml", "multipart/"))


def is_number(text: str) -> bool:
    """True for digits and nothing else, and no more of them than an id has."""
    return text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS


def number_in(parameters: Mapping[str, str], name: str, *, otherwise: int = 0) -> int:
    """The number a parameter holds, or ``otherwise`` when it is absent, empty or no number."""
    text = parameters.get(name, "")
    return int(text) if is_number(text) else otherwise


def _pairs(encoded: str) -> Iterator[tuple[str, str]]:
    for pair in encoded.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            yield _plain(name), _plain(value)


def _plain(encoded: str) -> str:
    return _decoded(encoded) if "%" in encoded or "+" in encoded else encoded
