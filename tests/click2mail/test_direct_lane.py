"""When posts go over the direct lane, and what of aiohttp it leans on."""

import inspect
from collections.abc import Callable

import aiohttp
import pytest
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection as Pooled
from aiohttp.http import RawResponseMessage

from batcher.click2mail.client import Click2MailClient, Sending
from batcher.click2mail.direct_lane import suits

from .builders import LETTER, SIGNATURE, client_of, in_time, remote
from .scripted_server import Connection, ScriptedServer, http_reply, reading_late

Serve = Callable[..., ScriptedServer]
ADDRESS = "http://remote.test/molpro"


def test_the_lane_knows_this_aiohttp() -> None:
    """When this fails: compare the lane with the new source, run these tests with it, then move the ceiling."""
    assert suits(aiohttp.__version__)


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("3.13.9", False),
        ("3.14.0", True),
        ("3.14.12rc1", True),
        ("3.15.0b1", False),
        ("3.15.0", False),
        ("4.0.0a2.dev0", False),
    ],
)
def test_the_lane_is_for_the_versions_it_knows(version: str, expected: bool) -> None:
    assert suits(version) is expected


def test_posts_go_directly_where_they_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.test:3128")
    monkeypatch.delenv("no_proxy", raising=False)
    proxied, direct = remote(ADDRESS, trust_env=True), remote(ADDRESS)
    chosen = [Click2MailClient(settings).wire.posts_directly for settings in (direct, proxied)]
    monkeypatch.setattr(aiohttp, "__version__", "3.15.0")
    chosen.append(Click2MailClient(direct).wire.posts_directly)

    assert chosen == [True, False, False]


LEANED_ON = [
    (aiohttp.TCPConnector.connect, "self req traces timeout"),
    (aiohttp.ClientRequest.__init__, "self method url headers loop session"),
    (ResponseHandler.set_response_params, "self read_until_eof"),
    (ResponseHandler.read, "self"),
    (ResponseHandler.set_exception, "self exc"),
    (aiohttp.StreamReader.set_exception, "self exc"),
    (aiohttp.StreamReader.is_eof, "self"),
    (aiohttp.StreamReader.read_nowait, "self"),
    (Pooled.release, "self"),
    (Pooled.close, "self"),
]


@pytest.mark.parametrize(("function", "given"), LEANED_ON, ids=lambda each: getattr(each, "__qualname__", None))
def test_what_the_lane_calls_is_there_and_asks_for_no_more(function: Callable[..., object], given: str) -> None:
    """When one fails, aiohttp has changed: mend the lane, or lower its ceiling."""
    parameters = inspect.signature(function).parameters
    wanted = {name for name, parameter in parameters.items() if parameter.default is inspect.Parameter.empty}

    assert set(given.split()) <= set(parameters)
    assert wanted - {"kwargs"} <= set(given.split())


def test_what_the_lane_reads_is_there() -> None:
    assert isinstance(ResponseHandler.should_close, property)
    assert isinstance(Pooled.protocol, property)
    assert isinstance(Pooled.transport, property)
    assert isinstance(Pooled.closed, property)
    assert {"code", "headers"} <= set(dir(RawResponseMessage))


async def test_a_request_that_is_answered_before_it_has_left_does_not_leave_later(serve: Serve) -> None:
    """Most of it waits on our side, because the server answers as soon as it has the head."""

    async def answering_early(connection: Connection) -> None:
        await connection.reader.readuntil(b"\r\n\r\n")
        await connection.send(http_reply(b"", "413 Content Too Large"))
        await reading_late(connection)

    server = await serve(answering_early, buffer_bytes=8192)
    sending = Sending()
    async with client_of(server.base_url) as client:
        answer = await client.create({**LETTER, "rtnName": "x" * 5_000_000}, SIGNATURE, in_time(), sending)
        for connection in server.connections:
            connection.gate.set()

        assert await server.endings() == ["reset"]
    assert answer.http_status == 413
    assert sending.started
    assert len(server.received[0]) < 5_000_000
