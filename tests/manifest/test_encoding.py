"""Which characters the bytes stand for."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from batcher.core.errors import ConfigError, Exit
from batcher.manifest import Reading

from .builders import JOB, complaint, csv_bytes, job, json_bytes, jsonl_bytes, read

NAME = "Zoë Ångström"
TEXTS = {
    "a.csv": csv_bytes([job(rtnName=NAME)]).decode(),
    "a.jsonl": jsonl_bytes([job(rtnName=NAME)]).decode().encode().decode("unicode_escape"),
    "a.json": json_bytes([job(rtnName=NAME)]).decode().encode().decode("unicode_escape"),
}


@pytest.fixture(params=list(TEXTS))
def manifest(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / str(request.param)


def name_in(path: Path, content: bytes, encoding: str | None = None) -> str:
    path.write_bytes(content)
    return read(path, encoding=encoding)[0].parameters["rtnName"]


@pytest.mark.parametrize(
    ("mark", "charset"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
    ],
)
def test_utf_8_and_whatever_has_a_byte_order_mark(manifest: Path, mark: bytes, charset: str) -> None:
    assert name_in(manifest, mark + TEXTS[manifest.name].encode(charset)) == NAME


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "utf-16-be", "UTF-16", "mac-roman", "utf-8-sig", "utf_8"])
def test_another_encoding_may_be_given(manifest: Path, encoding: str) -> None:
    content = TEXTS[manifest.name].encode(encoding)

    assert name_in(manifest, content, encoding) == NAME


def test_utf_16_without_a_mark_is_taken_as_windows_writes_it(manifest: Path) -> None:
    assert name_in(manifest, TEXTS[manifest.name].encode("utf-16-le"), "utf-16") == NAME


def test_a_mark_of_another_encoding_than_the_given(manifest: Path) -> None:
    manifest.write_bytes(codecs.BOM_UTF8 + TEXTS[manifest.name].encode())

    assert complaint(manifest, encoding="cp1252") == (
        f"{manifest.name}: begins with the byte order mark of utf-8, but --encoding says cp1252; leave --encoding away"
    )


@pytest.mark.parametrize("rows_before", [0, 2000])
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_bytes_that_are_no_text_are_named_by_their_offset(manifest: Path, rows_before: int, mark: bytes) -> None:
    rows = [JOB] * rows_before + [job(rtnName="Zo")]
    make = {"a.csv": csv_bytes, "a.jsonl": jsonl_bytes, "a.json": json_bytes}[manifest.name]
    columns = {"columns": [*JOB, "rtnName"]} if manifest.name == "a.csv" else {}
    content = mark + make(rows, **columns)
    at = content.index(b"Zo") + 2
    manifest.write_bytes(content[:at] + b"\xeb" + content[at:])

    assert complaint(manifest) == (
        f"{manifest.name}: the byte 0xEB at offset {at:,} is not utf-8; "
        "try --encoding cp1252 (Windows), mac-roman (old Mac) or latin-1, or save it as UTF-8"
    )


def test_text_that_ends_within_a_character(manifest: Path) -> None:
    content = TEXTS[manifest.name].encode() + b"\n "
    manifest.write_bytes(content + "ë".encode()[:1])

    assert f"the byte 0xC3 at offset {len(content)} is not utf-8" in complaint(manifest)


def test_an_encoding_that_does_not_fit(manifest: Path) -> None:
    manifest.write_bytes(TEXTS[manifest.name].encode("utf-8"))

    assert complaint(manifest, encoding="ascii").endswith(
        "is not ascii; leave --encoding away, or try utf-8, cp1252 or latin-1"
    )


def test_utf_16_without_a_mark_is_recognised(manifest: Path) -> None:
    manifest.write_bytes(TEXTS[manifest.name].encode("utf-16-le"))

    assert "it looks like UTF-16 without its mark: try --encoding utf-16-le" in complaint(manifest)


@pytest.mark.parametrize("name", ["klingon", "hex", "rot13", "idna", "unicode_escape", "undefined", "\0", ""])
def test_an_encoding_that_nobody_knows(name: str) -> None:
    with pytest.raises(
        ConfigError, match=r"^--encoding .* is not known; utf-8, utf-16, cp1252 and latin-1 are common$"
    ):
        Reading(encoding=name)
    assert ConfigError.exit_code is Exit.USAGE
