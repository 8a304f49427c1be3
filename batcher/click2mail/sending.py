"""
The moment at which a request's first byte leaves, guarded.

aiohttp keeps a request's head back until the first write of its body, so refusing in the body's own write keeps the
whole request back: not a byte leaves. That write is also the only honest place to note that sending has begun. A body
is written once: neither a late intent nor the library itself can send it a second time.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
from aiohttp.http_writer import StreamWriter

if TYPE_CHECKING:
    from aiohttp.abc import AbstractStreamWriter
    from aiohttp.connector import Connection

    from batcher.core.sending import Deadline, Sending

    from .clocks import Clocks


class NothingSent(aiohttp.ClientError):
    """Refused by ourselves before a byte of the request was written."""


class StaleIntent(NothingSent):
    """The send window of the intent is over."""


class ConnectionSpoiled(NothingSent):
    """The connection was closed, or had something to say, before anything was asked on it."""


class AlreadyOver(NothingSent):
    """The attempt has begun once or was given up: its body is not written again."""


class GuardedBody(aiohttp.BytesPayload):
    """A form that is written in time and once, or not at all."""

    def __init__(self, form: bytes, deadline: Deadline, clocks: Clocks, sending: Sending) -> None:
        super().__init__(form, content_type="application/x-www-form-urlencoded")
        self._deadline = deadline
        self._clocks = clocks
        self._sending = sending
        self._over = False
        self._transport: asyncio.Transport | None = None

    async def write(self, writer: AbstractStreamWriter) -> None:
        await self.write_with_length(writer, None)

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        self._admit(writer)
        await writer.write(self._value if content_length is None else self._value[:content_length])

    def close_attempt(self, *, answered: bool) -> None:
        """
        End the attempt: nothing is written from now on.

        Without an answer the connection is aborted at once. Closing it would first deliver what still waits in buffers,
        long after the attempt was given up.
        """
        self._over = True
        if self._transport is not None and not answered:
            self._transport.abort()

    def _admit(self, writer: AbstractStreamWriter) -> None:
        if self._over:
            raise AlreadyOver
        if isinstance(writer, StreamWriter):
            self._transport = writer.transport
            if self._transport is None or self._transport.is_closing():
                raise ConnectionSpoiled
        if self._clocks.is_past(self._deadline):
            raise StaleIntent
        self._over = self._sending.started = True


class GuardedRequest(aiohttp.ClientRequest):
    """
    A request that uses no connection on which something came unasked.

    Such a reply (a server's "408" to an idle connection, or the last one once more) would be taken for the answer to
    the next request, and a row would get another row's job.
    """

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        if conn.protocol is None or conn.protocol.should_close:
            raise ConnectionSpoiled
        return await super().send(conn)
