"""
curl with ``--parallel``: a config file with one request a row, separated by ``next``.

Twice: with the replies thrown away, for which the quickest way is to write them all to /dev/null, and with each kept in
a file of its own, without which there are no job ids. ``--parallel-immediate`` makes no difference here. More than 300
transfers at once the curl of most systems does not do, whatever ``--parallel-max`` says.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from types import MappingProxyType

from tests.bench.peers.contestant import PASSWORD, USER
from tests.bench.peers.curl import Curl as Peer
from tests.bench.speed.clients.client import Errand


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
        with errand.forms.open() as forms, (errand.folder / "letters.curl").open("w") as out:
            for row, form in enumerate(forms, start=1):
                out.write(self._request(errand.remote.jobs_url, row, form.strip()))
        at_once = f"--parallel --parallel-immediate --parallel-max {errand.at_once}"
        return ["sh", "-c", f"exec curl --silent {at_once} --config letters.curl >/dev/null"]

    def _request(self, url: str, row: int, form: str) -> str:
        gap = "next\n" if row > 1 else ""
        return f'{gap}url = "{url}"\nuser = "{USER}:{PASSWORD}"\ndata = "{form}"\n{self._output(row)}'

    def _output(self, row: int) -> str:
        return ""


class CurlKept(Curl):
    """The same with each reply in a file."""

    name = "`curl --parallel`, replies kept"

    def command(self, errand: Errand) -> list[str]:
        (errand.folder / "replies").mkdir()
        return super().command(errand)

    def _output(self, row: int) -> str:
        return f'output = "replies/{row}.xml"\n'
