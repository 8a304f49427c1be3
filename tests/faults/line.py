"""
One connection through the proxy, request after request.

It reads as much HTTP as it needs to know where a message ends.
"""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import suppress
from typing import Protocol

from tests.faults.fate import Asked, Ending, Fate

_TICK_S = 0.05
_REPLY_S = 10.0
"""Longer than any caller here waits; then the proxy hangs up on a remote that stalls."""
_BOOTTIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Cut(Exception):
    """This connection is over."""

    def __init__(self, ending: Ending) -> None:
        self.ending = ending


class Judge(Protocol):
    """What the proxy decides about a connection's requests."""

    async def reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]: ...

    def meet(self, asked: Asked) -> Fate: ...

    def is_too_late(self, asked: Asked) -> bool: ...


class Line:
    """One connection of the command, and the one to the emulator behind it."""

    def __init__(self, proxy: Judge, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._proxy = proxy
        self._reader = reader
        self._writer = writer
        self._upstream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def next(self) -> bool:
        """Serves one request; false at the end of the connection."""
        first = await self._reader.read(1)
        if not first:
            return False
        at = boottime()
        head = first + await self._reader.readuntil(b"\r\n\r\n")
        length = _length(head) or 0
        body = await self._reader.readexactly(length)
        asked = _asked(head, body, at)
        fate = self._proxy.meet(asked)
        await asyncio.sleep(fate.hold_s)
        if self._proxy.is_too_late(asked):
            raise Cut(Ending.RST)
        if fate.request_bytes is not None:
            await self._send((head + body)[:-1][: fate.request_bytes])
            raise Cut(fate.ending or Ending.FIN)
        reply, whole = await self._ask(head + body)
        await asyncio.sleep(fate.delay_s)
        await self._answer(reply, fate)
        if fate.ending is not None:
            raise Cut(fate.ending)
        if not whole:
            raise Cut(Ending.FIN if reply else Ending.RST)
        return True

    async def close(self) -> None:
        if self._upstream is not None:
            await close(self._upstream[1])

    async def _ask(self, request: bytes) -> tuple[bytes, bool]:
        """The remote's reply as far as it came, and whether that is all of it."""
        head = b""
        try:
            async with asyncio.timeout(_REPLY_S):
                reader = await self._send(request)
                head = await reader.readuntil(b"\r\n\r\n")
                length = _length(head)
                if length is None:
                    return head + await reader.read(), False
                return head + await reader.readexactly(length), True
        except asyncio.IncompleteReadError as error:
            return head + error.partial, False

    async def _send(self, request: bytes) -> asyncio.StreamReader:
        """Hands bytes on to the remote; gives what its reply can be read from."""
        if self._upstream is None:
            self._upstream = await self._proxy.reach()
        reader, writer = self._upstream
        writer.write(request)
        await writer.drain()
        return reader

    async def _answer(self, reply: bytes, fate: Fate) -> None:
        count = len(reply) if fate.reply_bytes is None else int(min(fate.reply_bytes, len(reply)))
        step = count if fate.bytes_a_second is None else max(1, int(fate.bytes_a_second * _TICK_S))
        for start in range(0, count, max(1, step)):
            self._writer.write(reply[start : min(start + step, count)])
            await self._writer.drain()
            if step < count:
                await asyncio.sleep(_TICK_S)


async def close(writer: asyncio.StreamWriter) -> None:
    """Closes a connection, whatever has become of it."""
    writer.close()
    with suppress(OSError, asyncio.CancelledError):
        await writer.wait_closed()


def boottime() -> float:
    """Seconds of the clock that intents are stored with."""
    return time.clock_gettime(_BOOTTIME)


def _length(head: bytes) -> int | None:
    found = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return int(found[1]) if found else None


def _asked(head: bytes, body: bytes, at: float) -> Asked:
    method, path, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    signature = re.search(rb"appSignature=([^&\s]*)", body if method == "POST" else path.encode())
    return Asked(method=method, path=path, signature=signature[1].decode() if signature else "", at=at)
