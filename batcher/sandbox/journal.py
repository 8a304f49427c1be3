"""
The world on disk: one line of JSON for each thing as it has become.

The last line about a thing wins. A line is handed to the operating system before the reply it belongs to goes
out, so a process that is killed has lost nothing it had answered. (A machine that loses power may.)
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from errno import ENOSPC
from pathlib import Path
from typing import Any, TypeAlias

from batcher.sandbox.job import Job, restore_job
from batcher.sandbox.materials import AddressList, Credit, Document
from batcher.sandbox.settings import SandboxError

Entry: TypeAlias = Job | Document | AddressList | Credit

_LABELS: dict[type[Entry], str] = {
    Job: "job",
    Document: "document",
    AddressList: "address_list",
    Credit: "credit",
}
_NAMES = {kind: [field.name for field in fields(kind)] for kind in _LABELS}


class Journal:
    """An append-only state file."""

    def __init__(self, path: Path) -> None:
        """
        Open the file, making it when it is new.

        Raises:
            SandboxError: It cannot be opened.
        """
        self._path = path
        try:
            # Unbuffered, so that a write is with the operating system when it returns.
            self._file = path.open("ab", buffering=0)
        except OSError as error:
            raise SandboxError(f"state file {path}: {error.strerror}") from error
        self._whole_bytes = 0

    def read(self) -> Iterator[Entry]:
        """
        Every entry from the first on; once, before the first ``append``.

        A last line that was torn by a kill is cut off: nothing was answered for it.

        Raises:
            SandboxError: A line before the last is unreadable, so this is no file of ours.
        """
        with self._path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                entry = decode(line)
                if entry is None and lines.read(1):
                    self.close()
                    raise SandboxError(f"state file {self._path}, line {number}: not written by a sandbox")
                if entry is None:
                    break
                self._whole_bytes += len(line)
                yield entry
        self._file.truncate(self._whole_bytes)

    def append(self, *entries: Entry) -> None:
        """
        Add lines, all or none.

        Raises:
            OSError: The disk is full.
        """
        lines = b"".join(map(encode, entries))
        if self._file.write(lines) != len(lines):
            self._file.truncate(self._whole_bytes)
            raise OSError(ENOSPC, "state file could not be written", str(self._path))
        self._whole_bytes += len(lines)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def encode(entry: Entry) -> bytes:
    """One line, ended."""
    record = {name: getattr(entry, name) for name in _NAMES[type(entry)]}
    return json.dumps({_LABELS[type(entry)]: record}, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> Entry | None:
    """The entry of a line, or None when the line is not whole."""
    if not line.endswith(b"\n"):
        return None
    try:
        [(label, record)] = json.loads(line).items()
        return _restore(label, record)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _restore(label: str, record: dict[str, Any]) -> Entry:
    match label:
        case "job":
            return restore_job(record)
        case "document":
            return Document(**record)
        case "address_list":
            return AddressList(**record)
        case "credit":
            return Credit(**record)
    raise ValueError(label)
