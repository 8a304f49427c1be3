"""One process at a time writes a ledger."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from batcher.core.errors import Exit, LedgerBusy
from batcher.ledger.sqlite import SqliteLedger, SqliteReader
from batcher.ledger.sqlite.lock import LedgerLock
from tests.ledger.builders import load

HOLD = """
import asyncio, sys
from pathlib import Path
from batcher.ledger.sqlite import SqliteLedger

async def main():
    ledger = await SqliteLedger.open(Path(sys.argv[1]))
    print("held", flush=True)
    sys.stdin.read()
    await ledger.close()

asyncio.run(main())
"""


@contextmanager
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the ledger open until its standard input is closed."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


async def test_a_second_process_is_told_who_has_the_ledger(path: Path) -> None:
    with holder(path) as process:
        with pytest.raises(LedgerBusy, match=f"in use by process {process.pid} on .+ since ") as caught:
            await SqliteLedger.open(path)

        assert caught.value.exit_code == Exit.LEDGER_BUSY


async def test_the_lock_is_still_held_after_somebody_was_turned_away(path: Path) -> None:
    with holder(path):
        for _ in range(2):
            with pytest.raises(LedgerBusy):
                await SqliteLedger.open(path)


async def test_the_same_process_cannot_open_it_twice_either(ledger: SqliteLedger, path: Path) -> None:
    with pytest.raises(LedgerBusy, match=f"process {os.getpid()} on"):
        await SqliteLedger.open(path)


async def test_somebody_turned_away_in_the_same_process_does_not_loosen_the_lock(
    ledger: SqliteLedger, path: Path
) -> None:
    """A lock by ``lockf`` is lost with the first handle of the file that its process closes."""
    with pytest.raises(LedgerBusy):
        await SqliteLedger.open(path)
    done = subprocess.run([sys.executable, "-c", HOLD, str(path)], input="", capture_output=True, text=True)

    assert "LedgerBusy" in done.stderr


async def test_one_ledger_under_two_names_has_one_lock(ledger: SqliteLedger, tmp_path: Path, path: Path) -> None:
    (tmp_path / "link.db").symlink_to(path)

    with pytest.raises(LedgerBusy):
        await SqliteLedger.open(tmp_path / "link.db")


async def test_the_lock_is_free_when_its_process_was_killed(path: Path) -> None:
    with holder(path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()

        ledger = await SqliteLedger.open(path)
        await ledger.close()


async def test_the_lock_is_free_when_the_ledger_was_closed(path: Path) -> None:
    for _ in range(2):
        ledger = await SqliteLedger.open(path)
        await ledger.close()


async def test_a_ledger_that_cannot_be_opened_is_not_left_locked(path: Path) -> None:
    path.write_bytes(b"rubbish..." * 1000)
    with pytest.raises(Exception, match="not a ledger"):
        await SqliteLedger.open(path)
    path.unlink()

    ledger = await SqliteLedger.open(path)
    await ledger.close()


async def test_a_reader_takes_no_lock_and_needs_none(ledger: SqliteLedger, path: Path) -> None:
    await load(ledger, 2)
    reader = SqliteReader(path)

    assert [overview.rows for overview in reader.overviews()] == [2]
    reader.close()


async def test_a_temporary_ledger_needs_no_lock() -> None:
    first, second = await SqliteLedger.open(None), await SqliteLedger.open(None)
    await load(first, 1)

    assert await second.campaign("c") is None
    await first.close()
    await second.close()


async def test_the_holder_is_named_without_a_lock(path: Path) -> None:
    assert LedgerLock(path).holder() is None
    with holder(path) as process:
        named = LedgerLock(path).holder()

        assert named is not None
        assert named.startswith(f"process {process.pid} on ")
        with pytest.raises(LedgerBusy):
            await SqliteLedger.open(path)


async def test_nobody_holds_a_ledger_whose_holder_was_killed(path: Path) -> None:
    """Its name still stands there, and a look must not be taken for a hold."""
    with holder(path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    signed = path.with_name("batcher.db.lock").read_text()

    assert (LedgerLock(path).holder(), "pid" in signed) == (None, True)
    assert path.with_name("batcher.db.lock").read_text() == signed
    ledger = await SqliteLedger.open(path)
    await ledger.close()


async def test_nobody_holds_a_ledger_that_was_closed_and_looking_locks_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = await SqliteLedger.open(path)
    await ledger.close()
    monkeypatch.setattr("batcher.ledger.sqlite.lock._touch", lambda file: pytest.fail("it was locked"))

    assert LedgerLock(path).holder() is None
