"""Whatever the remote does to a request or a reply, it comes back as a fault that leaves the row in doubt."""

import gzip
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from batcher.click2mail.client import Sending
from batcher.core.classify import Verdict, classify
from batcher.core.outcome import Fault, FaultKind, Reply

from .builders import LETTER, SIGNATURE, client_of, in_time
from .scripted_server import CREATED, Connection, Script, ScriptedServer, http_reply, reading_late

pytestmark = pytest.mark.usefixtures("lane")
Serve = Callable[..., ScriptedServer]
HEAD = b"HTTP/1.1 201 Created\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def then_closing(data: bytes) -> Script:
    async def script(connection: Connection) -> None:
        await connection.answer(data)
        connection.writer.close()

    return script


def then_resetting(data: bytes) -> Script:
    async def script(connection: Connection) -> None:
        await connection.answer(data)
        connection.reset()

    return script


def then_waiting(data: bytes) -> Script:
    return lambda connection: connection.answer(data)


async def endless(connection: Connection) -> None:
    await connection.answer(CHUNKED)
    while True:
        await connection.send(b"1000\r\n" + b"a" * 4096 + b"\r\n")


async def dripping(connection: Connection) -> None:
    await connection.answer(HEAD + b"Content-Length: 500\r\n\r\n<job>")


async def attempt(serve: Serve, script: Script, **changes: Any) -> tuple[Any, Sending, ScriptedServer]:
    server = await serve(script)
    sending = Sending()
    async with client_of(server.base_url, **changes) as client:
        answer = await client.create(LETTER, SIGNATURE, in_time(), sending)
    return answer, sending, server


BROKEN: dict[str, tuple[Callable[[Connection], Awaitable[None]], FaultKind, int | None]] = {
    "closed without a reply": (then_closing(b""), FaultKind.RESET, None),
    "reset without a reply": (then_resetting(b""), FaultKind.RESET, None),
    "cut in the head": (then_closing(HEAD + b"Content-Le"), FaultKind.RESET, None),
    "cut in the body": (then_closing(HEAD + b"Content-Length: 500\r\n\r\n<job>"), FaultKind.CUT, 201),
    "reset in the body": (then_resetting(HEAD + b"Content-Length: 500\r\n\r\n<job>"), FaultKind.CUT, 201),
    "cut between chunks": (then_closing(CHUNKED + b"5\r\n<job>\r\n"), FaultKind.CUT, 201),
    "a chunk that is none": (then_waiting(CHUNKED + b"zz\r\n<job>\r\n"), FaultKind.UNREADABLE, None),
    "no gzip": (
        then_waiting(http_reply(b"plain", "201 Created", "Content-Encoding: gzip")),
        FaultKind.UNREADABLE,
        201,
    ),
    "a status that is no number": (then_waiting(b"HTTP/1.1 abc Created\r\n\r\n"), FaultKind.UNREADABLE, None),
    "a status of two digits": (then_waiting(b"HTTP/1.1 20 Created\r\n\r\n"), FaultKind.UNREADABLE, None),
    "not HTTP": (then_waiting(b"SSH-2.0-OpenSSH_9.6\r\n"), FaultKind.UNREADABLE, None),
    "two lengths": (
        then_waiting(HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde"),
        FaultKind.UNREADABLE,
        None,
    ),
    "a length below zero": (then_waiting(HEAD + b"Content-Length: -5\r\n\r\n"), FaultKind.UNREADABLE, None),
    "a header without end": (then_waiting(HEAD + b"X: " + b"a" * 10_000 + b"\r\n\r\n"), FaultKind.UNREADABLE, None),
    "500 headers": (then_waiting(HEAD + b"X: a\r\n" * 500 + b"\r\n"), FaultKind.UNREADABLE, None),
    "a body without end": (endless, FaultKind.TOO_LARGE, 201),
    "a body over the cap": (then_waiting(http_reply(b"x" * 65_537)), FaultKind.TOO_LARGE, 201),
    "a gzip bomb": (
        then_waiting(http_reply(gzip.compress(b"x" * 20_000_000), "201 Created", "Content-Encoding: gzip")),
        FaultKind.TOO_LARGE,
        201,
    ),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_reply_leaves_doubt(serve: Serve, name: str) -> None:
    script, kind, http_status = BROKEN[name]

    answer, sending, server = await attempt(serve, script)

    assert isinstance(answer, Fault)
    assert (answer.kind, answer.http_status) == (kind, http_status)
    assert classify(answer) is Verdict.NO_VERDICT
    assert sending.started
    assert len(server.connections) == 1


@pytest.mark.parametrize("status", ["999 What", "600 What", "000 What", "101 Switching Protocols", "204 No Content"])
async def test_a_status_nobody_documented_leaves_doubt(serve: Serve, status: str) -> None:
    answer, _, _ = await attempt(serve, then_waiting(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode()))

    assert answer == Reply(http_status=int(status[:3]))
    assert classify(answer) is Verdict.NO_VERDICT


async def test_a_reply_right_at_the_cap_is_read(serve: Serve) -> None:
    answer, _, _ = await attempt(serve, then_waiting(http_reply(CREATED + b" " * (65_536 - len(CREATED)))))

    assert answer == Reply(http_status=201, code=0, job_id=13331417, description="Created")


@pytest.mark.parametrize("script", [then_waiting(b""), dripping], ids=["no reply", "half a reply"])
async def test_a_timed_out_request_is_aborted(serve: Serve, script: Script) -> None:
    answer, sending, server = await attempt(serve, script, timeout_s=0.5)

    assert isinstance(answer, Fault)
    assert answer.kind is FaultKind.TIMEOUT
    assert sending.started
    assert await server.endings() == ["reset"]


async def test_the_timeout_is_for_the_attempt_as_a_whole(serve: Serve) -> None:
    async def drip(connection: Connection) -> None:
        await connection.answer(HEAD + b"Content-Length: 1000000\r\n\r\n")
        while not connection.writer.is_closing():
            await connection.send(b"<")
            await connection.drip()

    answer, _, server = await attempt(serve, drip, timeout_s=0.5)

    assert isinstance(answer, Fault)
    assert (answer.kind, answer.http_status) == (FaultKind.TIMEOUT, 201)
    assert await server.endings() == ["reset"]


async def test_nothing_is_delivered_after_a_timeout(serve: Serve) -> None:
    """A server that reads nothing: most of the request still waits on our side when time is up, and is dropped."""
    server = await serve(reading_late, buffer_bytes=8192)
    async with client_of(server.base_url, timeout_s=0.5) as client:
        answer = await client.create({**LETTER, "rtnName": "x" * 1_000_000}, SIGNATURE, in_time())
        server.connections[0].gate.set()

        assert await server.endings() == ["reset"]
    assert isinstance(answer, Fault)
    assert answer.kind is FaultKind.TIMEOUT
    assert len(server.received[0]) < 1_000_000
