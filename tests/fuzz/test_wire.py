"""Whatever bytes come back over a connection, the answer is a value, and never as if nothing had been sent."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from batcher.click2mail.client import Sending
from batcher.core.classify import Verdict, classify
from batcher.core.outcome import Fault, Listing, Reply
from tests.click2mail.builders import LETTER, SIGNATURE, client_of, in_time
from tests.click2mail.scripted_server import CREATED, Connection, ScriptedServer, http_reply

from .strategies import damaged

HEAD = b"HTTP/1.1 201 Created\r\nContent-Type: application/xml\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(CREATED), CREATED)
ANSWERS = [
    http_reply(CREATED),
    http_reply(b"<job><jobList><job><id>5</id></job></jobList></job>", "200 OK"),
    http_reply(b"<html>busy</html>", "503 Busy", "Retry-After: 120", "Set-Cookie: a=b; Path=/"),
    http_reply(b"", "302 Found", "Location: http://127.0.0.1:1/login"),
    http_reply(gzip.compress(CREATED, mtime=0), "201 Created", "Content-Encoding: gzip"),
    http_reply(zlib.compress(CREATED), "201 Created", "Content-Encoding: deflate"),
    http_reply(CREATED, "201 Created", "Content-Encoding: br"),
    http_reply(CREATED, "201 Created", "Content-Encoding: zstd"),
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + http_reply(CREATED),
    CHUNKED,
    CHUNKED.replace(b"\r\n0\r\n", b";x=y\r\n0\r\nTrailer: z\r\n"),
    HEAD + b"Connection: close\r\n\r\n" + CREATED,
    b"HTTP/1.0 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
]


class Wire:
    """A server that answers each connection with the next bytes and hangs up, and a loop to ask it in."""

    def __init__(self) -> None:
        self.answer = b""
        self._runner = asyncio.Runner()
        self._server = self._runner.run(ScriptedServer.start(self._script))

    async def _script(self, connection: Connection) -> None:
        await connection.answer(self.answer)
        connection.writer.close()

    async def _ask(self) -> tuple[object, object, Sending]:
        sending = Sending()
        async with client_of(self._server.base_url) as client:
            answer = await client.create(LETTER, SIGNATURE, in_time(), sending)
        async with client_of(self._server.base_url) as client:
            listing = await client.find(SIGNATURE)
        return answer, listing, sending

    def ask(self, answer: bytes) -> tuple[object, object, Sending]:
        """What a POST and a look-up make of these bytes."""
        self.answer = answer
        return self._runner.run(self._ask())

    def close(self) -> None:
        self._runner.run(self._server.stop())
        self._runner.close()


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    opened = Wire()
    yield opened
    opened.close()


@settings(max_examples=150, deadline=None)
@given(content=damaged(ANSWERS) | st.binary(max_size=60))
@example(content=ANSWERS[6])
@example(content=ANSWERS[7])
def test_any_bytes_over_the_wire(content: bytes, wire: Wire) -> None:
    answer, listing, sending = wire.ask(content)

    assert sending.started
    assert isinstance(answer, Reply | Fault)
    assert isinstance(listing, Listing | Reply | Fault)
    assert classify(answer) is not Verdict.UNREACHED
    if classify(answer) is Verdict.DONE:
        assert isinstance(answer, Reply)
        assert (answer.code, answer.http_status in (200, 201)) == (0, True)
    if isinstance(answer, Fault):
        assert answer.detail.isprintable()
        assert len(answer.detail) <= 200
    if listing == Listing(job_ids=()):
        assert b"jobList" in content
