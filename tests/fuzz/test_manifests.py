"""Any bytes for a manifest give rows or problems, the right ones, however they arrive."""

from __future__ import annotations

import gzip
import tracemalloc

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.manifest.builders import JOB, csv_bytes, job, json_bytes, jsonl_bytes

from .corpus import manifests
from .manifests import ENCODINGS, FORMATS, check_content, check_manifest, read_in_pieces, reading_of
from .strategies import damaged

MANIFESTS = manifests()
MEGABYTE = 1 << 20


@pytest.mark.parametrize("file_format", MANIFESTS)
def test_valid_manifests_are_read_as_python_reads_them(file_format: str) -> None:
    for content in MANIFESTS[file_format]:
        outcome = read_in_pieces(content, reading_of(file_format))

        assert not outcome.problems
        check_content(content, reading_of(file_format), piece_bytes=1)


@given(st.data())
@pytest.mark.parametrize("file_format", MANIFESTS)
def test_damaged_manifests(file_format: str, data: st.DataObject) -> None:
    content = data.draw(damaged(MANIFESTS[file_format]))
    check_content(content, reading_of(file_format), piece_bytes=data.draw(st.integers(1, 40)))


@given(
    choice=st.integers(0, 4 * len(ENCODINGS) + 3),
    content=damaged([content for contents in MANIFESTS.values() for content in contents]),
)
@example(choice=128, content=b"x" * 140_000)
def test_damaged_manifests_in_any_encoding_and_under_any_name(choice: int, content: bytes) -> None:
    check_manifest(bytes([choice, 6]) + content)


BOMBS = {
    "zeros": (b"", b"\0" * MEGABYTE, b""),
    "blank lines": (b"", b"\n" * (MEGABYTE // 128), b""),
    "one line": (b"", b"x" * MEGABYTE, b""),
    "one cell": (csv_bytes([JOB]) + b'"', b"x" * MEGABYTE, b'"'),
    "a quote that is never closed": (csv_bytes([JOB]) + b'"', b"x\n" * (MEGABYTE // 2), b""),
    "openings": (b"", b"[" * MEGABYTE, b""),
    "objects in objects": (b"[", b'{"a":' * (MEGABYTE // 5), b""),
    "one number": (b"[", b"1" * MEGABYTE, b"]"),
    "one text": (b'[{"color": "', b"x" * MEGABYTE, b'"}]'),
    "escapes": (b'[{"color": "', b"\\u0061" * (MEGABYTE // 6), b'"}]'),
    "names": (b"[{", b'"aaaaaaaa":1,' * (MEGABYTE // 13), b'"b":1}]'),
    "empty items": (b"[", b"{}," * 500, b"{}]"),
}


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("file_format", FORMATS)
def test_what_a_small_file_unpacks_to_is_not_held_in_memory(file_format: str, bomb: str) -> None:
    """Sixteen times the middle; what is held is a few lines of a million characters at the most."""
    begin, middle, end = BOMBS[bomb]
    content = gzip.compress(begin + middle * 16 + end, compresslevel=1)
    tracemalloc.start()
    try:
        outcome = read_in_pieces(content, reading_of(file_format))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert outcome.problems
    assert peak < 24 * MEGABYTE


def test_many_members_of_gzip_are_one_file() -> None:
    rows = [job(documentId=str(number)) for number in range(300)]
    for file_format, content in (("csv", csv_bytes(rows)), ("jsonl", jsonl_bytes(rows)), ("json", json_bytes(rows))):
        pieces = [content[at : at + 100] for at in range(0, len(content), 100)]
        packed = b"".join(gzip.compress(piece) + gzip.compress(b"") for piece in pieces)

        outcome = read_in_pieces(packed, reading_of(file_format))

        assert (len(outcome.rows), outcome.problems) == (300, ())
