"""A manifest's bytes as text: decoded while they are read, a bounded line at a time."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import partial
from typing import Final

from .encoding import charset_of, hint_for
from .problems import ManifestUnreadable, Problem
from .source import Source

LINE_LIMIT: Final = 1_000_000
"""Characters in a line, a record or a JSON item: some thousand times a job, and little to hold in memory."""

_CHUNK_CHARACTERS: Final = 65_536


class Text:
    """
    The text of a source, read once and in order, by lines or by chunks. Line ends are kept as they are.

    Raises:
        ManifestUnreadable: While reading: bytes that are no text in this encoding, a NUL, an overlong line.
    """

    def __init__(self, source: Source, encoding: str | None, newline: str = "") -> None:
        self.name = source.name
        self._source = source
        self._head = source.head()
        charset = charset_of(self._head, encoding)
        if isinstance(charset, Problem):
            raise ManifestUnreadable(self.name, charset)
        source.read1(charset.mark_bytes)
        self._charset = charset.name
        self._wrapper = io.TextIOWrapper(source, encoding=charset.name, newline=newline)

    def lines(self) -> Iterator[str]:
        number = 0
        try:
            for line in iter(partial(self._wrapper.readline, LINE_LIMIT + 1), ""):
                number += 1
                if "\0" in line:
                    raise self._nul(f"a NUL character at character {line.index(chr(0)) + 1:,}", number)
                if len(line) > LINE_LIMIT:
                    reason = f"the line is longer than {LINE_LIMIT:,} characters"
                    raise ManifestUnreadable(self.name, Problem(reason=reason, line=number))
                yield line
        except UnicodeError as error:
            raise self._undecodable(error) from error

    def chunks(self) -> Iterator[str]:
        read = 0
        try:
            while chunk := self._wrapper.read(_CHUNK_CHARACTERS):
                if "\0" in chunk:
                    raise self._nul(
                        f"a NUL character at character {read + chunk.index(chr(0)) + 1:,} of the file", None
                    )
                read += len(chunk)
                yield chunk
        except UnicodeError as error:
            raise self._undecodable(error) from error

    def _nul(self, reason: str, line: int | None) -> ManifestUnreadable:
        hint = hint_for(self._charset, self._head)
        suggestion = hint if "UTF-16" in hint else None
        return ManifestUnreadable(self.name, Problem(reason=reason, line=line, suggestion=suggestion))

    def _undecodable(self, error: UnicodeError) -> ManifestUnreadable:
        reason = f"it cannot be read as {self._charset}"
        if isinstance(error, UnicodeDecodeError) and error.start < len(error.object):
            # The decoder was given all bytes so far and complains about a place in the last of them.
            offset = self._source.offset - len(error.object) + error.start
            reason = f"the byte 0x{error.object[error.start]:02X} at offset {offset:,} is not {self._charset}"
        return ManifestUnreadable(self.name, Problem(reason=reason, suggestion=hint_for(self._charset, self._head)))
