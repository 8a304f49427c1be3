"""
``batcher run`` with everything on: validation, SQLite with synchronous=FULL, preflight, look-ups, log, results file.

Without ``--adaptive``, because everybody else is told how many to send at once too.
"""

from __future__ import annotations

import sys
from types import MappingProxyType

from tests.bench.peers.contestant import PASSWORD, USER, package_version
from tests.bench.speed.clients.client import Errand


class Batcher:
    """A fresh ledger each time."""

    name = "`batcher run`"
    share = 1.0
    environment = MappingProxyType({"BATCHER_USERNAME": USER, "BATCHER_PASSWORD": PASSWORD})

    def missing(self) -> str | None:
        return None

    def version(self) -> str:
        return f"{package_version('batcher')}, {package_version('uvloop')}"

    def command(self, errand: Errand) -> list[str]:
        return [
            *(sys.executable, "-m", "batcher", "run", str(errand.manifest), "--base-url", errand.remote.base_url),
            *("--concurrency", str(errand.at_once), "--no-adaptive"),
            *("--ledger", "batcher.db", "--results", "results.csv", "--campaign", "bench"),
        ]
