"""Where a manifest's bytes come from: a file or standard input, unpacked, looked at, and counted."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final, cast

from .format import STDIN, name_of
from .imprint import Imprint
from .magic import GZIP, is_workbook, looks_like
from .problems import ManifestUnreadable, Problem, on_one_line

_HEAD_BYTES: Final = 4096


class Source(io.BufferedIOBase):
    """
    A manifest's bytes, read once and in order.

    ``offset`` counts those handed out; ``imprint`` is of the file as it is packed. Whatever goes wrong underneath comes
    out as ``ManifestUnreadable``.
    """

    def __init__(
        self, name: str, read_some: Callable[[int], bytes], close: Callable[[], None], imprint: Imprint
    ) -> None:
        super().__init__()
        self.name = name
        self.imprint = imprint
        self.offset = 0
        self._ahead = b""
        self._read_some = read_some
        self._close = close

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size >= 0:
            return self.read1(size)
        return b"".join(iter(self.read1, b""))

    def read1(self, size: int = 65_536, /) -> bytes:
        if self._ahead:
            given, self._ahead = self._ahead[:size], self._ahead[size:]
        else:
            given = self._read_more(size)
        self.offset += len(given)
        return given

    def head(self) -> bytes:
        """The next bytes without taking them, as many as there are up to 4 KiB."""
        while len(self._ahead) < _HEAD_BYTES and (more := self._read_more(_HEAD_BYTES)):
            self._ahead += more
        return self._ahead

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._close()

    def _read_more(self, size: int) -> bytes:
        try:
            return self._read_some(size)
        except EOFError as error:
            reason = f"the gzip data is cut off after {self._position():,} bytes, unpacked"
            raise ManifestUnreadable(self.name, Problem(reason=reason)) from error
        except (zlib.error, gzip.BadGzipFile) as error:
            reason = f"the gzip data is damaged after {self._position():,} bytes, unpacked"
            raise ManifestUnreadable(self.name, Problem(reason=reason)) from error
        except OSError as error:
            raise ManifestUnreadable(self.name, Problem(reason=_why(error))) from error

    def _position(self) -> int:
        return self.offset + len(self._ahead)


def open_source(path: str | Path, file_format: str) -> Source:
    """
    The bytes behind ``path``, unpacked where they are gzip, whatever the suffix says.

    Raises:
        ManifestUnreadable: There is no such file, it may not be read, or it is no manifest at the first look.
    """
    packed = _open_stdin() if path == STDIN else _open_file(Path(path))
    source = packed
    try:
        if packed.head().startswith(GZIP):
            unzipped = gzip.GzipFile(fileobj=packed)
            source = Source(packed.name, unzipped.read1, packed.close, packed.imprint)
        _refuse_what_is_no_manifest(source, file_format)
    except BaseException:
        source.close()
        raise
    return source


def _open_file(path: Path) -> Source:
    try:
        if path.is_dir():
            raise ManifestUnreadable(on_one_line(str(path)), Problem(reason="is a directory, not a manifest"))
        file = path.open("rb")
    except (OSError, ValueError) as error:
        raise ManifestUnreadable(on_one_line(str(path)), Problem(reason=_why(error))) from error
    imprint = Imprint(path, file.read1)
    return Source(name_of(path), imprint.read_some, file.close, imprint)


def _open_stdin() -> Source:
    if sys.stdin is None:
        raise ManifestUnreadable("standard input", Problem(reason="is closed"))
    buffer = cast(io.BufferedReader, sys.stdin.buffer)
    imprint = Imprint(None, buffer.read1)
    return Source("standard input", imprint.read_some, lambda: None, imprint)


def _refuse_what_is_no_manifest(source: Source, file_format: str) -> None:
    head = source.head()
    if not head:
        raise ManifestUnreadable(source.name, Problem(reason="is empty"))
    if file_format == "xlsx":
        if not is_workbook(head):
            other = looks_like(head) or "text"
            raise ManifestUnreadable(source.name, Problem(reason=f"is no .xlsx workbook: it looks like {other}"))
    elif (found := looks_like(head)) is not None:
        advice = "give --format xlsx" if is_workbook(head) else None
        raise ManifestUnreadable(
            source.name, Problem(reason=f"is no {file_format}: it looks like {found}", suggestion=advice)
        )


def _why(error: Exception) -> str:
    match error:
        case FileNotFoundError():
            return "there is no such file"
        case PermissionError():
            return "may not be read: permission denied"
        case OSError():
            return f"cannot be read: {error.strerror or error}"
        case _:
            return "is no name that a file can have"
