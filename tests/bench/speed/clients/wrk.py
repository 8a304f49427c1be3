"""wrk, which posts one and the same row for a while: what a client can do at all. It makes no jobs of a manifest."""

from __future__ import annotations

import shutil
import subprocess
from base64 import b64encode
from collections.abc import Mapping
from types import MappingProxyType

from tests.bench.peers.contestant import PASSWORD, USER
from tests.bench.speed.clients.client import Errand

_ROWS_A_SECOND = 8000
"""It is given time and not rows: so many seconds that the others' rows would take at this rate."""


class Wrk:
    """One thread."""

    name = "wrk (one row, over and over)"
    share = 1.0
    environment: Mapping[str, str] = MappingProxyType({})

    def missing(self) -> str | None:
        return None if shutil.which("wrk") else "apt-get install wrk"

    def version(self) -> str:
        said = subprocess.run(["wrk", "--version"], capture_output=True, text=True).stdout
        return " ".join(said.split()[:2])

    def command(self, errand: Errand) -> list[str]:
        with errand.forms.open() as forms:
            form = forms.readline().strip()
        credentials = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        (errand.folder / "post.lua").write_text(
            f'wrk.method = "POST"\nwrk.body = "{form}"\n'
            'wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"\n'
            f'wrk.headers["Authorization"] = "Basic {credentials}"\n'
        )
        seconds = max(1, round(errand.rows / _ROWS_A_SECOND))
        connections = ("--threads", "1", "--connections", str(errand.at_once))
        return ["wrk", *connections, "--duration", f"{seconds}s", "--script", "post.lua", errand.remote.jobs_url]
