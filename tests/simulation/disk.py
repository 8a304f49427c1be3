"""A ledger on a disk that takes its time, fills up, and is all that is left of a process that dies."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from batcher.core.errors import LedgerError
from batcher.ledger.sqlite import SqliteLedger
from batcher.ledger.sqlite.connection import open_for_writing

T = TypeVar("T")

Work = Callable[[sqlite3.Connection], Any]


class Disk:
    """
    Stands in for ``GroupCommit``: the same groups and savepoints, without a thread.

    ``wait_s`` says how long the next commit takes. ``die`` is what a killed process does: what was asked and not yet
    committed is lost, or committed and not heard of. While ``full``, every commit fails.
    """

    def __init__(self, wait_s: Callable[[], float], path: Path | None = None) -> None:
        self.db = open_for_writing(path)
        self.full = False
        self.dead = False
        self._wait_s = wait_s
        self._queue: list[tuple[Work, asyncio.Future[Any]]] = []

    def submit(self, work: Callable[[sqlite3.Connection], T]) -> asyncio.Future[T]:
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        if not self.dead:
            self._queue.append((work, done))
            if len(self._queue) == 1:
                asyncio.get_running_loop().call_later(self._wait_s(), self._commit)
        return done

    def die(self, *, unheard: bool = False) -> None:
        """Nothing reaches the disk from here on; ``unheard``: but what was asked already does."""
        if unheard:
            self._commit(heard=False)
        self._queue.clear()
        self.dead = True

    def revive(self) -> None:
        self.dead = False

    async def close(self) -> None:
        self.db.close()

    def before_commit(self, group: list[Work]) -> bool:
        """Whether the process is still alive, and may commit."""
        return True

    def after_commit(self) -> bool:
        """Whether the process is still alive, and may hear of it."""
        return True

    def _commit(self, *, heard: bool = True) -> None:
        group, self._queue = self._queue, []
        if not group:
            return
        self.db.execute("BEGIN IMMEDIATE")
        results = [self._work(work) for work, _ in group]
        if not self.before_commit([work for work, _ in group]):
            return
        if self.full:
            self.db.execute("ROLLBACK")
            results = [(None, LedgerError("no space left")) for _ in group]
        else:
            self.db.execute("COMMIT")
            heard = self.after_commit() and heard
        for (_, done), (result, error) in zip(group, results, strict=True):
            if heard and not done.done():
                done.set_exception(error) if error is not None else done.set_result(result)

    def _work(self, work: Work) -> tuple[Any, Exception | None]:
        self.db.execute("SAVEPOINT work")
        try:
            return work(self.db), None
        except Exception as error:  # noqa: BLE001 - goes to whoever asked
            self.db.execute("ROLLBACK TO work")
            return None, error
        finally:
            self.db.execute("RELEASE work")


def ledger_on(disk: Disk) -> SqliteLedger:
    return SqliteLedger(disk, None)  # type: ignore[arg-type]


async def kill(process: asyncio.Task[Any], disk: Disk, *, unheard: bool = False) -> None:
    """
    Ends a process like ``kill -9``: nothing is recorded from here on.

    Unlike the real thing, ``finally`` blocks still run; but nothing that they do reaches the ledger or the remote.
    """
    disk.die(unheard=unheard)
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        for task in sorted(others, key=hash):
            task.cancel()
        await asyncio.wait(others, timeout=0.001)
    with suppress(asyncio.CancelledError):
        await process
