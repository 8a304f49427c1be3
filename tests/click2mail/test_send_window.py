"""A late intent is refused where the bytes are written: not one of them arrives."""

import asyncio
import contextlib
from collections.abc import Callable

import pytest

from batcher.click2mail import connection as connections
from batcher.click2mail.client import Click2MailClient, Clocks, Sending
from batcher.click2mail.clocks import boot_time_s
from batcher.click2mail.fault import fault_of
from batcher.core.outcome import Fault, FaultKind, Reply

from .builders import LETTER, SIGNATURE, HandClock, client_of, in_time, remote
from .scripted_server import CREATED, Connection, ScriptedServer, http_reply

pytestmark = pytest.mark.usefixtures("lane")
Serve = Callable[..., ScriptedServer]
MADE = Reply(http_status=201, code=0, job_id=13331417, description="Created")
JUMPS = [{"monotonic_s": 6.0}, {"boot_s": 6.0}, {"monotonic_s": 6.0, "boot_s": 6.0}]


def jump(clock: HandClock, seconds: dict[str, float]) -> None:
    for name, step in seconds.items():
        setattr(clock, name, getattr(clock, name) + step)


async def posts_at(server: ScriptedServer) -> list[int]:
    """How many requests came on each connection on which a byte came; connections arrive in their order."""
    await server.endings()
    return [received.count(b"POST /molpro/jobs HTTP/1.1\r\n") for received in server.received if received]


async def answering(connection: Connection) -> None:
    while True:
        await connection.answer(http_reply(CREATED))


@pytest.mark.parametrize("late", JUMPS)
async def test_a_stale_intent_sends_nothing(serve: Serve, late: dict[str, float]) -> None:
    server = await serve(answering)
    clock, sending = HandClock(), Sending()
    deadline = clock.clocks().deadline(5.0)
    jump(clock, late)
    async with Click2MailClient(remote(server.base_url), clock.clocks()) as client:
        answer = await client.create(LETTER, SIGNATURE, deadline, sending)
        in_the_end = await client.create(LETTER, SIGNATURE, clock.clocks().deadline(5.0))

    assert isinstance(answer, Fault)
    assert answer.kind is FaultKind.STALE_INTENT
    assert not sending.started
    assert in_the_end == MADE
    assert await posts_at(server) == [1]


@pytest.mark.parametrize("late", JUMPS)
async def test_an_intent_that_goes_stale_while_connecting_sends_nothing(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, late: dict[str, float]
) -> None:
    server = await serve(answering)
    clock = HandClock()
    open_socket = connections._open_socket

    def slow_open(*args: object) -> object:
        jump(clock, late)
        return open_socket(*args)

    monkeypatch.setattr(connections, "_open_socket", slow_open)
    async with Click2MailClient(remote(server.base_url), clock.clocks()) as client:
        answer = await client.create(LETTER, SIGNATURE, clock.clocks().deadline(5.0))
        monkeypatch.undo()
        in_the_end = await client.create(LETTER, SIGNATURE, clock.clocks().deadline(5.0))

    assert isinstance(answer, Fault)
    assert answer.kind is FaultKind.STALE_INTENT
    assert in_the_end == MADE
    assert await posts_at(server) == [1]


async def test_a_stale_intent_sends_nothing_on_a_connection_in_use(serve: Serve) -> None:
    server = await serve(answering)
    clock = HandClock()
    deadline = clock.clocks().deadline(5.0)
    async with Click2MailClient(remote(server.base_url), clock.clocks()) as client:
        first = await client.create(LETTER, SIGNATURE, deadline)
        jump(clock, JUMPS[1])
        second = await client.create(LETTER, SIGNATURE, deadline)
        third = await client.create(LETTER, SIGNATURE, clock.clocks().deadline(5.0))

    assert (first, third) == (MADE, MADE)
    assert isinstance(second, Fault)
    assert second.kind is FaultKind.STALE_INTENT
    assert await posts_at(server) == [1, 1]


async def test_an_intent_is_good_to_its_very_end(serve: Serve) -> None:
    server = await serve(answering)
    clock = HandClock()
    deadline = clock.clocks().deadline(5.0)
    jump(clock, {"monotonic_s": 5.0, "boot_s": 5.0})
    async with Click2MailClient(remote(server.base_url), clock.clocks()) as client:
        assert await client.create(LETTER, SIGNATURE, deadline) == MADE


def test_the_clocks_of_this_machine_go_forward() -> None:
    clocks = Clocks()
    deadline = clocks.deadline(0.0)

    assert clocks.is_past(clocks.deadline(60.0)) is False
    assert clocks.is_past(deadline) is True
    assert boot_time_s() >= deadline.boot


async def test_a_cancelled_caller_learns_that_the_request_was_sent(serve: Serve) -> None:
    arrived = asyncio.Event()

    async def script(connection: Connection) -> None:
        await connection.request()
        arrived.set()

    server = await serve(script)
    sending = Sending()
    async with client_of(server.base_url) as client:
        task = asyncio.create_task(client.create(LETTER, SIGNATURE, in_time(), sending))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as cancelled:
            await task

    assert fault_of(cancelled.value, sending.started).kind is FaultKind.CANCELLED
    assert await server.endings() == ["reset"]


async def test_a_cancelled_caller_learns_that_nothing_was_sent(serve: Serve) -> None:
    """The server never shakes hands over TLS, so the client is still connecting."""
    greeted = asyncio.Event()

    async def script(connection: Connection) -> None:
        await connection.reader.readexactly(1)
        greeted.set()

    server = await serve(script)
    sending = Sending()
    async with client_of(server.base_url.replace("http:", "https:")) as client:
        task = asyncio.create_task(client.create(LETTER, SIGNATURE, in_time(), sending))
        await greeted.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as cancelled:
            await task

    assert fault_of(cancelled.value, sending.started).kind is FaultKind.NOT_SENT


@pytest.mark.parametrize("steps", range(12))
async def test_cancelling_anywhere_tells_the_truth(serve: Serve, steps: int) -> None:
    """Cancelled after any number of turns of the loop: what arrived is never more than what is admitted."""
    server = await serve(answering)
    sending = Sending()
    async with client_of(server.base_url) as client:
        task = asyncio.create_task(client.create(LETTER, SIGNATURE, in_time(), sending))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    await server.endings()
    assert sending.started or b"".join(server.received) == b""
