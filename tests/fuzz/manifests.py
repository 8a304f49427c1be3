"""
What must hold of any bytes that are given for a manifest: one input, one check.

Rows or problems come out; what is accepted can be stored and sent, and is what Python's own ``csv`` and ``json`` read
there; and how the bytes arrive, one at a time or all at once, changes nothing.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import sys
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from batcher.click2mail.form import encode_form
from batcher.core.errors import BatcherError
from batcher.core.row import ManifestRow
from batcher.manifest import FIELDS, REQUIRED, ManifestUnreadable, Reading, open_manifest

FORMATS = ("csv", "tsv", "json", "jsonl")
ENCODINGS = ("utf-16", "cp1252", "utf-8-sig", "utf-16-be", "utf-7", "shift_jis", "iso2022_jp", "hz")

NOTE = "note"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a manifest: its valid rows, and its problems as people read them."""

    rows: tuple[ManifestRow, ...]
    problems: tuple[str, ...]


def check_manifest(data: bytes) -> None:
    """The first byte chooses format and encoding, the second the size of the pieces; the rest is the file."""
    choice, size = (data[0], data[1]) if len(data) > 1 else (0, 0)
    encoding = ENCODINGS[choice // 4] if choice // 4 < len(ENCODINGS) else None
    piece_bytes = 1 + size % 40 + len(data) // 200
    check_content(data[2:], reading_of(FORMATS[choice % 4], encoding), piece_bytes)


def reading_of(file_format: str, encoding: str | None = None) -> Reading:
    """With a column that is kept, as people keep notes: what it holds may have line ends."""
    return Reading(format=file_format, encoding=encoding, keep=(NOTE,))


def check_content(content: bytes, reading: Reading, piece_bytes: int = 7, *, compare: bool = True) -> None:
    """``compare``: with what Python's own readers find there, where there are any."""
    outcome = read_in_pieces(content, reading)

    assert outcome.rows or outcome.problems
    for row in outcome.rows:
        _check_row(row)
    _check_alike(outcome, read_in_pieces(content, reading, piece_bytes))
    if compare and not outcome.problems:
        _check_values(content, reading, outcome.rows)


def read_in_pieces(content: bytes, reading: Reading, piece_bytes: int | None = None) -> Outcome:
    """
    What comes of these bytes when they arrive so many at a time (None: as many as are asked for).

    A JSON item is decoded anew with every chunk of text, so chunks are no smaller than a hundredth of what is unpacked.
    """
    source = io.BytesIO(content)

    def read1(size: int) -> bytes:
        return source.read(size if piece_bytes is None else min(size, piece_bytes))

    chunk = 65_536 if piece_bytes is None else piece_bytes + 10 + _unpacked_bytes(content) // 100
    with (
        patch.object(sys, "stdin", SimpleNamespace(buffer=SimpleNamespace(read1=read1))),
        patch("batcher.manifest.text._CHUNK_CHARACTERS", chunk),
    ):
        return _read(reading)


def _read(reading: Reading) -> Outcome:
    try:
        with open_manifest("-", reading) as manifest:
            rows = tuple(manifest.rows())
            problems = tuple(str(problem) for problem in manifest.problems)
            assert len(problems) == min(manifest.problems.total, 100)
    except ManifestUnreadable as error:
        rows, problems = (), (str(error.problem),)
    except BatcherError as error:
        rows, problems = (), (str(error),)
    assert all(len(problem) < 1000 and problem.isprintable() for problem in problems), problems
    return Outcome(rows, problems)


def _check_alike(outcome: Outcome, other: Outcome) -> None:
    """
    The same, however the bytes came.

    A file that cannot be read on is refused in any case; how many rows are met before that depends on how far was read
    ahead. So one is then the beginning of the other, up to its last problem.
    """
    if outcome != other:
        assert outcome.problems
        assert other.problems
        _check_begins_alike(outcome.rows, other.rows)
        _check_begins_alike(outcome.problems[:-1], other.problems[:-1])


def _check_begins_alike(one: Sequence[object], other: Sequence[object]) -> None:
    shorter = min(len(one), len(other))
    assert one[:shorter] == other[:shorter]


def _check_row(row: ManifestRow) -> None:
    assert set(REQUIRED) <= set(row.parameters) <= set(FIELDS)
    assert all(type(value) is str for value in (*row.parameters.values(), *row.kept.values(), row.key))
    assert re.fullmatch("h[0-9a-f]{20}", row.key)
    assert len(row.digest) == 16
    sent = encode_form(row.parameters, "k3f9a2bq7x-1")
    assert sent.isascii()
    json.dumps([dict(row.parameters), dict(row.kept)], ensure_ascii=False).encode()


def _check_values(content: bytes, reading: Reading, rows: Sequence[ManifestRow]) -> None:
    """The rows of a manifest without a problem, all of them, hold what Python's own readers find there."""
    wanted = list(records_in(content, str(reading.format), reading.encoding))

    assert [_sent(record) for record in wanted] == [dict(row.parameters) for row in rows]
    assert [_kept(record) for record in wanted] == [dict(row.kept) for row in rows]


def _unpacked_bytes(content: bytes) -> int:
    """How much there is to unpack, as far as it can be."""
    size = 0
    with suppress(EOFError, OSError, zlib.error), gzip.open(io.BytesIO(content)) as unzipped:
        while more := unzipped.read1():
            size += len(more)
    return size


def _unpacked(content: bytes) -> bytes:
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


def _decoded(content: bytes, encoding: str | None) -> str:
    for mark, name in ((b"\xff\xfe\0\0", "utf-32-le"), (b"\0\0\xfe\xff", "utf-32-be"), (b"\xef\xbb\xbf", "utf-8")):
        if content.startswith(mark):
            return content[len(mark) :].decode(name)
    for mark, name in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if content.startswith(mark):
            return content[2:].decode(name)
    return content.decode("utf-16-le" if encoding == "utf-16" else encoding or "utf-8")


def records_in(
    content: bytes, file_format: str, encoding: str | None = None, columns: Collection[str] = REQUIRED
) -> Iterator[Mapping[str, Any]]:
    """What Python's own readers find in a manifest that can be read; a table's header has these columns at least."""
    text = _decoded(_unpacked(content), encoding)
    match file_format:
        case "json":
            document = json.loads(text)
            defaults = {} if isinstance(document, list) else document.get("defaults", {})
            for job in document if isinstance(document, list) else document["jobs"]:
                yield {**defaults, **job}
        case "jsonl":
            yield from (json.loads(line) for line in text.split("\n") if line.strip(" \t\r\n"))
        case _:
            yield from _table(text, "\t" if file_format == "tsv" else ",;\t|", columns)


def _table(text: str, delimiters: str, columns: Collection[str]) -> Iterator[Mapping[str, str]]:
    """The table under whichever delimiter makes the header one."""
    for delimiter in delimiters:
        lines = io.StringIO(text, newline="")
        try:
            header, *records = [*filter(any, csv.reader(lines, delimiter=delimiter, strict=True))] or [[]]
        except csv.Error:
            continue
        if set(columns) <= set(header):
            full = (record for record in records if len(record) == len(header) or any(map(str.strip, record)))
            yield from (dict(zip(header, record, strict=True)) for record in full)
            return
    raise AssertionError("no delimiter makes the header one")


def _kept(record: Mapping[str, Any]) -> dict[str, str]:
    return {NOTE: "" if record[NOTE] is None else str(record[NOTE])} if NOTE in record else {}


def _sent(record: Mapping[str, Any]) -> dict[str, str]:
    """What is sent of a record: every field that is not empty, and those that may be."""
    texts = {name: "" if value is None else str(value) for name, value in record.items() if name in FIELDS}
    return {name: text for name, text in texts.items() if text or FIELDS[name].may_be_empty}
