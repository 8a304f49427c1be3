"""The texts that the cells of a workbook share: a long one that many cells show comes to more than the file holds."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable
from typing import Final

_BYTES_LIMIT: Final = 1 << 30
"""Each text counted as often as it is shown."""

_NUMBER_LIMIT: Final = 30_000_000

_TEXT: Final = re.compile(rb"<(?:[^\s<>/:]+:)?si(?=[\s/>])")
_SHOWN: Final = re.compile(rb"""[\s"']t\s*=\s*["']s["']|<(?:[^\s<>/:]+:)?v(?=[\s>])[^<>]*>([^<]*)""")
"""A cell says that it shows a shared text, and then which."""


class SharedTexts:
    """Hears the pieces of all parts; it does not matter which of them holds the texts."""

    def __init__(self) -> None:
        self._lengths = array("Q")
        self._is_open = False
        self._times_shown = 0

    def measure(self, piece: bytes) -> None:
        self._times_shown += piece.count(b'"s"') + piece.count(b"'s'")  # so often at most
        may_hold_some = b"<si" in piece or b":si" in piece
        rest, *lengths = map(len, _TEXT.split(piece)) if may_hold_some else (len(piece),)
        if self._is_open:
            self._lengths[-1] += rest
        self._lengths.extend(lengths)
        self._is_open = self._is_open or bool(lengths)

    def end_part(self) -> None:
        self._is_open = False

    def are_too_much(self, pieces: Iterable[bytes]) -> bool:
        """
        Whether there is no room for what cells show of them.

        Args:
            pieces: All of them once more; looked at where the longest text, shown that often, would be too much.
        """
        if len(self._lengths) > _NUMBER_LIMIT:
            return True
        longest = max(self._lengths, default=0)
        return self._times_shown * longest > _BYTES_LIMIT and self._shown_in(pieces, longest) > _BYTES_LIMIT

    def _shown_in(self, pieces: Iterable[bytes], longest: int) -> int:
        """Bytes that the cells show; a text that cannot be told counts as the longest."""
        shown, waiting = 0, False
        for piece in pieces:
            for found in _SHOWN.finditer(piece):
                number = found[1]
                if waiting:
                    is_known = number is not None and number.isdigit() and int(number) < len(self._lengths)
                    shown += self._lengths[int(number)] if is_known else longest
                waiting = number is None
        return shown
