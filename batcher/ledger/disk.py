"""The disk under a ledger: how much room it has, and whether a write gets through to it."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

_PAGE_BYTES: Final = 4096
_BESIDE: Final = ("", "-wal", "-shm", ".lock")
"""What a run writes, behind the ledger's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """
    ``free_files`` is None where the file system does not count them. ``write_s`` is how long a page took until the
    disk said that it has it; None where nothing can be written, and ``trouble`` says why.
    """

    free_bytes: int | None = None
    free_files: int | None = None
    write_s: float | None = None
    trouble: str | None = None


def look_at_disk(ledger: Path) -> Disk:
    """Measures the disk that the ledger lies on, or would lie on. What is written for that leaves no trace."""
    real = ledger.resolve()
    try:
        disk = _room(real.parent)
        locked_out = [f"{real.name}{end}" for end in _BESIDE if _is_locked_out(real.with_name(real.name + end))]
        if locked_out:
            return replace(disk, trouble=f"{locked_out[0]} may not be written")
        return replace(disk, write_s=_time_a_write(real.parent))
    except FileNotFoundError:
        return Disk(trouble=f"there is no folder {real.parent}")
    except OSError as error:
        return Disk(trouble=f"nothing can be written in {real.parent}: {error.strerror or error}")


def _room(folder: Path) -> Disk:
    if sys.platform == "win32":
        return Disk(free_bytes=shutil.disk_usage(folder).free)
    found = os.statvfs(folder)
    return Disk(free_bytes=found.f_bavail * found.f_frsize, free_files=found.f_favail if found.f_files else None)


def _is_locked_out(file: Path) -> bool:
    return file.exists() and not os.access(file, os.W_OK)


def _time_a_write(folder: Path) -> float:
    """Seconds. The file has no name, or loses it before it is written to: it goes with the process in any case."""
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        began = time.monotonic()
        file.write(bytes(_PAGE_BYTES))
        os.fsync(file.fileno())
        return time.monotonic() - began
