"""
reqstorm's command: a request a row of the CSV file, its values in the address.

The command has no body a row, only an address a row (``--template``); the remote takes its parameters there too, so it
can do this. ``--resume`` knows a request by method and address: with the same address for every row it would take all
of them for done after the first. ``--flush-interval 0`` writes each result at once, so that a kill costs the least.
"""

from __future__ import annotations

import base64
import json
import sys

from tests.bench.peers.contestant import PASSWORD, USER, Desk, Words, job_ids, package_version
from tests.bench.peers.scenario import COLUMNS

_RESULTS = "results.jsonl"


class Reqstorm:
    """One process for all rows."""

    name = "`reqstorm --retries --resume`"
    resumes = True
    made_for = "Sends batches of requests at a pace and keeps a result of each. A POST is retried like a GET."

    def missing(self) -> str | None:
        return None if package_version("reqstorm") else "pip install reqstorm"

    def version(self) -> str:
        return str(package_version("reqstorm"))

    def command(self, desk: Desk) -> list[str]:
        limits = desk.limits
        address = f"{desk.url}/jobs?" + "&".join(f"{name}={{{name}}}" for name in COLUMNS)
        credentials = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        return [
            *(sys.executable, "-m", "reqstorm", "letters.csv", "--template", address, "--method", "POST"),
            *("--header", f"Authorization: Basic {credentials}"),
            *("--retries", str(limits.attempts - 1), "--timeout", str(limits.timeout_s)),
            *("--concurrency", str(limits.at_once)),
            *("--output", _RESULTS, "--resume", "--flush-interval", "0"),
        ]

    def known_jobs(self, desk: Desk) -> set[str]:
        lines = desk.read(_RESULTS).splitlines()
        return set[str]().union(*(job_ids(json.loads(line).get("body") or "") for line in lines))

    def summary(self, words: Words, desk: Desk) -> str:
        return f"“{words.last()}”"
