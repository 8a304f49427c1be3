"""
A TCP proxy between the command and the emulator that does to each request what a plan says.

It lives in a thread of its own, so that it goes on while the command is stopped. It reads as much HTTP as it needs to
know where a message ends. A request that has reached it goes on to the remote even when its caller is dead by then, as
it would behind a real edge; but never later than ``most_s`` after it came, so that a test can count on that.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

from tests.faults.fate import PASS_ALL, Asked, Ending, Fate, Plan

T = TypeVar("T")

_LINGER_0 = struct.pack("ii", 1, 0)
_REMEMBERED = 20_000
_TICK_S = 0.05
_REPLY_S = 10.0
"""Longer than any caller here waits; then the proxy hangs up on a remote that stalls."""


class _Cut(Exception):
    """This connection is over."""

    def __init__(self, ending: Ending) -> None:
        self.ending = ending


class Proxy:
    """
    One address in front of one emulator.

    Attributes:
        plan: Says what becomes of a request; may be changed at any time.
        welcome: Says how a connection ends at once, None for one that is served.
        counts: Requests by ``post`` or ``look`` and the name of their fate, connections, and what else it did.
        asked: The latest requests, in order of their coming.
        late_s: The longest that the proxy itself was late, because the machine was busy.
    """

    def __init__(self, upstream: str, plan: Plan = PASS_ALL, *, most_s: float = 5.0) -> None:
        parts = urlsplit(upstream)
        self._host, self._port, self._path = parts.hostname, parts.port, parts.path
        self._most_s = most_s
        # Bound and not listening: keeps the port ours while connections are refused.
        self._keeper = _bound(0)
        self.port: int = self._keeper.getsockname()[1]
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.plan = plan
        self.welcome: Callable[[], Ending | None] = lambda: None
        self.counts: Counter[str] = Counter()
        self.asked: deque[Asked] = deque(maxlen=_REMEMBERED)
        self.late_s = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self._path}"

    async def listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, sock=_bound(self.port), backlog=512)

    async def refuse(self, *, cut: bool = True) -> None:
        """No connection is taken any more; those that are there are cut."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
            self.counts["outages"] += 1
        for writer in list(self._open) if cut else []:
            _reset(writer)

    async def close(self) -> None:
        await self.refuse()
        self._keeper.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def watch_the_time(self) -> None:
        """Notes how late this loop runs."""
        while True:
            due = time.monotonic() + _TICK_S
            await asyncio.sleep(_TICK_S)
            self.late_s = max(self.late_s, time.monotonic() - due)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._open.add(writer)
        self.counts["connections"] += 1
        line = _Line(self, reader, writer)
        try:
            if (ending := self.welcome()) is not None:
                self.counts[f"connection {ending}"] += 1
                raise _Cut(ending)
            while await line.next():
                pass
        except _Cut as cut:
            await self._end(cut.ending, reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            _reset(writer)
        finally:
            line.close()
            writer.close()
            self._open.discard(writer)
            self._tasks.discard(task)

    async def _end(self, ending: Ending, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.CancelledError):
            if ending is Ending.RST:
                _reset(writer)
            elif ending is Ending.SILENCE:
                while await reader.read(65536):
                    pass

    async def reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to the emulator."""
        return await asyncio.open_connection(self._host, self._port)

    def meet(self, asked: Asked) -> Fate:
        """The fate of a request, written down."""
        fate = self.plan(asked)
        self.asked.append(asked)
        self.counts[f"{'post' if asked.creates else 'look'} {fate.name}"] += 1
        return fate

    def is_too_late(self, asked: Asked) -> bool:
        """Whether a request may not go on any more."""
        late = boottime() - asked.at > self._most_s
        self.counts["dropped as too late"] += late
        return late


class _Line:
    """One connection of the command, and the one to the emulator behind it."""

    def __init__(self, proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
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
            raise _Cut(Ending.RST)
        if fate.request_bytes is not None:
            await self._send((head + body)[:-1][: fate.request_bytes])
            raise _Cut(fate.ending or Ending.FIN)
        reply, whole = await self._ask(head + body)
        await asyncio.sleep(fate.delay_s)
        await self._answer(reply, fate)
        if fate.ending is not None:
            raise _Cut(fate.ending)
        if not whole:
            raise _Cut(Ending.FIN if reply else Ending.RST)
        return True

    def close(self) -> None:
        if self._upstream is not None:
            self._upstream[1].close()

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


def boottime() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _bound(port: int) -> socket.socket:
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind(("127.0.0.1", port))
    return bound


def _reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    if connection is not None:
        with suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_0)
    writer.transport.abort()


def _length(head: bytes) -> int | None:
    found = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return int(found[1]) if found else None


def _asked(head: bytes, body: bytes, at: float) -> Asked:
    method, path, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    signature = re.search(rb"appSignature=([^&\s]*)", body if method == "POST" else path.encode())
    return Asked(method=method, path=path, signature=signature[1].decode() if signature else "", at=at)


class ProxyThread:
    """A proxy in a loop and thread of its own, driven from a test."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        self._clock = asyncio.run_coroutine_threadsafe(proxy.watch_the_time(), self._loop)
        self.listen()

    def listen(self) -> None:
        self._do(self.proxy.listen())

    def refuse(self, *, cut: bool = True) -> None:
        self._do(self.proxy.refuse(cut=cut))

    def close(self) -> None:
        self._clock.cancel()
        self._do(self.proxy.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=20)


@contextmanager
def proxied(upstream: str, plan: Plan = PASS_ALL, *, most_s: float = 5.0) -> Iterator[ProxyThread]:
    """A proxy in front of ``upstream``, a base URL."""
    thread = ProxyThread(Proxy(upstream, plan, most_s=most_s))
    try:
        yield thread
    finally:
        thread.close()
