"""The proxy does to each request what its plan says, and to no other."""

from __future__ import annotations

import asyncio
import gc
import random
import socket
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from tests.faults import fate
from tests.faults.fate import Asked, Fate
from tests.faults.proxy import Proxy, proxied

REPLY = b"HTTP/1.1 201 Created\r\nContent-Length: 400\r\n\r\n" + b"r" * 400
POST = b"POST /molpro/jobs HTTP/1.1\r\nContent-Length: 19\r\n\r\nappSignature=abc-17"
LOOK = b"GET /molpro/jobs/appSignature?appSignature=abc-17&offset=0 HTTP/1.1\r\n\r\n"
ENDS_IN = {None: "open", "silence": "open", "fin": "end", "rst": "reset"}


class Upstream:
    """A remote that answers whatever it is asked, and remembers it."""

    def __init__(self) -> None:
        self.port = 0
        self.requests: list[bytes] = []
        self.torn: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = b""
        while chunk := await reader.read(4096):
            request += chunk
            if request in {POST, LOOK}:
                self.requests.append(request)
                request = b""
                writer.write(REPLY)
        if request:
            self.torn.append(request)
        writer.close()


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    remote = Upstream()
    server = await asyncio.start_server(remote.serve, "127.0.0.1", 0)
    remote.port = server.sockets[0].getsockname()[1]
    yield remote
    server.close()


@pytest.fixture
async def proxy(upstream: Upstream) -> AsyncIterator[Proxy]:
    opened = Proxy(f"http://127.0.0.1:{upstream.port}/molpro", most_s=0.5)
    await opened.listen()
    yield opened
    await opened.close()


async def ask(proxy: Proxy, request: bytes) -> tuple[bytes, str]:
    """What comes back to a request, and whether the connection is open, ended or reset then."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(request)
    reply = b""
    try:
        while True:
            async with asyncio.timeout(0.3):
                chunk = await reader.read(4096)
            if not chunk:
                return reply, "end"
            reply += chunk
    except TimeoutError:
        return reply, "open"
    except ConnectionResetError:
        return reply, "reset"
    finally:
        writer.close()


@pytest.mark.parametrize("bad", [bad for bad in fate.BAD if not (bad.hold_s or bad.delay_s or bad.bytes_a_second)])
async def test_a_fate_lets_through_what_it_says_and_ends_as_it_says(
    proxy: Proxy, upstream: Upstream, bad: Fate
) -> None:
    proxy.plan = fate.always(bad)

    reply, end = await ask(proxy, POST)

    assert (reply, end) == (REPLY[: bad.reply_bytes] if bad.request_bytes is None else b"", ENDS_IN[bad.ending])
    assert len(upstream.requests) == (bad.request_bytes is None)
    assert proxy.counts[f"post {bad.name}"] == 1


async def test_a_request_that_is_cut_in_two_reaches_the_remote_in_part(proxy: Proxy, upstream: Upstream) -> None:
    proxy.plan = fate.always(Fate(name="half", request_bytes=30, ending=fate.Ending.FIN))

    await ask(proxy, POST)
    await asyncio.wait_for(_until(lambda: bool(upstream.torn)), 5)

    assert (upstream.requests, upstream.torn) == ([], [POST[:30]])


async def test_requests_that_create_and_look_ups_have_fates_of_their_own(proxy: Proxy) -> None:
    proxy.plan = fate.for_posts(fate.CUT_BEFORE_REPLY)

    made, found = await ask(proxy, POST), await ask(proxy, LOOK)

    assert (made, found) == ((b"", "reset"), (REPLY, "open"))
    assert [(asked.method, asked.signature) for asked in proxy.asked] == [("POST", "abc-17"), ("GET", "abc-17")]


async def test_a_request_goes_on_though_its_caller_has_hung_up(proxy: Proxy, upstream: Upstream) -> None:
    proxy.plan = fate.always(Fate(name="hold", hold_s=0.1))
    _, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(POST)
    await asyncio.wait_for(_until(lambda: bool(proxy.asked)), 5)
    writer.transport.abort()

    await asyncio.wait_for(_until(lambda: bool(upstream.requests)), 5)


async def test_a_request_that_is_too_old_goes_nowhere(proxy: Proxy, upstream: Upstream) -> None:
    proxy.plan = fate.always(Fate(name="hold", hold_s=0.6))
    _, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(POST)

    await asyncio.wait_for(_until(lambda: proxy.counts["dropped as too late"] == 1), 5)

    assert upstream.requests == []
    writer.close()


async def test_a_reply_trickles(proxy: Proxy) -> None:
    proxy.plan = fate.always(Fate(name="trickle", bytes_a_second=2000.0))
    loop = asyncio.get_running_loop()
    began = loop.time()

    reply, _ = await ask(proxy, LOOK)

    assert reply == REPLY
    assert loop.time() - began >= len(REPLY) / 2000.0


async def test_connections_are_refused_and_taken_again_at_the_same_address(proxy: Proxy) -> None:
    await proxy.refuse()
    with pytest.raises(ConnectionRefusedError):
        await ask(proxy, LOOK)
    await proxy.listen()

    assert (await ask(proxy, LOOK))[0] == REPLY


async def test_a_connection_hangs_until_somebody_listens_and_comes_in_then(proxy: Proxy) -> None:
    await proxy.refuse()
    await proxy.hang()
    asking = asyncio.create_task(ask(proxy, LOOK))
    await asyncio.wait({asking}, timeout=0.5)
    hung = not asking.done()
    await proxy.listen()

    assert hung
    assert (await asking)[0] == REPLY


@pytest.mark.parametrize("ending", list(fate.Ending))
async def test_a_connection_may_end_before_a_word_is_said(proxy: Proxy, ending: fate.Ending) -> None:
    proxy.welcome = lambda: ending

    reply, end = await ask(proxy, LOOK)

    assert reply == b""
    assert end in ({"open"} if ending is fate.Ending.SILENCE else {"end", "reset"})


def test_the_same_seed_brings_the_same_weather() -> None:
    asked = Asked(method="POST", path="/", signature="", at=0.0)

    def weather(seed: int) -> list[Fate]:
        drawn = fate.Weather(dice=random.Random(seed), posts=0.5)
        return [drawn(asked) for _ in range(50)]

    assert weather(1) == weather(1) != weather(2)
    assert {some.name for some in weather(1)} > {"pass"}


def test_a_connection_that_comes_as_it_closes_is_closed_with_it() -> None:
    """None is left open, neither for its caller nor for the collector of garbage, who would tell of it as an error."""
    for _ in range(20):
        with proxied("http://127.0.0.1:9/molpro") as thread:
            callers = [socket.create_connection(("127.0.0.1", thread.proxy.port), timeout=60) for _ in range(3)]
        for caller in callers:
            with caller, suppress(ConnectionResetError):
                assert caller.recv(1) == b""
    gc.collect()


async def _until(condition: object) -> None:
    while not condition():  # type: ignore[operator]
        await asyncio.sleep(0.005)
