"""Loops of a page or less in Python, each a process of its own: ``loops/``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import MappingProxyType

from tests.bench.peers.contestant import package_version
from tests.bench.speed.clients.client import Errand
from tests.bench.speed.remote import ROOT


class Loop:
    """
    One of them.

    Args:
        module: In ``loops/``.
        packages: What it needs.
        keeps_record: It reads the manifest and keeps the replies in a file; else it reads encoded forms.
    """

    environment: Mapping[str, str] = MappingProxyType({"PYTHONPATH": str(ROOT)})

    def __init__(
        self,
        name: str,
        module: str,
        packages: tuple[str, ...],
        *,
        share: float = 1.0,
        keeps_record: bool = False,
        options: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.share = share
        self._keeps_record = keeps_record
        self._module = f"tests.bench.speed.loops.{module}"
        self._packages = packages
        self._options = options

    def missing(self) -> str | None:
        absent = [package for package in self._packages if package_version(package) is None]
        return f"pip install {' '.join(absent)}" if absent else None

    def version(self) -> str:
        return ", ".join(str(package_version(package)) for package in self._packages)

    def command(self, errand: Errand) -> list[str]:
        files = [str(errand.manifest), "record.jsonl"] if self._keeps_record else [str(errand.forms)]
        module = (sys.executable, "-m", self._module)
        return [*module, errand.remote.jobs_url, *files, str(errand.at_once), *self._options]


BARE = Loop("bare aiohttp loop", "bare", ("aiohttp",))
BARE_UVLOOP = Loop("bare aiohttp loop, uvloop", "bare", ("aiohttp", "uvloop"), options=("--uvloop",))
USUAL = Loop("aiohttp as people write it", "usual", ("aiohttp", "tenacity"), share=0.4, keeps_record=True)
THREADS = Loop("requests in threads", "threads", ("requests",), share=0.1, keeps_record=True)
