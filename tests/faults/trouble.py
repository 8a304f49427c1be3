"""Trouble that a machine makes for a run: a ledger that somebody else has locked, files that cannot grow."""

from __future__ import annotations

import resource
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def locked(ledger: Path) -> Iterator[None]:
    """Another program holds SQLite's write lock."""
    with closing(sqlite3.connect(ledger, isolation_level=None, timeout=30.0)) as db:
        db.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            db.execute("ROLLBACK")


def limit_files(process: subprocess.Popen[str], size: int) -> None:
    """From now on the process may write no file beyond ``size`` bytes, as if there were no space for more."""
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
