"""What the benchmark needs to know of a client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from tests.bench.speed.remote import Remote

MEMORY: Final = Path("/dev/shm")
"""Where Linux has files that are on no disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """
    What a client is to do: post every row once, so many at a time, from an empty folder.

    ``manifest`` and ``forms`` hold the same rows, see ``rows.py``; ``memory`` is an empty folder too, below ``MEMORY``
    where there is such, and gone afterwards.
    """

    folder: Path
    memory: Path
    remote: Remote
    rows: int
    at_once: int
    manifest: Path
    forms: Path


class Client(Protocol):
    """
    One client, used in one way.

    Attributes:
        name: As it stands in the tables, in Markdown.
        share: Which share of the rows it is given, so that a slow one does not take all the time.
        environment: Variables that it needs.
    """

    name: str
    share: float
    environment: Mapping[str, str]

    def missing(self) -> str | None:
        """How to install it; None where it is there."""

    def version(self) -> str:
        """Its name and version. Only asked where it is not missing."""

    def command(self, errand: Errand) -> list[str]:
        """The command line, run in the errand's folder; writes what the client reads, which is not measured."""
