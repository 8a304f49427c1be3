"""The stub as whoever measures sees it: started, asked what it saw, and ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from tests.bench.speed.usage import stub_core

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """Where the stub is. ``base_url`` is what batcher wants, ``jobs_url`` what everybody posts to."""

    origin: str

    @property
    def base_url(self) -> str:
        return f"{self.origin}/molpro"

    @property
    def jobs_url(self) -> str:
        return f"{self.base_url}/jobs"

    def traffic(self) -> dict[str, Any]:
        """What it saw since it last forgot; see ``traffic.py``."""
        found: dict[str, Any] = json.loads(self._ask("/bench/traffic"))
        return found

    def forget(self) -> None:
        """Makes it begin anew, with no jobs."""
        self._ask("/bench/forget")

    def _ask(self, path: str) -> bytes:
        with urlopen(self.origin + path, timeout=60) as reply:
            answer: bytes = reply.read()
        return answer


@contextmanager
def running_stub(latency_ms: float = 0.0) -> Iterator[Remote]:
    """A stub on a core of its own while inside."""
    command = [sys.executable, "-m", "tests.bench.speed.stub", "--latency-ms", str(latency_ms)]
    stub = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert stub.stdin is not None
    assert stub.stdout is not None
    try:
        if (core := stub_core()) is not None:
            os.sched_setaffinity(stub.pid, {core})
        yield Remote(origin=f"http://127.0.0.1:{int(stub.stdout.readline())}")
    finally:
        stub.stdin.close()
        stub.wait(timeout=30)
        stub.stdout.close()
