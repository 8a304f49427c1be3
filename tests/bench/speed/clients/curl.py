"""
curl with ``--parallel``: a config file with one request a row, separated by ``next``.

With the replies thrown away, for which the quickest way is to write them all to /dev/null; and with each kept in a file
of its own, without which there are no job ids, on the disk and in memory. What thousands of new files cost on a disk
depends on what was deleted there in the minutes before, so that this figure comes and goes; the one in memory does not.

``--parallel-immediate`` makes no difference here. Many a curl opens no more than 300 connections, whatever
``--parallel-max`` says.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from tests.bench.peers.contestant import PASSWORD, USER
from tests.bench.peers.curl import Curl as Peer
from tests.bench.speed.clients.client import MEMORY, Errand


class Curl:
    """One process for all rows, replies thrown away."""

    name = "`curl --parallel`, replies thrown away"
    share = 1.0
    environment: Mapping[str, str] = MappingProxyType({})

    def missing(self) -> str | None:
        return None if shutil.which("curl") else "apt-get install curl"

    def version(self) -> str:
        return Peer().version()

    def command(self, errand: Errand) -> list[str]:
        replies = self._replies(errand)
        with errand.forms.open() as forms, (errand.folder / "letters.curl").open("w") as out:
            for row, form in enumerate(forms, start=1):
                gap = "next\n" if row > 1 else ""
                kept = "" if replies is None else f'output = "{replies}/{row}.xml"\n'
                letter = f'url = "{errand.remote.jobs_url}"\nuser = "{USER}:{PASSWORD}"\ndata = "{form.strip()}"\n'
                out.write(f"{gap}{letter}{kept}")
        at_once = f"--parallel --parallel-immediate --parallel-max {errand.at_once}"
        return ["sh", "-c", f"exec curl --silent {at_once} --config letters.curl >/dev/null"]

    def _replies(self, errand: Errand) -> Path | None:
        return None


class CurlKept(Curl):
    """The same with each reply in a file."""

    name = "`curl --parallel`, replies kept"

    def _replies(self, errand: Errand) -> Path | None:
        (errand.folder / "replies").mkdir()
        return errand.folder / "replies"


class CurlKeptInMemory(Curl):
    """The same where files cost least."""

    name = "`curl --parallel`, replies kept in memory"

    def missing(self) -> str | None:
        return super().missing() if MEMORY.is_dir() else f"mount -t tmpfs none {MEMORY}"

    def _replies(self, errand: Errand) -> Path | None:
        return errand.memory
