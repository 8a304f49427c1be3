"""The session's way to refuse a late intent: the body's own write."""

import pytest
from aiohttp.abc import AbstractStreamWriter

from batcher.click2mail.client import Clocks, Deadline, Sending
from batcher.click2mail.sending import AlreadyOver, GuardedBody, StaleIntent

from .builders import HandClock, in_time


class PaperWriter(AbstractStreamWriter):
    """Keeps what is written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    async def write(self, chunk: bytes) -> None:
        self.written.append(chunk)

    async def write_eof(self, chunk: bytes = b"") -> None: ...
    async def drain(self) -> None: ...
    async def write_headers(self, *_: object) -> None: ...
    def enable_compression(self, *_: object) -> None: ...
    def enable_chunking(self) -> None: ...


async def test_a_body_is_written_once() -> None:
    writer, sending = PaperWriter(), Sending()
    body = GuardedBody(b"a=1", in_time(), Clocks(), sending)
    await body.write(writer)
    for write_again in (body.write(writer), body.write_with_length(writer, 3)):
        with pytest.raises(AlreadyOver):
            await write_again

    assert writer.written == [b"a=1"]
    assert sending.started


async def test_a_body_that_was_given_up_is_not_written() -> None:
    writer, sending = PaperWriter(), Sending()
    body = GuardedBody(b"a=1", in_time(), Clocks(), sending)
    body.close_attempt(answered=False)
    with pytest.raises(AlreadyOver):
        await body.write(writer)

    assert writer.written == []
    assert not sending.started


async def test_a_late_body_is_not_written() -> None:
    writer, sending, clock = PaperWriter(), Sending(), HandClock()
    body = GuardedBody(b"a=1", Deadline(monotonic=0.0, boot=0.0), clock.clocks(), sending)
    with pytest.raises(StaleIntent):
        await body.write_with_length(writer, 3)

    assert writer.written == []
    assert not sending.started
