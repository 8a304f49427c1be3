"""What the comparison needs to know of a tool, and where the tool works."""

from __future__ import annotations

import csv
import importlib.metadata
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode

from tests.bench.peers.scenario import COLUMNS, Limits, Scenario

USER, PASSWORD = "user", "any"
_JOB_ID = re.compile(r"<id>([1-9]\d*)</id>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """
    An empty folder with the rows in it, and the remote's address.

    ``letters.csv`` has them all; ``rows/001.form`` and so on have one each, encoded as the body of a request.
    """

    folder: Path
    url: str
    limits: Limits

    @property
    def forms(self) -> list[Path]:
        """The bodies, in the order of the rows."""
        return sorted((self.folder / "rows").iterdir())

    def read(self, name: str) -> str:
        """A file that a tool wrote here; empty where it came to none."""
        path = self.folder / name
        return path.read_text() if path.exists() else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a run of a tool printed."""

    stdout: str
    stderr: str

    def last(self) -> str:
        """The last line of its output, or of its errors where it has no output."""
        lines = (self.stdout.strip() or self.stderr.strip()).splitlines()
        return lines[-1].strip() if lines else "not a word"


class Contestant(Protocol):
    """
    One tool, used in one way.

    Attributes:
        name: As it stands in the table, in Markdown.
        resumes: Whether its user runs it again after a failure or a kill.
        made_for: What the tool is for, and what it is not, in a sentence or two.
    """

    name: str
    resumes: bool
    made_for: str

    def missing(self) -> str | None:
        """How to install it; None where it is there."""

    def version(self) -> str:
        """Its name and version. Only asked where it is not missing."""

    def command(self, desk: Desk) -> list[str]:
        """The command line, run in the desk's folder; writes what the tool reads. Asked before each run."""

    def known_jobs(self, desk: Desk) -> set[str]:
        """Ids of jobs in the record that the tool keeps."""

    def summary(self, words: Words, desk: Desk) -> str:
        """What it told its user at the end, in short."""


def lay_out(scenario: Scenario, folder: Path, url: str) -> Desk:
    """Write the rows into an empty folder."""
    letters = scenario.letters()
    with (folder / "letters.csv").open("w", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        writer.writerows(letters)
    (folder / "rows").mkdir()
    for number, letter in enumerate(letters, start=1):
        (folder / "rows" / f"{number:03}.form").write_text(urlencode(letter))
    return Desk(folder=folder, url=url, limits=scenario.limits)


def job_ids(text: str) -> set[str]:
    """Ids of jobs in replies of the remote; a refusal has the id 0, which is none."""
    return set(_JOB_ID.findall(text))


def package_version(package: str) -> str | None:
    """Of an installed Python package; None where it is not installed."""
    try:
        return f"{package} {importlib.metadata.version(package)}"
    except importlib.metadata.PackageNotFoundError:
        return None
