"""A visit to the account: is somebody there, are we let in, what is left to spend, and what time is it there."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from batcher.core.job import Balance, BalanceAnswer
from batcher.core.outcome import Fault, FaultKind

from .client import Click2MailClient
from .clocks import Clocks
from .http_date import http_date
from .job import read_balance
from .page import Page

_CAP_BYTES: Final = 64 * 1024
_PATIENCE_S: Final = 30.0
"""Shorter than an attempt may take: a person is waiting, and nothing is lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """
    What ``GET /credit`` told, and how long it took there and back.

    ``date`` is what the remote's clock showed, in whole seconds and cut off, None where it did not say; ``at`` what
    ours showed halfway between question and answer.
    """

    answer: BalanceAnswer
    round_trip_s: float
    date: datetime | None
    at: datetime


async def visit(client: Click2MailClient, clocks: Clocks | None = None) -> Visit:
    """Asks once; where that is answered well once more, because only then there is a connection to time it over."""
    clocks = Clocks() if clocks is None else clocks
    first = await _ask(client, clocks)
    return await _ask(client, clocks) if isinstance(first.answer, Balance) else first


async def _ask(client: Click2MailClient, clocks: Clocks) -> Visit:
    asked, asked_at = clocks.monotonic(), clocks.wall()
    page = await _credit_page(client)
    took_s = clocks.monotonic() - asked
    at = asked_at + timedelta(seconds=took_s / 2)
    if isinstance(page, Fault):
        return Visit(answer=page, round_trip_s=took_s, date=None, at=at)
    date = None if page.date is None else http_date(page.date, asked_at)
    return Visit(answer=read_balance(page), round_trip_s=took_s, date=date, at=at)


async def _credit_page(client: Click2MailClient) -> Page | Fault:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await client.wire.get(client.addresses.credit, _CAP_BYTES)
    except TimeoutError:
        return Fault(kind=FaultKind.TIMEOUT, detail=f"no answer to GET /credit within {_PATIENCE_S:.0f} s")
