"""
batcher, with its defaults but for what all are told alike, and ``--settle``.

The sandbox has made a job when a reply is late, so waiting the usual five minutes after silence would only take time.
"""

from __future__ import annotations

import csv
import sys

from tests.bench.peers.contestant import Desk, Words, package_version


class Batcher:
    """One process for all rows, and a ledger."""

    name = "`batcher run`"
    resumes = True
    made_for = "Made for this one remote: it can look a job up there, which a general tool cannot know how to do."

    def missing(self) -> str | None:
        return None

    def version(self) -> str:
        return str(package_version("batcher"))

    def command(self, desk: Desk) -> list[str]:
        limits = desk.limits
        return [
            *(sys.executable, "-m", "batcher", "run", "letters.csv", "--base-url", desk.url),
            *("--concurrency", str(limits.at_once), "--timeout", f"{limits.timeout_s}s"),
            *("--max-attempts", str(limits.attempts), "--settle", f"{limits.timeout_s}s"),
        ]

    def known_jobs(self, desk: Desk) -> set[str]:
        results = csv.DictReader(desk.read("letters.results.csv").splitlines())
        return {row["job_id"] for row in results} - {""}

    def summary(self, words: Words, desk: Desk) -> str:
        """The counts of its summary: a word and a number a line."""
        pairs = (line.split(maxsplit=1) for line in words.stdout.splitlines() if line.strip())
        counts = [(name, value) for name, value in pairs if value.isdecimal()]
        return "“" + ", ".join(f"{name} {value}" for name, value in counts) + "”"
