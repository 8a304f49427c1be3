"""No space left in the middle of a run: nothing more is sent, one line says so, and a run with space again finishes."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.acceptance.conftest import emulator
from tests.faults.audit import compare, read_book
from tests.faults.blows import until
from tests.faults.conftest import WINDOW_S, PatientShell
from tests.faults.proxy import proxied
from tests.faults.trouble import limit_files

ROWS = 150
QUICK = ("--concurrency", "4", "--timeout", "3", "--settle", "1", "--log-format", "json", "--drain-timeout", "2")
_DETACH = 2
"""Of umount2: goes away as soon as nobody uses it any more."""

SAYS = ("error: no space left for the ledger ", "error: the disk failed while the ledger ")


class SmallDisk:
    """A file system of its own, filled by a file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self, process: subprocess.Popen[str]) -> None:
        with self._filler.open("wb", buffering=0) as filler, suppress(OSError):
            while filler.write(b"\0" * 4096):
                pass

    def empty(self) -> None:
        self._filler.unlink()


class ShortFiles:
    """A process that may write no file beyond the size that the ledger's log has already."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, process: subprocess.Popen[str]) -> None:
        limit_files(process, (self.folder / "batcher.db-wal").stat().st_size)

    def empty(self) -> None:
        """The next process has no such limit."""


@contextmanager
def disk(folder: Path, kind: str) -> Iterator[SmallDisk | ShortFiles]:
    """A disk that can be filled; where nothing may be mounted, always the second kind."""
    place = folder / "disk"
    place.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    if kind == "mounted" and libc.mount(b"tmpfs", os.fsencode(place), b"tmpfs", 0, b"size=16m") == 0:
        try:
            yield SmallDisk(place)
        finally:
            libc.umount2(os.fsencode(place), _DETACH)
    else:
        yield ShortFiles(place)


@pytest.mark.parametrize("kind", ["mounted", "limited"])
def test_a_full_disk_stops_the_run_before_the_next_intent_and_the_next_run_finishes(
    shell: PatientShell, tmp_path: Path, kind: str
) -> None:
    with (
        disk(tmp_path, kind) as place,
        emulator(tmp_path, "--latency", "0.05") as sandbox,
        proxied(sandbox.url) as thread,
    ):
        shell.folder = place.folder
        shell.manifest(ROWS)
        run = ("run", "letters.csv", "--base-url", thread.proxy.url, *QUICK)
        process = shell.start(*run)
        assert until(lambda: sandbox.stats()["jobs_created"] >= 10)
        place.fill(process)
        out, err = process.communicate(timeout=120)
        place.empty()
        made = sandbox.stats()["jobs_created"]
        book = read_book(place.folder / "batcher.db")
        findings = compare(
            book, sandbox.jobs(), thread.proxy.asked, window_s=WINDOW_S, slack_s=1.0 + 2 * thread.proxy.late_s
        )
        last = shell.here(*run)
        stats = sandbox.stats()

    said = [line for line in err.splitlines() if not line.startswith("{")]
    assert (process.returncode, out, len(said)) == (12, "", 1), err
    assert said[0].startswith(SAYS)
    assert made < ROWS
    # Every request that came had an intent in the ledger, and every job has a row that knows of it.
    assert findings.words == []
    assert last.returncode == 0, last.stderr
    assert (stats["jobs_created"], stats["repeated_signatures"]) == (ROWS, 0)
