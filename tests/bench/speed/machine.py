"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.peers.contestant import package_version
from tests.bench.speed.clients.client import Client


def facts(folder: Path, clients: Iterable[Client]) -> dict[str, str]:
    """By name; ``folder`` is where the ledgers are."""
    return {
        "date": str(datetime.now(UTC).date()),
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "processor": _processor(),
        "kernel": f"{platform.system()} {platform.release()}",
        "disk": _file_system(folder),
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        "clients": ", ".join(dict.fromkeys(_versions(clients))),
        "load before": f"{os.getloadavg()[0]:.1f}",
    }


def _versions(clients: Iterable[Client]) -> Iterable[str]:
    yield str(package_version("aiohttp"))
    for client in clients:
        if client.missing() is None:
            yield from client.version().split(", ")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _file_system(folder: Path) -> str:
    """A ledger in memory would be no measurement of fsync."""
    if not shutil.which("stat"):
        return "unknown"
    said = subprocess.run(["stat", "-f", "-c", "%T", str(folder)], capture_output=True, text=True)
    return said.stdout.strip() or "unknown"
