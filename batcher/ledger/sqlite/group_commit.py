"""
One thread writes; whatever was asked while it committed goes into its next commit together.

A durable commit costs an fsync. One commit for all that queued up while the last one ran makes that price one for a
group instead of one for a row, and nobody waits longer than for two commits.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from batcher.core.errors import BatcherError

from .failure import ledger_error

T = TypeVar("T")

_GROUP_LIMIT = 1024


@dataclass(slots=True)
class _Job:
    work: Callable[[sqlite3.Connection], Any]
    done: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


class GroupCommit:
    """Owns the connection that writes. Make and close it inside the event loop."""

    def __init__(self, connection: sqlite3.Connection, place: str) -> None:
        self._connection = connection
        self._place = place
        self._loop = asyncio.get_running_loop()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="ledger", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[sqlite3.Connection], T]) -> asyncio.Future[T]:
        """
        Runs ``work`` inside the next transaction.

        The future is done once the transaction is durable. An exception of ``work`` undoes what that work did and
        nothing else; a transaction that cannot be committed fails all of its works with a ``LedgerError``.
        """
        done: asyncio.Future[Any] = self._loop.create_future()
        self._jobs.put(_Job(work, done))
        return cast("asyncio.Future[T]", done)

    async def close(self) -> None:
        """Commits what was asked, checkpoints and closes the file."""
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    def _write(self) -> None:
        closing = False
        while not closing:
            group: list[_Job] = []
            job = self._jobs.get()
            while job is not None and len(group) < _GROUP_LIMIT:
                group.append(job)
                if self._jobs.empty():
                    break
                job = self._jobs.get()
            closing = job is None
            if group:
                self._commit(group)
                self._loop.call_soon_threadsafe(_deliver, group)
        self._connection.close()

    def _commit(self, group: list[_Job]) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for job in group:
                self._run(job)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            failure = ledger_error(error, self._place)
            for job in group:
                job.error = job.error or failure
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _run(self, job: _Job) -> None:
        self._connection.execute("SAVEPOINT work")
        try:
            job.result = job.work(self._connection)
        except sqlite3.OperationalError:
            raise  # the file's trouble, not this work's: the whole transaction is lost
        except (sqlite3.Error, BatcherError, ArithmeticError, LookupError, TypeError, ValueError, OSError) as error:
            job.error = ledger_error(error, self._place) if isinstance(error, sqlite3.Error) else error
            self._connection.execute("ROLLBACK TO work")
        self._connection.execute("RELEASE work")


def _deliver(group: list[_Job]) -> None:
    for job in group:
        if job.done.cancelled():
            continue
        if job.error is not None:
            job.done.set_exception(job.error)
        else:
            job.done.set_result(job.result)
