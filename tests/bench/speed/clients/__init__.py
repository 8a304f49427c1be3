"""Whoever is measured, one file each."""

from __future__ import annotations

from tests.bench.speed.clients.bare import Bare, BareUvloop
from tests.bench.speed.clients.batcher import Batcher
from tests.bench.speed.clients.client import Client
from tests.bench.speed.clients.curl import Curl, CurlKept
from tests.bench.speed.clients.wrk import Wrk

CLIENTS: tuple[Client, ...] = (Batcher(), Curl(), CurlKept(), Bare(), BareUvloop(), Wrk())
QUICK_CLIENTS: tuple[Client, ...] = (Batcher(), Curl(), CurlKept(), Bare())
