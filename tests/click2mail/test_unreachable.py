"""What fails before a byte of the request is sent is free to be tried again."""

import asyncio
import socket
from collections.abc import Callable

import aiohttp
import pytest

from batcher.click2mail.client import Sending
from batcher.core.classify import Verdict, classify
from batcher.core.outcome import Fault, FaultKind

from .builders import LETTER, SIGNATURE, client_of, in_time
from .scripted_server import Connection, ScriptedServer

pytestmark = pytest.mark.usefixtures("lane")
Serve = Callable[..., ScriptedServer]


async def silent(connection: Connection) -> None:
    """Takes what comes and says nothing."""


async def attempt(base_url: str, **changes: object) -> Fault:
    """One attempt, and one look-up, that must both fail alike, without anything sent."""
    sending = Sending()
    async with client_of(base_url, **changes) as client:
        answer = await client.create(LETTER, SIGNATURE, in_time(), sending)
        looked_up = await client.find(SIGNATURE)

    assert isinstance(answer, Fault)
    assert isinstance(looked_up, Fault)
    assert [answer.kind, answer.detail.split(":")[0]] == [looked_up.kind, looked_up.detail.split(":")[0]]
    assert classify(answer) is Verdict.UNREACHED
    assert not sending.started
    return answer


async def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening
        fault = await attempt(f"http://127.0.0.1:{taken.getsockname()[1]}/molpro")

    assert fault.kind is FaultKind.CONNECT
    assert fault.detail.startswith("Connection refused (127.0.0.1:")


async def test_a_name_that_does_not_resolve(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(aiohttp.DefaultResolver, "resolve", unknown)
    fault = await attempt("http://remote.invalid/molpro")

    assert fault == Fault(
        kind=FaultKind.DNS,
        detail="Name or service not known (remote.invalid:80): ClientConnectorDNSError from gaierror",
    )


async def test_a_handshake_that_takes_too_long(serve: Serve) -> None:
    server = await serve(silent)
    fault = await attempt(server.base_url.replace("http:", "https:"), connect_timeout_s=0.2)

    assert (fault.kind, fault.detail.split(":")[0]) == (FaultKind.CONNECT, "Timed out")


async def test_connecting_counts_towards_the_timeout(serve: Serve) -> None:
    server = await serve(silent)
    sending = Sending()
    async with client_of(server.base_url.replace("http:", "https:"), timeout_s=0.2) as client:
        async with asyncio.timeout(20):  # a third of what connecting alone may take
            answer = await client.create(LETTER, SIGNATURE, in_time(), sending)

    assert isinstance(answer, Fault)
    assert answer.kind is FaultKind.CONNECT
    assert not sending.started


async def test_a_wait_for_a_connection_that_takes_too_long(serve: Serve) -> None:
    """It cannot happen with as many connections as workers; when it does, nothing was sent."""
    arrived = asyncio.Event()

    async def script(connection: Connection) -> None:
        await connection.request()
        arrived.set()

    server = await serve(script)
    async with client_of(server.base_url, connections=1, connect_timeout_s=0.5) as client:
        first = asyncio.create_task(client.create(LETTER, SIGNATURE, in_time()))
        await arrived.wait()
        sending = Sending()
        second = await client.create(LETTER, SIGNATURE, in_time(), sending)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)

    assert isinstance(second, Fault)
    assert classify(second) is Verdict.UNREACHED
    assert not sending.started
    assert len(server.connections) == 1


async def test_a_client_that_is_closed_meanwhile(serve: Serve) -> None:
    greeted = asyncio.Event()

    async def script(connection: Connection) -> None:
        await connection.reader.readexactly(1)
        greeted.set()

    server = await serve(script)
    sending = Sending()
    async with client_of(server.base_url, timeout_s=5.0) as client:
        task = asyncio.create_task(client.create(LETTER, SIGNATURE, in_time(), sending))
        await greeted.wait()

    answer = await task
    assert isinstance(answer, Fault)
    assert classify(answer) is Verdict.NO_VERDICT
    assert sending.started
