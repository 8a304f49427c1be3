"""A bare loop with aiohttp, on either event loop: ``loops/bare.py``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import MappingProxyType

from tests.bench.peers.contestant import package_version
from tests.bench.speed.clients.client import Errand
from tests.bench.speed.remote import ROOT


class Bare:
    """The default event loop."""

    name = "bare aiohttp loop"
    share = 1.0
    environment: Mapping[str, str] = MappingProxyType({"PYTHONPATH": str(ROOT)})

    def missing(self) -> str | None:
        return None

    def version(self) -> str:
        return str(package_version("aiohttp"))

    def command(self, errand: Errand) -> list[str]:
        loop = "tests.bench.speed.loops.bare"
        return [sys.executable, "-m", loop, errand.remote.jobs_url, str(errand.forms), str(errand.at_once)]


class BareUvloop(Bare):
    """On uvloop."""

    name = "bare aiohttp loop, uvloop"

    def missing(self) -> str | None:
        return None if package_version("uvloop") else "pip install uvloop"

    def version(self) -> str:
        return f"{package_version('aiohttp')}, {package_version('uvloop')}"

    def command(self, errand: Errand) -> list[str]:
        return [*super().command(errand), "--uvloop"]
