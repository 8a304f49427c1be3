"""What a process used, from its start to its end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

_STOPWATCH = Path(__file__).with_name("stopwatch.py")


class ClientFailed(Exception):
    """A process of the benchmark did not end well; says what it said last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """``began_at`` is a time of day, in seconds since 1970."""

    began_at: float
    wall_s: float
    user_s: float
    system_s: float
    peak_kib: int
    exit_code: int

    @property
    def cpu_s(self) -> float:
        return self.user_s + self.system_s

    @property
    def peak_mib(self) -> float:
        return self.peak_kib / 1024

    def raw(self) -> dict[str, float]:
        """As it stands in the JSON file."""
        return asdict(self)


def stub_core() -> int | None:
    """The core that the stub has to itself; None on a machine with one."""
    return min(_cores()) if len(_cores()) > 1 else None


def client_core() -> int | None:
    """The core that whoever is measured has to itself."""
    return max(_cores()) if len(_cores()) > 1 else None


def measure(
    command: Sequence[str],
    folder: Path,
    *,
    environment: Mapping[str, str] | None = None,
    limit_s: int = 300,
) -> Usage:
    """
    Runs a command in a folder to its end, alone on its core.

    Raises:
        ClientFailed: it ended otherwise than well, or took longer than ``limit_s``.
    """
    report, out = folder / "usage.json", folder / "words.txt"
    core = client_core()
    watch = [sys.executable, "-I", "-S", str(_STOPWATCH), str(report), "-" if core is None else str(core)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BATCHER_")}
    subprocess.run(
        [*watch, str(limit_s), str(out), *command], cwd=folder, env=clean | dict(environment or {}), check=True
    )
    usage = Usage(**json.loads(report.read_text()))
    if usage.exit_code:
        said = " ".join(out.read_text(errors="replace").split())[-500:]
        raise ClientFailed(f"{' '.join(command)[:200]} ended with {usage.exit_code}: {said}")
    return usage


def _cores() -> set[int]:
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
