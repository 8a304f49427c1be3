"""
One cell into the text that is sent, or what is wrong with it.

Text is taken byte for byte: nothing is trimmed, folded or padded, because the remote's own names hold double and
trailing blanks. Numbers come only from JSON and spreadsheets, and only whole ones pass, where a field is a number or a
date: in any other field a number has already lost the zeros it began with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Final

from .fields import Field, Kind
from .problems import Problem

CELL_LIMIT: Final = 32_767
"""Characters in one cell: what a spreadsheet's cell holds."""

DIGITS_LIMIT: Final = 18
"""Digits in a number: what every 64-bit integer holds."""

KEY_LIMIT: Final = 200
"""Characters in a key: it is an index entry of the ledger and a column of the results."""

_UNSENDABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Unusable:
    """A cell that no field takes; ``reason`` continues "the value …"."""

    reason: str


def read_value(field: Field, cell: object) -> str | Problem:
    """
    The text to send for ``field``; empty where nothing is to be sent.

    Args:
        cell: Text, or what JSON or a spreadsheet has instead: None counts as empty.
    """
    text = _text_of(cell, field.kind)
    if isinstance(text, Unusable):
        return Problem(reason=text.reason, field=field.name)
    reason = _fault_in(field, text) if len(text) <= KEY_LIMIT else _find_fault(field, text)
    if reason is None:
        return text
    return Problem(reason=reason, field=field.name, value=_showable(field, text))


def read_kept(cell: object) -> str | Problem:
    """The text of a column that only goes to the results; it may hold line breaks, as notes do."""
    text = _text_of(cell, Kind.NUMBER)
    if isinstance(text, Unusable):
        return Problem(reason=text.reason)
    if len(text) > CELL_LIMIT:
        return Problem(reason=_too_long(text))
    bad = _UNSTORABLE.search(text)
    return text if bad is None else Problem(reason=f"holds {_named(bad.group())}")


def read_key(cell: object) -> str | Problem:
    """The text that names a row for good. Never quoted in a problem: it may be somebody's number or mail address."""
    text = _text_of(cell, Kind.NUMBER)
    if isinstance(text, Unusable):
        return Problem(reason=text.reason)
    if not text or text.isspace():
        return Problem(reason="the key is empty")
    if len(text) > KEY_LIMIT:
        return Problem(reason=f"the key has {len(text):,} characters; {KEY_LIMIT} are the most")
    bad = _UNSENDABLE.search(text)
    return text if bad is None else Problem(reason=f"the key holds {_named(bad.group())}")


def is_number(text: str) -> bool:
    """ASCII digits only: other scripts' digits pass ``isdecimal``."""
    return text.isdecimal() and text.isascii() and len(text) <= DIGITS_LIMIT


def _text_of(cell: object, kind: Kind) -> str | Unusable:
    match cell:
        case str():
            return cell
        case None:
            return ""
        case Unusable():
            return cell
        case bool():
            return Unusable("is true or false, not text")
        case int():
            return Unusable("is a number, not text: zeros in front would be lost") if kind is Kind.TEXT else str(cell)
        case float():
            return Unusable("is a number with a fraction or an exponent")
        case date():
            return _day(cell) if kind is Kind.DATE else Unusable("is a date, not text")
        case dict() | list():
            return Unusable("is nested; a job is flat")
        case _:
            return Unusable("is neither text nor a number")


def _day(moment: date) -> str | Unusable:
    if isinstance(moment, datetime) and moment.time() != time():
        return Unusable("is a date with a time of day")
    return f"{moment.year:04}{moment.month:02}{moment.day:02}"


@lru_cache(maxsize=4096)
def _fault_in(field: Field, text: str) -> str | None:
    """``_find_fault``, remembered: the same few values come again in every row."""
    return _find_fault(field, text)


def _find_fault(field: Field, text: str) -> str | None:
    if field.required and not field.may_be_empty and (not text or text.isspace()):
        return "is empty"
    if not text:
        return None
    if len(text) > CELL_LIMIT:
        return _too_long(text)
    if field.kind is Kind.NUMBER and not is_number(text):
        return (
            "is not a whole number" if len(text) <= DIGITS_LIMIT else f"is no number of at most {DIGITS_LIMIT} digits"
        )
    bad = _UNSENDABLE.search(text)
    if bad is not None:
        return f"holds {_named(bad.group())}"
    if field.kind is Kind.DATE and not _is_day(text):
        return "is not a calendar date of the form YYYYMMDD"
    return None


def _is_day(text: str) -> bool:
    if len(text) != 8 or not is_number(text):
        return False
    try:
        date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return True


def _too_long(text: str) -> str:
    return f"has {len(text):,} characters; a cell holds {CELL_LIMIT:,} at most"


def _named(character: str) -> str:
    if character in "\r\n":
        return "a line break"
    if "\ud800" <= character <= "\udfff":
        return f"half a character (a lone surrogate, U+{ord(character):04X})"
    return f"a control character (U+{ord(character):04X})"


def _showable(field: Field, text: str) -> str | None:
    """What a problem may show of the value: nothing personal, and nothing where the reason is that there is none."""
    long = len(text) > KEY_LIMIT
    return None if field.personal or long or not text or text.isspace() or _UNSENDABLE.search(text) else text
