"""
Damage done to a valid document, in small steps that are data: hypothesis draws and shrinks them, atheris makes them of
a seed. Pure random bytes hardly get past a reader's first look; a good document with three faults in it does.
"""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0")
ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-be", "utf-32", "cp1252", "utf-7", "cp037", "shift_jis", "iso2022_jp")
NEWLINES = (b"\r", b"\r\n", b"\n\r", b"\n\n", b"\v", b"\f", b"\xc2\x85", b"\xe2\x80\xa8", b"")
NUMBERS = (
    *(b"0", b"-0", b"00", b"-1", b"1e5", b"1E400", b"1.0", b"0x1f", b"1_0", b" 7 ", b"+7", b"NaN", b"-Infinity"),
    *(b"9" * 18, b"9" * 19, b"9" * 400, b"1" * 4300, b"1" * 4301, b"18446744073709551616", "٣".encode()),
)
TOKENS = (
    *(b"\0", b"\x0b", b"\x1a", b"\x7f", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc2", b"\xe2"),
    *(b'"', b'""', b'"""', b"'", b",", b";", b"\t", b"|", b"\\", b'\\"', b"\\ud800", b"\\ud83d\\ude00", b"\\u0000"),
    *(b"{", b"}", b"[", b"]", b":", b"null", b"true", b"NaN", b'{"jobs":', b'"defaults":', b"[]", b"{}"),
    *(b"<", b">", b"&", b"]]>", b"<!--", b"-->", b"<?", b"?>", b"<![CDATA[", b"]]>", b"&amp;", b"&#0;", b"&#x41;"),
    *(b"&#55357;", b"&lol;", b"<!DOCTYPE job [", b'<!ENTITY a "b">', b"<job>", b"</job>", b"<id>", b"</id>", b"<id/>"),
    *(b"<status>0</status>", b"<status>", b"</status>", b"<jobList>", b"</jobList>", b"<jobList/>", b'xmlns="a"'),
    *(b'encoding="utf-16"', b'encoding="idna"', b'encoding="unicode_escape"', b'encoding="undefined"', b'r="XFD9"'),
    *(b' t="e"', b' t="s"', b' s="1"', b' r="0"', b"batcher_key", b"appSignature", b"documentId", *MARKS, *NEWLINES),
)
OPENINGS = (b"[", b'{"a":', b'{"job":', b"<a>", b"<job>", b'"', b"(", b"[[", b"<!--")


@dataclass(frozen=True, slots=True)
class Damage:
    """One step: which, where (two places in thousandths of the document), and how."""

    kind: int
    at: int
    to: int
    pick: int


def do_damage(document: bytes, steps: Sequence[Damage]) -> bytes:
    """The document after all steps, never longer than a mebibyte."""
    for step in steps:
        begin, end = sorted((len(document) * step.at // 1000, len(document) * step.to // 1000))
        document = KINDS[step.kind % len(KINDS)](document, begin, end, step.pick)[: 1 << 20]
    return document


def damage_of(seed: int, most: int = 4) -> list[Damage]:
    """Some steps that follow from a seed."""
    dice = random.Random(seed)
    numbers = ((dice.randrange(len(KINDS)), dice.randrange(1001), dice.randrange(1001)) for _ in range(most))
    return [Damage(*three, dice.randrange(1 << 16)) for three in numbers][: dice.randint(1, most)]


def _truncate(document: bytes, begin: int, end: int, pick: int) -> bytes:
    return document[:begin]


def _flip(document: bytes, begin: int, end: int, pick: int) -> bytes:
    if begin == len(document):
        return document
    return document[:begin] + bytes([document[begin] ^ (1 << pick % 8)]) + document[begin + 1 :]


def _cut(document: bytes, begin: int, end: int, pick: int) -> bytes:
    return document[:begin] + document[end:]


def _repeat(document: bytes, begin: int, end: int, pick: int) -> bytes:
    return document[:end] + document[begin:end] * (1 + pick % 3) + document[end:]


def _put(document: bytes, begin: int, end: int, pick: int) -> bytes:
    return document[:begin] + TOKENS[pick % len(TOKENS)] + document[begin:]


def _replace(document: bytes, begin: int, end: int, pick: int) -> bytes:
    return document[:begin] + TOKENS[pick % len(TOKENS)] + document[end:]


def _nest(document: bytes, begin: int, end: int, pick: int) -> bytes:
    return document[:begin] + OPENINGS[pick % len(OPENINGS)] * (pick % 3000) + document[begin:]


def _renumber(document: bytes, begin: int, end: int, pick: int) -> bytes:
    """Another number in place of the next one."""
    found = re.compile(rb"\d+").search(document, begin)
    if found is None:
        return document
    return document[: found.start()] + NUMBERS[pick % len(NUMBERS)] + document[found.end() :]


def _encode(document: bytes, begin: int, end: int, pick: int) -> bytes:
    """The document, or with an odd pick the part of it, in another encoding."""
    name = ENCODINGS[pick // 2 % len(ENCODINGS)]
    part = document[begin:end] if pick % 2 else document
    other = part.decode("utf-8", "replace").encode(name, "replace")
    return document[:begin] + other + document[end:] if pick % 2 else other


def _end_lines(document: bytes, begin: int, end: int, pick: int) -> bytes:
    """Other line ends in a part of the document."""
    part = re.sub(rb"\r\n|\r|\n", NEWLINES[pick % len(NEWLINES)], document[begin:end])
    return document[:begin] + part + document[end:]


def _swap(document: bytes, begin: int, end: int, pick: int) -> bytes:
    middle = (begin + end) // 2
    return document[:begin] + document[middle:end] + document[begin:middle] + document[end:]


def _pack(document: bytes, begin: int, end: int, pick: int) -> bytes:
    """As gzip: whole, in two members, with an empty one, cut off, with rubbish or zeros behind it, twice."""
    first, second = gzip.compress(document[:begin], mtime=0), gzip.compress(document[begin:], mtime=0)
    whole = gzip.compress(document, mtime=0)
    forms = (
        whole,
        first + second,
        first + gzip.compress(b"", mtime=0) + second,
        whole[: len(whole) * (1 + pick % 7) // 8],
        whole + b"rubbish",
        whole + bytes(pick % 1000),
        gzip.compress(whole, mtime=0),
    )
    return forms[pick % len(forms)]


KINDS: tuple[Callable[[bytes, int, int, int], bytes], ...] = (
    *(_truncate, _flip, _cut, _repeat, _put, _put, _replace, _replace),
    *(_nest, _renumber, _renumber, _encode, _end_lines, _swap, _pack),
)
