"""Connections that the direct lane keeps from post to post, while another post is under way."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from batcher.click2mail.client import Click2MailClient, Sending
from batcher.core.outcome import Answer, Fault, FaultKind, Reply

from .builders import LETTER, SIGNATURE, client_of, in_time
from .scripted_server import CREATED, Connection, ScriptedServer, http_reply

Serve = Callable[..., ScriptedServer]
MADE = Reply(http_status=201, code=0, job_id=13331417, description="Created")
OTHER = "other-1"


async def answering(connection: Connection) -> None:
    """Answers at once, but the other post only when its connection's gate is opened."""
    while True:
        _, body = await connection.request()
        if OTHER.encode() in body:
            await connection.gate.wait()
        await connection.send(http_reply(CREATED))


@asynccontextmanager
async def other_post(client: Click2MailClient, server: ScriptedServer) -> AsyncIterator[None]:
    """Inside, another post is under way, over the server's first connection."""
    other = asyncio.create_task(client.create(LETTER, OTHER, in_time()))
    await until(lambda: any(OTHER.encode() in received for received in server.received))
    yield
    server.connections[0].gate.set()
    assert await other == MADE


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0)


async def post(client: Click2MailClient, sending: Sending | None = None) -> Answer:
    return await client.create(LETTER, SIGNATURE, in_time(), sending or Sending())


def kept(client: Click2MailClient) -> list[Any]:
    return [connection.protocol for connection, _ in client.wire._open.posting._idle]


def pooled(client: Click2MailClient) -> int:
    return sum(len(waiting) for waiting in client.wire._open.session.connector._conns.values())


async def test_a_connection_is_used_again(serve: Serve) -> None:
    server = await serve(answering)
    async with client_of(server.base_url) as client, other_post(client, server):
        assert [await post(client) for _ in range(3)] == [MADE] * 3
        assert (len(kept(client)), pooled(client)) == (1, 0)

    assert len(server.connections) == 2


async def test_one_that_was_closed_meanwhile_is_not_used(serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        _, body = await connection.request()
        if OTHER.encode() in body:
            await connection.gate.wait()
        await connection.send(http_reply(CREATED))
        connection.writer.close()

    server = await serve(script)
    async with client_of(server.base_url) as client, other_post(client, server):
        await post(client)
        await until(lambda: not any(protocol.is_connected() for protocol in kept(client)))

        assert await post(client) == MADE
    assert len(server.connections) == 3


async def test_one_on_which_something_came_unasked_is_not_used(serve: Serve) -> None:
    """The next row must not get another row's job."""
    server = await serve(answering)
    sending = Sending()
    async with client_of(server.base_url) as client, other_post(client, server):
        await post(client)
        await server.connections[1].send(http_reply(CREATED))
        await until(lambda: any(protocol.should_close for protocol in kept(client)))

        answer = await post(client, sending)

    assert isinstance(answer, Fault)
    assert (answer.kind, sending.started) == (FaultKind.NOT_SENT, False)


async def test_one_with_something_behind_its_reply_is_not_kept(serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        _, body = await connection.request()
        if OTHER.encode() in body:
            await connection.gate.wait()
        await connection.send(http_reply(CREATED) * 2)

    server = await serve(script)
    async with client_of(server.base_url) as client, other_post(client, server):
        assert [await post(client) for _ in range(2)] == [MADE] * 2

    assert len(server.connections) == 3


async def test_one_that_was_idle_for_long_is_not_used(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for us no longer may hang up at that very moment, and a row would be in doubt."""
    monkeypatch.setattr("batcher.click2mail.direct_lane._IDLE_S", 0.0)
    server = await serve(answering)
    async with client_of(server.base_url) as client, other_post(client, server):
        assert [await post(client) for _ in range(2)] == [MADE] * 2

    assert len(server.connections) == 3


async def test_they_are_the_pools_again_when_no_post_is_under_way(serve: Serve) -> None:
    """Look-ups and bills are asked over them then, and they count towards the pool's limit."""
    server = await serve(answering)
    async with client_of(server.base_url) as client:
        async with other_post(client, server):
            await post(client)

        assert (kept(client), pooled(client)) == ([], 2)


async def test_who_waits_for_a_connection_gets_one(serve: Serve) -> None:
    server = await serve(answering)
    async with client_of(server.base_url, connections=2) as client, other_post(client, server):
        async with asyncio.timeout(10):
            assert await asyncio.gather(*(post(client) for _ in range(3))) == [MADE] * 3

    assert len(server.connections) == 2
