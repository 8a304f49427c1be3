"""Replies: golden files, the fast reader against the full one, and any bytes at all."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batcher.click2mail.reply import one_line, read_any_reply, read_reply
from batcher.core.classify import classify
from batcher.core.outcome import Reply

from .scripted_server import CREATED

GOLDEN = sorted((Path(__file__).parent / "replies").glob("*.toml"))


def read_golden(path: Path) -> tuple[int, bytes, dict[str, Any]]:
    """A golden reply: its HTTP status, its bytes, and what is to be read from it."""
    golden = tomllib.loads(path.read_text(encoding="utf-8"))
    return golden["http_status"], golden["body"].encode(golden.get("encoding", "utf-8")), golden["expected"]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_reply_is_read_and_judged_as_written_in_its_file(path: Path) -> None:
    http_status, body, expected = read_golden(path)
    verdict = expected.pop("verdict")

    reply = read_reply(http_status, body, None)

    assert reply == Reply(http_status=http_status, **expected)
    assert classify(reply) == verdict


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_the_full_parser_reads_a_golden_reply_alike(path: Path) -> None:
    http_status, body, _ = read_golden(path)

    assert read_any_reply(http_status, body) == read_reply(http_status, body)


def test_retry_after_is_handed_on_with_and_without_a_verdict() -> None:
    assert read_reply(503, b"<html>", 7.0) == Reply(http_status=503, retry_after_s=7.0)
    assert read_reply(201, CREATED, 7.0).retry_after_s == 7.0


@given(st.integers(100, 599), st.binary(max_size=2000), st.none() | st.floats(0, 3600))
def test_any_bytes_give_a_reply(http_status: int, body: bytes, retry_after_s: float | None) -> None:
    reply = read_reply(http_status, body, retry_after_s)

    assert isinstance(reply, Reply)
    assert (reply.http_status, reply.retry_after_s) == (http_status, retry_after_s)


PIECES = st.sampled_from(
    [
        b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>', b'<?xml version="1.0"?>', b"<job>", b"</job>",
        b"<id>", b"</id>", b"<status>", b"</status>", b"<description>", b"</description>", b"<statusUrl>",
        b"</statusUrl>", b"0", b"9", b"13331417", b" ", b"\n", b"\t", b"\r\n", b"Created", b"]]>", b"&amp;", b"&",
        b"\x00", b"\x0b", b"\x7f",
        b"\xc3\xa9", b"\xff", b"<!-- -->", b"<job/>", b"<a>", b"</a>", b'"', b"'", b"{", b"}", b":", b",", b'"id"',
        b'"status"', b"\xef\xbb\xbf",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=24).map(b"".join))
def test_any_heap_of_pieces_is_read_alike_by_both_readers(body: bytes) -> None:
    assert read_reply(201, body) == read_any_reply(201, body)


FIELDS = (b"id", b"status", b"description", b"statusUrl")


@given(
    st.sampled_from([b"", b'<?xml version="1.0"?>', b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>']),
    st.lists(st.sampled_from([b"", b" ", b"\n  ", b"\r\n\t", b"\x0b", b"\x0c"]), min_size=6, max_size=6),
    st.lists(st.binary(max_size=12) | st.integers(0, 10**19).map(lambda n: str(n).encode()), min_size=4, max_size=4),
    st.text(max_size=40).map(lambda text: text.encode("utf-8", "replace")),
)
def test_documents_near_the_documented_shape_are_read_alike(
    prolog: bytes, gaps: list[bytes], values: list[bytes], description: bytes
) -> None:
    values[2] = description
    elements = [b"<%s>%s</%s>" % (name, value, name) for name, value in zip(FIELDS, values, strict=True)]
    between = b"".join(gap + element for gap, element in zip(gaps, elements, strict=False))
    body = prolog + gaps[4] + b"<job>" + between + gaps[5] + b"</job>"

    assert read_reply(201, body) == read_any_reply(201, body)


@given(st.integers(0, len(CREATED)), st.binary(max_size=3), st.integers(0, 3))
def test_a_damaged_success_is_read_alike(position: int, patch: bytes, dropped: int) -> None:
    body = CREATED[:position] + patch + CREATED[position + dropped :]

    assert read_reply(201, body) == read_any_reply(201, body)


@given(st.integers(0, len(CREATED) - 1))
def test_no_part_of_a_success_is_a_verdict(length: int) -> None:
    assert read_reply(201, CREATED[:length]).code is None


@given(st.text())
def test_a_description_is_one_short_printable_line(text: str) -> None:
    line = one_line(text)

    assert line.isprintable()
    assert len(line) <= 300
    assert line == line.strip()


@pytest.mark.parametrize("opening", [b"<job>", b"{", b'{"job":', b"["])
def test_a_tower_of_openings_is_no_verdict(opening: bytes) -> None:
    assert read_reply(201, opening * 20_000).code is None
