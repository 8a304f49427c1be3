"""
Posts whose bytes we write ourselves, on connections of aiohttp's pool and read by its parser.

What all rows share is made once, and a row adds its length and its form. The look at the clocks, the note that sending
has begun and the write stand next to each other, and nothing can come between them.

Of aiohttp this uses what its own session uses and no document promises: ``TCPConnector.connect`` and the
``ResponseHandler`` that it hands out. So it is for the versions named here only; with others the session does the work.
``tests/click2mail/test_direct_lane.py`` says when it changes.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import aiohttp

from batcher.core.outcome import Fault

from .fault import NETWORK_ERRORS, fault_of
from .page import Page, page_of, read_capped
from .sending import ConnectionSpoiled, StaleIntent
from .time_limit import TimeLimit

if TYPE_CHECKING:
    from aiohttp import StreamReader
    from aiohttp.client_proto import ResponseHandler
    from aiohttp.connector import Connection
    from aiohttp.http import RawResponseMessage
    from yarl import URL

    from batcher.core.sending import Deadline, Sending

    from .clocks import Clocks
    from .remote import RemoteSettings

AIOHTTP_FLOOR: Final = (3, 14)
AIOHTTP_CEILING: Final = (3, 15)
"""From the floor on and below the ceiling the lane was compared with aiohttp's source."""


_IDLE_S: Final = 15.0
"""Some servers close what is idle for longer; aiohttp's own pool waits as long."""


def suits(version: str) -> bool:
    major, minor = version.split(".")[:2]
    return AIOHTTP_FLOOR <= (int(major), int(minor)) < AIOHTTP_CEILING


class DirectLane:
    """
    Posts to one host, not through a proxy, with a session's headers and connections.

    A connection is kept from post to post, but goes back to the session's pool where somebody may wait for one: while
    another post does, and when no post is under way.
    """

    def __init__(self, session: aiohttp.ClientSession, address: URL, settings: RemoteSettings, clocks: Clocks) -> None:
        assert session.connector is not None
        self._connector = session.connector
        self._loop = asyncio.get_running_loop()
        self._timeout_s = settings.timeout_s
        self._cap_bytes = settings.reply_cap_bytes
        self._clocks = clocks
        connect_s = min(settings.connect_timeout_s, settings.timeout_s)
        self._limits = aiohttp.ClientTimeout(connect=connect_s, ceil_threshold=math.inf)
        headers = {**session.headers, "Content-Type": "application/x-www-form-urlencoded"}
        self._target = aiohttp.ClientRequest("POST", address, headers=headers, loop=self._loop, session=session)
        lines = [f"{name}: {value}\r\n" for name, value in self._target.headers.items() if name != "Content-Length"]
        self._headers = "".join(lines).encode()
        self._time_limit = TimeLimit(self._loop)
        self._idle: list[tuple[Connection, float]] = []
        self._connecting = self._under_way = 0

    async def post(self, url: URL, form: bytes, send_by: Deadline, sending: Sending) -> Page | Fault:
        """As ``Wire.post``."""
        ends_at = self._loop.time() + self._timeout_s
        self._connecting += 1
        try:
            connection = self._idle_connection() or await self._connector.connect(self._target, [], self._limits)
        except NETWORK_ERRORS as error:
            return fault_of(error, sent=False)
        finally:
            self._connecting -= 1
        self._under_way += 1
        page: Page | Fault | None = None
        http_status = None
        try:
            head = b"POST %b HTTP/1.1\r\n%bContent-Length: %d\r\n\r\n"
            request = head % (url.raw_path_qs.encode(), self._headers, len(form)) + form
            protocol = self._write(connection, request, send_by, sending)
            message, content = await self._read_head(protocol, ends_at)
            http_status = message.code
            body = content.read_nowait() if content.is_eof() else await self._read_body(content, ends_at)
            page = page_of(http_status, message.headers, body, self._cap_bytes, self._clocks)
        except NETWORK_ERRORS as error:
            page = replace(fault_of(error, sent=sending.started), http_status=http_status)
        finally:
            self._let_go(connection, answered=isinstance(page, Page))
        return page

    def _idle_connection(self) -> Connection | None:
        """The connection that was used last, unless it was closed meanwhile, or may be at any moment."""
        while self._idle:
            connection, since = self._idle.pop()
            if not connection.closed and self._loop.time() - since < _IDLE_S:
                return connection
            connection.close()
        return None

    def _let_go(self, connection: Connection, *, answered: bool) -> None:
        """
        Keeps a connection for the next post; the pool closes what cannot be used again.

        Without an answer, or before the request has left whole, it is aborted: closing would first deliver what waits.
        """
        self._under_way -= 1
        protocol, transport = connection.protocol, connection.transport
        if transport is not None and not (answered and transport.get_write_buffer_size() == 0):
            transport.abort()
            connection.close()
        elif self._connecting or protocol is None or protocol.should_close:
            connection.release()
        else:
            self._idle.append((connection, self._loop.time()))
        if not self._under_way:
            while self._idle:
                self._idle.pop()[0].release()

    def _write(self, connection: Connection, request: bytes, send_by: Deadline, sending: Sending) -> ResponseHandler:
        """Writes the request, in time and on a sound connection, or not a byte of it."""
        protocol, transport = connection.protocol, connection.transport
        if protocol is None or protocol.should_close or transport is None or transport.is_closing():
            raise ConnectionSpoiled
        protocol.set_response_params(read_until_eof=True)
        if self._clocks.is_past(send_by):
            raise StaleIntent
        sending.started = True
        transport.write(request)
        return protocol

    async def _read_head(self, protocol: ResponseHandler, ends_at: float) -> tuple[RawResponseMessage, StreamReader]:
        self._time_limit.begin(protocol, ends_at)
        try:
            while True:
                message, content = await protocol.read()
                if not 100 <= message.code < 200 or message.code == 101:
                    return message, content
        finally:
            self._time_limit.end(protocol)

    async def _read_body(self, content: StreamReader, ends_at: float) -> bytes | None:
        self._time_limit.begin(content, ends_at)
        try:
            return await read_capped(content, self._cap_bytes)
        finally:
            self._time_limit.end(content)
