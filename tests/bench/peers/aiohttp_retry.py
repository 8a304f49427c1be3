"""
A loop of forty lines with aiohttp and aiohttp_retry, as one writes it: ``aiohttp_retry_loop.py``.

It appends each reply to a record as it comes, and leaves out the rows that have a job there when it is run again.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.bench.peers.contestant import Desk, Words, job_ids, package_version

_LOOP = Path(__file__).with_name("aiohttp_retry_loop.py")


class AiohttpRetry:
    """The loop, as a process of its own."""

    name = "a loop with `aiohttp_retry`"
    resumes = True
    made_for = "Gives aiohttp's client retries. What may be sent again is for the caller to say."

    def missing(self) -> str | None:
        return None if package_version("aiohttp-retry") else "pip install aiohttp-retry"

    def version(self) -> str:
        return f"{package_version('aiohttp-retry')}, {package_version('aiohttp')}"

    def command(self, desk: Desk) -> list[str]:
        limits = desk.limits
        numbers = (str(limits.timeout_s), str(limits.attempts), str(limits.at_once))
        # -P: beside the loop lie files that are named after other packages.
        return [sys.executable, "-P", str(_LOOP), f"{desk.url}/jobs", "letters.csv", "record.jsonl", *numbers]

    def known_jobs(self, desk: Desk) -> set[str]:
        return job_ids(desk.read("record.jsonl"))

    def summary(self, words: Words, desk: Desk) -> str:
        return f"“{words.last()}”"
