"""
What the bytes of a file come to: by that a manifest is known again without being read and checked row by row.

The bytes are those that the reader was given, so that a file which changes while it is read is not taken for what it
has become.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

_HASH: Final = "sha256"


class Imprint:
    """The imprint of what is being read; ``path`` is None for standard input, which can be read only once."""

    def __init__(self, path: Path | None, read_some: Callable[[int], bytes]) -> None:
        self._path = path
        self._read_some = read_some
        self._hash = hashlib.new(_HASH)
        self._is_at_end = False

    def read_some(self, size: int) -> bytes:
        given = self._read_some(size)
        self._hash.update(given)
        self._is_at_end = not given
        return given

    def of_what_was_read(self) -> str | None:
        """None before the end was reached."""
        return self._hash.hexdigest() if self._is_at_end else None

    def of_the_file_now(self) -> str | None:
        """Of all that it holds now; None for what is no file, or cannot be read again."""
        try:
            if self._path is None or not self._path.is_file():
                return None
            with self._path.open("rb") as file:
                return hashlib.file_digest(file, _HASH).hexdigest()
        except OSError:
            return None
