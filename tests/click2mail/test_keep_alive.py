"""Connections that are used again, and how they betray."""

import asyncio
import socket
import struct
import sys
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from batcher.click2mail.client import Click2MailClient, Sending
from batcher.core.outcome import Fault, FaultKind, Listing, Reply

from .builders import LETTER, SIGNATURE, client_of, in_time
from .scripted_server import CREATED, Connection, ScriptedServer, http_reply

pytestmark = pytest.mark.usefixtures("lane")
Serve = Callable[..., ScriptedServer]
MADE = Reply(http_status=201, code=0, job_id=13331417, description="Created")


def idle_connections(client: Click2MailClient) -> list[asyncio.Protocol]:
    return [protocol for waiting in client.wire._open.session.connector._conns.values() for protocol, _ in waiting]


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0)


async def test_a_post_is_never_sent_again_by_the_library(serve: Serve) -> None:
    """A server that hangs up on the second request of a connection has seen it, and sees it once."""

    async def script(connection: Connection) -> None:
        await connection.answer(http_reply(CREATED))
        await connection.request()
        connection.writer.close()

    server = await serve(script)
    sending = Sending()
    async with client_of(server.base_url) as client:
        first = await client.create(LETTER, SIGNATURE, in_time())
        second = await client.create(LETTER, SIGNATURE, in_time(), sending)

    assert first == MADE
    assert isinstance(second, Fault)
    assert second.kind is FaultKind.RESET
    assert sending.started
    assert [received.count(b"POST /molpro/jobs") for received in server.received] == [2]


async def test_a_reset_on_the_second_request_is_not_sent_again_either(serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        await connection.answer(http_reply(CREATED))
        await connection.request()
        connection.reset()

    server = await serve(script)
    async with client_of(server.base_url) as client:
        await client.create(LETTER, SIGNATURE, in_time())
        second = await client.create(LETTER, SIGNATURE, in_time())

    assert isinstance(second, Fault)
    assert second.kind is FaultKind.RESET
    assert [received.count(b"POST /molpro/jobs") for received in server.received] == [2]


async def test_a_connection_closed_while_idle_is_not_used(serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        await connection.answer(http_reply(CREATED))
        connection.writer.close()

    server = await serve(script)
    async with client_of(server.base_url) as client:
        await client.create(LETTER, SIGNATURE, in_time())
        await until(lambda: not any(protocol.is_connected() for protocol in idle_connections(client)))

        assert await client.create(LETTER, SIGNATURE, in_time()) == MADE
    assert [received.count(b"POST /molpro/jobs") for received in server.received] == [1, 1]


async def test_a_connection_that_closes_as_it_is_handed_out_is_not_used(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def script(connection: Connection) -> None:
        await connection.answer(http_reply(CREATED))

    connect = aiohttp.TCPConnector.connect

    async def closing(*arguments: Any, **named: Any) -> Any:
        connection = await connect(*arguments, **named)
        connection.transport.close()
        return connection

    server = await serve(script)
    sending = Sending()
    async with client_of(server.base_url) as client:
        monkeypatch.setattr(aiohttp.TCPConnector, "connect", closing)
        answer = await client.create(LETTER, SIGNATURE, in_time(), sending)

    assert isinstance(answer, Fault)
    assert answer.kind is FaultKind.NOT_SENT
    assert not sending.started
    await server.endings()
    assert server.received == [b""]


async def test_posts_and_look_ups_use_the_same_connections(serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        await connection.answer(http_reply(CREATED))
        await connection.answer(http_reply(b"<job><jobList/></job>", "200 OK"))
        await connection.answer(http_reply(CREATED))

    server = await serve(script)
    async with client_of(server.base_url) as client:
        answers = [
            await client.create(LETTER, SIGNATURE, in_time()),
            await client.find(SIGNATURE),
            await client.create(LETTER, SIGNATURE, in_time()),
        ]

    assert answers == [MADE, Listing(job_ids=()), MADE]
    assert len(server.connections) == 1


async def test_a_reply_nobody_asked_for_is_not_taken_for_the_next_answer(serve: Serve) -> None:
    """A second copy of a reply comes while the connection is idle: the next row must not get that job."""
    gate = asyncio.Event()

    async def script(connection: Connection) -> None:
        await connection.answer(http_reply(CREATED))
        await gate.wait()
        await connection.send(http_reply(CREATED))

    server = await serve(script)
    sending = Sending()
    async with client_of(server.base_url) as client:
        await client.create(LETTER, SIGNATURE, in_time())
        gate.set()
        await until(lambda: any(protocol.should_close for protocol in idle_connections(client)))

        answer = await client.create(LETTER, SIGNATURE, in_time(), sending)

    assert isinstance(answer, Fault)
    assert answer.kind is FaultKind.NOT_SENT
    assert not sending.started
    assert server.received[0].count(b"POST /molpro/jobs") == 1


async def test_a_reply_with_something_behind_it_ends_its_connection(serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        await connection.answer(http_reply(CREATED) * 2)

    server = await serve(script)
    async with client_of(server.base_url) as client:
        answers = [await client.create(LETTER, SIGNATURE, in_time()) for _ in range(2)]

    assert answers == [MADE, MADE]
    assert len(server.connections) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="the options are Linux's")
async def test_the_kernel_gives_up_no_later_than_we_do(serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        await connection.answer(http_reply(CREATED))

    server = await serve(script)
    async with client_of(server.base_url, timeout_s=7.5) as client:
        await client.create(LETTER, SIGNATURE, in_time())
        opened = idle_connections(client)[0].transport.get_extra_info("socket")
        linger = struct.unpack("ii", opened.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8))

        assert linger == (1, 0)
        assert opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 7500
        assert opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert opened.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


async def test_as_many_requests_as_connections_run_at_once(serve: Serve) -> None:
    """None waits for another: each reply comes only after all requests are there."""
    everybody = asyncio.Barrier(20)

    async def script(connection: Connection) -> None:
        await connection.request()
        await everybody.wait()
        await connection.send(http_reply(CREATED))

    server = await serve(script)
    async with client_of(server.base_url, connections=20) as client:
        answers = await asyncio.gather(*(client.create(LETTER, SIGNATURE, in_time()) for _ in range(20)))

    assert answers == [MADE] * 20
