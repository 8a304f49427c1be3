"""A visit to the account: what it is told, how long it takes, and what time it is there."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from batcher.click2mail import visit as module
from batcher.click2mail.clocks import Clocks
from batcher.click2mail.visit import Visit, visit
from batcher.core.job import Balance
from batcher.core.outcome import Fault, FaultKind, Reply

from .builders import client_of
from .scripted_server import Connection, ScriptedServer, http_reply

Serve = Callable[..., ScriptedServer]
CREDIT = b"<credit><balance>12.5</balance><allowNegative>false</allowNegative></credit>"
DATE = "Date: Sat, 21 Nov 2026 20:00:00 GMT"
THEN = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


@dataclass
class Ticking:
    """Clocks that go on by a second whenever they are asked."""

    monotonic_s: float = 0.0
    seconds: list[float] = field(default_factory=list)

    def clocks(self) -> Clocks:
        return Clocks(monotonic=self._tick, wall=lambda: THEN + timedelta(seconds=self.monotonic_s))

    def _tick(self) -> float:
        self.monotonic_s += 1.0
        return self.monotonic_s


async def test_it_is_asked_twice_and_the_second_one_is_timed(serve: Serve) -> None:
    async def answering(connection: Connection) -> None:
        await connection.answer(http_reply(CREDIT, "200 OK", DATE))
        await connection.answer(http_reply(CREDIT.replace(b"12.5", b"13.5"), "200 OK", DATE))

    server = await serve(answering)
    async with client_of(server.base_url) as client:
        seen = await visit(client, Ticking().clocks())

    # The third tick is the second question, at 3 s; the fourth its answer.
    at = THEN + timedelta(seconds=3.5)
    assert seen == Visit(answer=Balance(micros=13_500_000), round_trip_s=1.0, date=THEN, at=at)
    assert server.received[0].count(b"GET /molpro/credit HTTP/1.1\r\n") == 2


async def test_where_we_are_not_let_in_it_is_asked_once(serve: Serve) -> None:
    async def refusing(connection: Connection) -> None:
        await connection.answer(http_reply(b"", "401 Unauthorized", DATE))

    server = await serve(refusing)
    async with client_of(server.base_url) as client:
        seen = await visit(client)

    assert (seen.answer, seen.date) == (Reply(http_status=401), THEN)
    assert server.received[0].count(b"GET ") == 1


@pytest.mark.parametrize("headers", [(), ("Date: yesterday",)], ids=["none", "nonsense"])
async def test_without_a_date_there_is_none(serve: Serve, headers: tuple[str, ...]) -> None:
    async def answering(connection: Connection) -> None:
        for _ in range(2):
            await connection.answer(http_reply(CREDIT, "200 OK", *headers))

    server = await serve(answering)
    async with client_of(server.base_url) as client:
        assert (await visit(client)).date is None


async def test_who_does_not_answer_is_not_waited_for_as_long_as_for_a_job(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(connection: Connection) -> None:
        await connection.request()

    server = await serve(silent)
    monkeypatch.setattr(module, "_PATIENCE_S", 0.05)
    async with client_of(server.base_url) as client, asyncio.timeout(60):
        seen = await visit(client)

    assert isinstance(seen.answer, Fault)
    assert (seen.answer.kind, seen.date) == (FaultKind.TIMEOUT, None)
