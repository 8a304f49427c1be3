"""One connection of the stub: requests out of bytes, with no more parsing than it takes to answer them right."""

from __future__ import annotations

import asyncio
import re
from typing import Final

from tests.bench.speed.vendor import Vendor

_HEAD_ENDS: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_USUAL_LENGTH: Final = b"\r\nContent-Length: "
_SIGNATURE: Final = re.compile(rb"appSignature=([^& \r\n]*)")


class Caller(asyncio.Protocol):
    """Understands requests with a ``Content-Length`` or without a body, one after another or several in one go."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor
        self._transport: asyncio.Transport
        self._rest = b""

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._vendor.connected(1)

    def connection_lost(self, error: Exception | None) -> None:
        self._vendor.connected(-1)

    def data_received(self, data: bytes) -> None:
        if self._rest:
            data = self._rest + data
        at = 0
        while (end := request_end(data, at)) is not None:
            self._answer(data, at, end)
            at = end
        self._rest = data[at:] if at else data

    def _answer(self, data: bytes, at: int, end: int) -> None:
        if data.startswith(b"POST", at):
            found = _SIGNATURE.search(data, at, end)
            self._vendor.create(b"" if found is None else found[1], self._transport)
        else:
            self._vendor.tell(data[at : data.find(b"\r\n", at)], self._transport)


def request_end(data: bytes, at: int) -> int | None:
    """Where the request that begins at ``at`` ends; None while it is not whole."""
    body = data.find(_HEAD_ENDS, at) + 4
    if body == 3:
        return None
    return end if (end := body + _body_bytes(data, at, body)) <= len(data) else None


def _body_bytes(data: bytes, at: int, body: int) -> int:
    found = data.find(_USUAL_LENGTH, at, body)
    if found >= 0:
        begins = found + len(_USUAL_LENGTH)
        return int(data[begins : data.find(b"\r", begins)])
    if data.startswith(b"GET", at):
        return 0
    named = _LENGTH.search(data, at, body)
    return 0 if named is None else int(named[1])
