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
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from batcher.core.errors import LedgerError

from .connection import LOCK_PATIENCE_S
from .failure import is_locked, ledger_error, ledger_lost

T = TypeVar("T")

_GROUP_LIMIT = 1024


@dataclass(slots=True)
class _Job:
    work: Callable[[sqlite3.Connection], Any]
    done: asyncio.Future[Any]
    result: Any = None
    error: Exception | None = None


class GroupCommit:
    """
    Owns the connection that writes. Make and close it inside the event loop.

    ``is_lost`` is asked after every commit. Once the file is not where it was, all works fail; what they write still
    goes to the file that is open, because it may have been moved and be put back. ``on_locked`` is called in the loop
    when another program has locked the file for longer than the connection's own timeout; after ``patience_s`` the
    transaction fails with ``LedgerBusy``.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        place: str,
        *,
        is_lost: Callable[[], bool] = lambda: False,
        on_locked: Callable[[], None] = lambda: None,
        patience_s: float = LOCK_PATIENCE_S,
    ) -> None:
        self._connection = connection
        self._place = place
        self._is_lost = is_lost
        self._on_locked = on_locked
        self._patience_s = patience_s
        self._locked_since: float | None = None
        self._loop = asyncio.get_running_loop()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._write, name="ledger", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[sqlite3.Connection], T]) -> asyncio.Future[T]:
        """
        Runs ``work`` inside the next transaction.

        The future is done once the transaction is durable. An exception of ``work`` undoes what that work did and
        nothing else; a transaction that cannot be committed fails all of its works with a ``LedgerError``.

        Raises:
            LedgerError: the ledger was closed.
        """
        if self._closed:
            raise LedgerError(f"the ledger {self._place} is closed")
        done: asyncio.Future[Any] = self._loop.create_future()
        self._jobs.put(_Job(work, done))
        return cast("asyncio.Future[T]", done)

    async def close(self) -> None:
        """Commits what was asked, checkpoints and closes the file."""
        self._closed = True
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    def _write(self) -> None:
        closing = False
        while not closing:
            group, closing = self._next_group()
            if group:
                self._commit(group)
                if self._is_lost():
                    for job in group:
                        job.error = ledger_lost(self._place)
                # A loop that is closed has nobody left in it who waits.
                with suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(_deliver, group)
        self._connection.close()

    def _next_group(self) -> tuple[list[_Job], bool]:
        """Waits for a job, and takes along what queued up behind it; whether the end was asked for comes second."""
        group: list[_Job] = []
        while not group or (len(group) < _GROUP_LIMIT and not self._jobs.empty()):
            job = self._jobs.get()
            if job is None:
                return group, True
            group.append(job)
        return group, False

    def _commit(self, group: list[_Job]) -> None:
        try:
            self._begin()
            for job in group:
                self._run(job)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            for job in group:
                job.error = job.error or self._failure(error)
            self._roll_back()

    def _begin(self) -> None:
        """Waits while another program has the file locked. Who waited in vain has waited for those behind it too."""
        began = time.monotonic()
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if not is_locked(error):
                    raise
                if self._locked_since is None:
                    self._locked_since = began
                    with suppress(RuntimeError):
                        self._loop.call_soon_threadsafe(self._on_locked)
                if time.monotonic() - self._locked_since >= self._patience_s:
                    raise
            else:
                self._locked_since = None
                return

    def _run(self, job: _Job) -> None:
        self._connection.execute("SAVEPOINT work")
        try:
            job.result = job.work(self._connection)
        except sqlite3.OperationalError:
            raise  # the file's trouble, not this work's: the whole transaction is lost
        except StopIteration as error:
            # A future takes any exception but this one.
            job.error = RuntimeError("a work of the ledger raised StopIteration")
            job.error.__cause__ = error
            self._connection.execute("ROLLBACK TO work")
        except Exception as error:  # noqa: BLE001 - whatever a work raises goes to whoever asked for it
            job.error = self._failure(error) if isinstance(error, sqlite3.Error) else error
            self._connection.execute("ROLLBACK TO work")
        self._connection.execute("RELEASE work")

    def _roll_back(self) -> None:
        # Where even this fails the disk is gone; the next BEGIN says so to whoever asks next.
        with suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _failure(self, error: sqlite3.Error) -> LedgerError:
        failure = ledger_error(error, self._place)
        failure.__cause__ = error
        return failure


def _deliver(group: list[_Job]) -> None:
    for job in group:
        if job.done.cancelled():
            continue
        if job.error is not None:
            job.done.set_exception(job.error)
        else:
            job.done.set_result(job.result)
