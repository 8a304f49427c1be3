"""
A TCP proxy between the command and the emulator that does to each request what a plan says.

It lives in a thread of its own, so that it goes on while the command is stopped. A request that has reached it goes on
to the remote even when its caller is dead by then, as it would behind a real edge; but never later than ``most_s``
after it came, so that a test can count on that.
"""

from __future__ import annotations

import asyncio
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
from tests.faults.line import Cut, Line, boottime, close

T = TypeVar("T")

_LINGER_0 = struct.pack("ii", 1, 0)
_REMEMBERED = 20_000
_TICK_S = 0.05
_TURNS_TO_BE_SERVED = 4
"""Of the loop: for the connection's transport, its streams, the task that serves it, and that task's first step."""


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
        self._unheard: tuple[socket.socket, socket.socket] | None = None
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
        """Takes connections; those that hang come in when their system tries again."""
        if self._server is None:
            (first, filler), self._unheard = self._unheard or (_bound(self.port), None), None
            self._server = await asyncio.start_server(self._serve, sock=first, backlog=512)
            if filler is not None:
                filler.close()

    async def hang(self) -> None:
        """
        Lets connections hang: the queue of those that wait to be taken is full, so the system does not answer.

        Called while the proxy does not listen.
        """
        listener = _bound(self.port)
        listener.listen(0)
        filler = socket.create_connection(("127.0.0.1", self.port))
        self._unheard = (listener, filler)

    async def refuse(self, *, cut: bool = True) -> None:
        """No connection is taken any more; those that are there are cut."""
        server, self._server = self._server, None
        if server is not None:
            for listener in server.sockets:
                asyncio.get_running_loop().remove_reader(listener.fileno())
            # What was taken a moment ago needs the server until it is being served; without it, nobody would close it.
            for _ in range(_TURNS_TO_BE_SERVED):
                await asyncio.sleep(0)
            server.close()
            self.counts["outages"] += 1
        for writer in list(self._open) if cut else []:
            _reset(writer)

    async def close(self) -> None:
        await self.listen()
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
        line = Line(self, reader, writer)
        try:
            if (ending := self.welcome()) is not None:
                self.counts[f"connection {ending}"] += 1
                raise Cut(ending)
            while await line.next():
                pass
        except Cut as cut:
            await self._end(cut.ending, reader, writer)
        except asyncio.IncompleteReadError:
            self.counts["torn requests"] += 1
            _reset(writer)
        except (OSError, asyncio.CancelledError):
            _reset(writer)
        finally:
            await line.close()
            await close(writer)
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

    def hang(self) -> None:
        self._do(self.proxy.hang())

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
