"""Whoever is measured, one file each."""

from __future__ import annotations

from tests.bench.speed.clients.batcher import Batcher
from tests.bench.speed.clients.client import Client
from tests.bench.speed.clients.curl import Curl, CurlKept, CurlKeptInMemory
from tests.bench.speed.clients.loop import BARE, BARE_UVLOOP, THREADS, USUAL
from tests.bench.speed.clients.reqstorm import Reqstorm
from tests.bench.speed.clients.wrk import Wrk

CLIENTS: tuple[Client, ...] = (
    Batcher(),
    Curl(),
    CurlKept(),
    CurlKeptInMemory(),
    BARE,
    BARE_UVLOOP,
    USUAL,
    THREADS,
    Reqstorm(),
    Wrk(),
)
QUICK_CLIENTS: tuple[Client, ...] = (Batcher(), Curl(), CurlKept(), CurlKeptInMemory(), BARE)
