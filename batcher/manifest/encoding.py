"""Which characters a file's bytes stand for: by byte order mark, else as the user says, else UTF-8."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import Final

from batcher.core.errors import ConfigError

from .problems import Problem, shown

_MARKS: Final = (
    # UTF-32's mark begins with UTF-16's, so it comes first.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_NO_CHARSETS: Final = frozenset(
    {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "mbcs", "oem"}
)
"""Codecs that turn bytes into text and yet name no character set of a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charset:
    """``mark_bytes`` is the length of the byte order mark to skip."""

    name: str
    mark_bytes: int


def charset_named(name: str) -> str:
    """
    The codec's own name.

    Raises:
        ConfigError: Nothing is called that, or it is no character set.
    """
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        codec = None
    if codec is None or not codec._is_text_encoding or codec.name.replace("_", "-") in _NO_CHARSETS:  # noqa: SLF001
        raise ConfigError(f"--encoding {shown(name)} is not known; utf-8, utf-16, cp1252 and latin-1 are common")
    return codec.name


def charset_of(head: bytes, given: str | None) -> Charset | Problem:
    """The character set of a file that begins with ``head``; ``given`` is what the user says it is."""
    mark, marked = next(((mark, name) for mark, name in _MARKS if head.startswith(mark)), (b"", None))
    if given is None:
        return Charset(name=marked or "utf-8", mark_bytes=len(mark))
    name = charset_named(given)
    if marked is None:
        # "utf-16" without a mark: little-endian, as Windows writes it, on every machine.
        return Charset(name={"utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(name, name), mark_bytes=0)
    if name.replace("-sig", "") in (marked, marked[:6]):
        return Charset(name=marked, mark_bytes=len(mark))
    return Problem(
        reason=f"begins with the byte order mark of {marked}, but --encoding says {name}",
        suggestion="leave --encoding away",
    )


def hint_for(charset: str, head: bytes) -> str:
    """What to try when the bytes are not what ``charset`` allows."""
    zeros = head[:512].count(0)
    if zeros * 3 > len(head[:512]):
        likely = "utf-16-be" if head[:1] == b"\0" else "utf-16-le"
        return f"it looks like UTF-16 without its mark: try --encoding {likely}"
    if charset == "utf-8":
        return "try --encoding cp1252 (Windows), mac-roman (old Mac) or latin-1, or save it as UTF-8"
    return "leave --encoding away, or try utf-8, cp1252 or latin-1"
