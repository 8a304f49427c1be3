"""A file is known again by the bytes that were read of it."""

from __future__ import annotations

import gzip
import io
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from batcher.manifest import Manifest, Reading, open_manifest

from .builders import JOB, csv_bytes, job, json_bytes, jsonl_bytes, xlsx_bytes

ROWS = [job(), job(documentId="2")]


def read_whole(manifest: Manifest) -> str | None:
    assert len(list(manifest.rows())) == len(ROWS)
    return manifest.imprint.of_what_was_read()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("m.csv", csv_bytes(ROWS)),
        ("m.jsonl", jsonl_bytes(ROWS)),
        ("m.json", json_bytes(ROWS) + b"  \n"),
        ("m.csv.gz", gzip.compress(csv_bytes(ROWS))),
        ("m.xlsx", xlsx_bytes([list(JOB), *(list(row.values()) for row in ROWS)])),
    ],
)
def test_what_was_read_is_the_file(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with open_manifest(path, Reading()) as manifest:
        imprint = manifest.imprint
        assert (read_whole(manifest), len(imprint.of_the_file_now() or "")) == (imprint.of_the_file_now(), 64)


def test_a_file_that_was_not_read_to_its_end_has_no_imprint(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_bytes(csv_bytes(ROWS * 100))
    with open_manifest(path, Reading()) as manifest:
        next(manifest.rows())
        assert manifest.imprint.of_what_was_read() is None


def test_a_file_that_is_gone_has_no_imprint(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_bytes(csv_bytes(ROWS))
    with open_manifest(path, Reading()) as manifest:
        path.unlink()
        assert manifest.imprint.of_the_file_now() is None


def test_a_pipe_is_not_read_for_its_imprint(tmp_path: Path) -> None:
    """Nobody would write to it a second time, and what is in it would be lost to the reader."""
    path, pipe = tmp_path / "m.csv", tmp_path / "pipe"
    path.write_bytes(csv_bytes(ROWS))
    os.mkfifo(pipe)
    with open_manifest(path, Reading()) as manifest:
        path.unlink()
        pipe.rename(path)
        assert manifest.imprint.of_the_file_now() is None


def test_standard_input_cannot_be_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(csv_bytes(ROWS))))
    with open_manifest("-", Reading(format="csv")) as manifest:
        assert manifest.imprint.of_the_file_now() is None
        assert read_whole(manifest) is not None
