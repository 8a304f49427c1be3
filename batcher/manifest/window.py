"""A moving window over the text of a JSON document: no more of it in memory than one item needs."""

from __future__ import annotations

import json
import re
from typing import Final

from .objects import DECODER, why_undecodable
from .problems import ManifestUnreadable, Problem
from .text import LINE_LIMIT, Text

_BLANKS: Final = re.compile(r"[ \t\r\n]*")
_LONGEST_TOKEN: Final = len("-Infinity")
_LONGEST_EXPONENT_SIGN: Final = len("e+")


class Window:
    """The part of the text that is being looked at; it moves on and never back."""

    def __init__(self, text: Text) -> None:
        self.item: int | None = None
        self._name = text.name
        self._chunks = text.chunks()
        self._buffer = ""
        self._at = 0
        self._lines_before = 0

    def next(self) -> str:
        """The next character that is not blank, not taken yet; empty at the end of the file."""
        while True:
            self._at = self._end_of_blanks(self._at)
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._read_on():
                return ""

    def take(self) -> None:
        self._at += 1

    def take_if(self, character: str) -> bool:
        found = self.next() == character
        self._at += found
        return found

    def value(self) -> object:
        """
        The next value, whole.

        A number that ends where the window does may go on behind it, so a value counts only with what could be an
        exponent's sign, or more, after it.
        """
        if not self.next():
            raise self.unreadable("the document is cut off")
        while True:
            try:
                value, end = DECODER.raw_decode(self._buffer, self._at)
            except (ValueError, RecursionError) as error:
                if isinstance(error, json.JSONDecodeError) and self._may_go_on(error) and self._read_on():
                    continue
                raise self._undecodable(error) from error
            if end + _LONGEST_EXPONENT_SIGN < len(self._buffer) or not self._read_on():
                self._at = end
                return value

    def unexpected(self, wanted: str) -> ManifestUnreadable:
        if not self.next():
            return self.unreadable("the document is cut off")
        return self.unreadable(f"is not valid JSON in line {self._line(self._at)}: expecting {wanted}")

    def unreadable(self, reason: str, suggestion: str | None = None) -> ManifestUnreadable:
        return ManifestUnreadable(
            self._name, Problem(reason=reason, line=self.item, place="item", suggestion=suggestion)
        )

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        """Whether the decoder stopped at the window's end, or at a token that the end may have cut in two."""
        near_end = self._end_of_blanks(error.pos) + _LONGEST_TOKEN >= len(self._buffer)
        return near_end or error.msg.startswith("Unterminated string")

    def _undecodable(self, error: ValueError | RecursionError) -> ManifestUnreadable:
        if not isinstance(error, json.JSONDecodeError):
            return self.unreadable(why_undecodable(error))
        if self._end_of_blanks(error.pos) >= len(self._buffer) or error.msg.startswith("Unterminated string"):
            return self.unreadable("the document is cut off")
        return self.unreadable(f"{why_undecodable(error)}, in line {self._line(error.pos)}")

    def _line(self, at: int) -> int:
        return self._lines_before + self._buffer.count("\n", 0, at) + 1

    def _end_of_blanks(self, at: int) -> int:
        match = _BLANKS.match(self._buffer, at)
        return at if match is None else match.end()

    def _read_on(self) -> bool:
        """Whether there was more. If so, what has been taken is let go; if not, all stays in its place."""
        if len(self._buffer) - self._at > LINE_LIMIT:
            raise self.unreadable(f"is longer than {LINE_LIMIT:,} characters")
        more = next(self._chunks, "")
        if not more:
            return False
        self._lines_before += self._buffer.count("\n", 0, self._at)
        self._buffer = self._buffer[self._at :] + more
        self._at = 0
        return True
