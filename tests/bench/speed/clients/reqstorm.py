"""reqstorm, with a row's values in the query and a record of the replies, as its manual has it."""

from __future__ import annotations

import base64
import sys
from collections.abc import Mapping
from types import MappingProxyType

from tests.bench.peers.contestant import PASSWORD, USER
from tests.bench.peers.reqstorm import Reqstorm as Peer
from tests.bench.peers.scenario import COLUMNS
from tests.bench.speed.clients.client import Errand


class Reqstorm:
    """One process for all rows."""

    name = "reqstorm"
    share = 0.1
    environment: Mapping[str, str] = MappingProxyType({})

    def missing(self) -> str | None:
        return Peer().missing()

    def version(self) -> str:
        return Peer().version()

    def command(self, errand: Errand) -> list[str]:
        address = f"{errand.remote.jobs_url}?" + "&".join(f"{name}={{{name}}}" for name in COLUMNS)
        credentials = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        return [
            *(sys.executable, "-m", "reqstorm", str(errand.manifest), "--template", address, "--method", "POST"),
            *("--header", f"Authorization: Basic {credentials}"),
            *("--retries", "4", "--timeout", "120", "--concurrency", str(errand.at_once)),
            *("--output", "results.jsonl"),
        ]
