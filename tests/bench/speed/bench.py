"""The workplace of the benchmark: a folder, the rows, whoever failed, and a voice."""

from __future__ import annotations

import shutil
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

from tests.bench.speed.clients.client import Client, Errand
from tests.bench.speed.remote import Remote
from tests.bench.speed.rows import Rows
from tests.bench.speed.usage import ClientFailed, Usage, measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One client's run: what it used, and what the stub saw of it (see ``traffic.py``)."""

    client: str
    at_once: int
    rows: int
    round: int
    usage: Usage
    traffic: dict[str, float]

    def raw(self) -> dict[str, object]:
        """As it stands in the JSON file."""
        named = {"client": self.client, "at_once": self.at_once, "rows": self.rows, "round": self.round}
        return {**named, **self.usage.raw(), "traffic": self.traffic}


@dataclass(slots=True, kw_only=True)
class Bench:
    """
    ``quick`` asks every part for a taste of itself, ``million`` lets a million rows be sent.

    ``memory`` is where files are in memory. ``failed``: what did not end well, one line each.
    """

    folder: Path
    memory: Path
    quick: bool
    million: bool
    rows: Rows
    failed: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def say(self, words: str) -> None:
        """Progress, for whoever waits."""
        sys.stderr.write(f"{time.monotonic() - self.began:6.0f} s  {words}\n")
        sys.stderr.flush()

    def note(self, failure: str) -> None:
        """Something did not end well."""
        self.failed.append(failure)
        self.say(failure)

    def desk(self) -> Path:
        """
        An empty folder, which stays to the end.

        For minutes after thousands of files were deleted, ext4 takes several times as long to make new ones.
        """
        return Path(mkdtemp(dir=self.folder))

    def errand(self, remote: Remote, *, rows: int, at_once: int) -> Errand:
        """So many rows to post, in folders of their own."""
        return Errand(
            folder=self.desk(),
            memory=Path(mkdtemp(dir=self.memory)),
            remote=remote,
            rows=rows,
            at_once=at_once,
            manifest=self.rows.manifest(rows),
            forms=self.rows.forms(rows),
        )

    def run(self, client: Client, remote: Remote, *, rows: int, at_once: int, number: int) -> Run | None:
        """Lets a client post so many rows; None where it failed, which is noted."""
        errand = self.errand(remote, rows=rows, at_once=at_once)
        remote.forget()
        try:
            usage = measure(client.command(errand), errand.folder, environment=client.environment)
        except ClientFailed as failure:
            self.note(f"{client.name}: {failure}")
            return None
        finally:
            shutil.rmtree(errand.memory)
        traffic = remote.traffic()
        return Run(client=client.name, at_once=at_once, rows=rows, round=number, usage=usage, traffic=traffic)
