"""The writing side on one SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self, TypeVar

from batcher.core.distinct import Distinct
from batcher.core.errors import BatcherError, Exit
from batcher.core.events import LedgerLocked, Observer
from batcher.core.states import Stage, State
from batcher.ledger.job_records import Draft, JobCost, JobSeen, Spent, Whereabouts
from batcher.ledger.records import (
    Books,
    Campaign,
    Duplicates,
    Intents,
    KnownRow,
    OpenDoubt,
    Outcome,
    Recorded,
    SentAgain,
    StoredRow,
    Target,
)

from . import duplicates, jobs, moves, outcomes, whereabouts
from .connection import LOCK_PATIENCE_S, open_copy, open_for_writing, require_no_folder
from .distinct import distinct_to_send
from .group_commit import GroupCommit
from .interruption import interruptible
from .lock import LedgerLock
from .presence import Presence
from .pruned import count_pruned
from .reader import books_of, campaign_of, counts_of
from .staging import SqliteStaging

T = TypeVar("T")


class SqliteLedger:
    """Implements ``ledger.protocol.Ledger``; see there what each method promises."""

    def __init__(self, writer: GroupCommit, lock: LedgerLock | None) -> None:
        self._writer = writer
        self._lock = lock

    @classmethod
    async def open(cls, path: Path | None, emit: Observer = lambda event: None) -> Self:
        """
        Takes the lock and opens the file, making it where there is none.

        ``emit`` hears when another program locks the file, and everything has to wait.
        Without a path the ledger lives in a temporary file and is gone when it is closed: for dry runs and checks.
        """
        lock = None
        if path is not None:
            require_no_folder(path)
            lock = LedgerLock(path)
            lock.acquire()
        try:
            connection = open_for_writing(path)
        except BatcherError:
            if lock is not None:
                lock.release()
            raise
        if path is None:
            return cls(GroupCommit(connection, "(temporary)"), None)
        writer = GroupCommit(
            connection,
            str(path),
            is_lost=Presence(path).is_lost,
            on_locked=lambda: emit(LedgerLocked(gives_up_after_s=LOCK_PATIENCE_S)),
        )
        return cls(writer, lock)

    @classmethod
    async def copy_of(cls, path: Path) -> Self:
        """
        A temporary ledger with the contents of the one at ``path``, or an empty one where there is none.

        Takes no lock: for dry runs.
        """
        return cls(GroupCommit(open_copy(path), "(temporary)"), None)

    async def close(self) -> None:
        await self._writer.close()
        if self._lock is not None:
            self._lock.release()

    async def load(self, work: Callable[[SqliteStaging], T], is_stopped: Callable[[], bool] = lambda: False) -> T:
        def stage(db: sqlite3.Connection) -> T:
            staging = SqliteStaging(db, is_stopped)
            try:
                with interruptible(db, is_stopped):
                    return work(staging)
            finally:
                staging.close()

        return await self._writer.submit(stage)

    async def campaign(self, name: str) -> Campaign | None:
        return await self._writer.submit(lambda db: campaign_of(db, name))

    async def start_run(self, campaign: Campaign, *, now: str, boot_id: str, host: str, pid: int) -> int:
        run = (campaign.campaign_id, boot_id, host, pid, now)
        insert = "INSERT INTO run (campaign_id, boot_id, host, pid, started_at) VALUES (?, ?, ?, ?, ?) RETURNING run_id"
        return await self._writer.submit(lambda db: int(db.execute(insert, run).fetchone()[0]))

    async def finish_run(self, run_id: int, *, now: str, exit_code: Exit, stopped_by: str | None) -> None:
        update = "UPDATE run SET finished_at = ?, exit_code = ?, stopped_by = ? WHERE run_id = ?"
        await self._writer.submit(lambda db: db.execute(update, (now, int(exit_code), stopped_by, run_id)).rowcount)

    async def recover(self, campaign: Campaign, run_id: int, *, boot_id: str, boot_now: float) -> int:
        return await self._writer.submit(lambda db: moves.recover(db, campaign.campaign_id, run_id, boot_id, boot_now))

    async def drafts(self, campaign: Campaign, stage: Stage, *, after: int, limit: int) -> list[Draft]:
        return await self._writer.submit(lambda db: jobs.drafts(db, campaign.campaign_id, stage, after, limit))

    async def begin_stage(self, campaign: Campaign, stage: Stage, *, through: int) -> int:
        return await self._writer.submit(lambda db: jobs.begin_stage(db, campaign.campaign_id, stage, through))

    async def create_anew(self, campaign: Campaign) -> int:
        return await self._writer.submit(lambda db: jobs.create_anew(db, campaign.campaign_id))

    async def note_costs(self, campaign: Campaign, costs: Sequence[JobCost]) -> None:
        await self._writer.submit(lambda db: jobs.note_costs(db, campaign.campaign_id, costs))

    async def spent(self, campaign: Campaign) -> Spent:
        return await self._writer.submit(lambda db: jobs.spent(db, campaign.campaign_id))

    async def on_their_way(self, campaign: Campaign, *, limit: int) -> list[Draft]:
        return await self._writer.submit(lambda db: whereabouts.on_their_way(db, campaign.campaign_id, limit))

    async def note_remote_states(self, campaign: Campaign, seen: Sequence[JobSeen], *, now: str) -> None:
        await self._writer.submit(lambda db: whereabouts.note_remote_states(db, campaign.campaign_id, seen, now))

    async def whereabouts(self, campaign: Campaign) -> Whereabouts:
        return await self._writer.submit(lambda db: whereabouts.whereabouts_of(db, campaign.campaign_id))

    async def claim(self, campaign: Campaign, stage: Stage, *, after: int, limit: int) -> list[StoredRow]:
        return await self._writer.submit(lambda db: moves.claim(db, campaign.campaign_id, stage, after, limit))

    async def record_intents(self, intents: Intents) -> frozenset[int]:
        return await self._writer.submit(lambda db: moves.record_intents(db, intents))

    async def record_outcome(self, outcome: Outcome) -> Recorded:
        return await self._writer.submit(lambda db: outcomes.record_outcome(db, outcome))

    async def record_outcomes(self, group: Sequence[Outcome]) -> list[Recorded]:
        return await self._writer.submit(lambda db: outcomes.record_outcomes(db, group))

    async def doubts(self, campaign: Campaign, stage: Stage, states: Sequence[State]) -> list[OpenDoubt]:
        return await self._writer.submit(lambda db: moves.doubts(db, campaign.campaign_id, stage, states))

    async def put_off(self, campaign: Campaign, number: int, attempt: int, settle_from: float) -> None:
        await self._writer.submit(lambda db: moves.put_off(db, campaign.campaign_id, number, attempt, settle_from))

    async def sent_again(self, campaign: Campaign) -> list[SentAgain]:
        return await self._writer.submit(lambda db: duplicates.sent_again(db, campaign.campaign_id))

    async def note_second_look(self, campaign: Campaign, row: SentAgain, extra: Sequence[int], now: str) -> None:
        await self._writer.submit(lambda db: duplicates.note_second_look(db, campaign.campaign_id, row, extra, now))

    async def known_row(self, campaign: Campaign) -> KnownRow | None:
        return await self._writer.submit(lambda db: moves.known_row(db, campaign.target))

    async def lag_s(self, target: Target) -> float | None:
        select = "SELECT max(lag_s) FROM campaign WHERE base_url = ? AND username = ?"
        account = (target.base_url, target.username)
        return await self._writer.submit(lambda db: _float_or_none(db.execute(select, account).fetchone()[0]))

    async def note_lag(self, campaign: Campaign, lag_s: float) -> None:
        update = "UPDATE campaign SET lag_s = max(coalesce(lag_s, 0), ?) WHERE campaign_id = ?"
        await self._writer.submit(lambda db: db.execute(update, (lag_s, campaign.campaign_id)).rowcount)

    async def release(
        self, campaign: Campaign, stage: Stage, states: Sequence[State], *, keys: Sequence[str] | None = None
    ) -> int:
        return await self._writer.submit(lambda db: moves.release(db, campaign.campaign_id, stage, states, keys))

    async def pruned(self, campaign: Campaign, states: Sequence[State]) -> int:
        return await self._writer.submit(lambda db: count_pruned(db, campaign.campaign_id, states))

    async def find_row(self, campaign: Campaign, *, number: int | None, key: str | None) -> OpenDoubt | None:
        return await self._writer.submit(lambda db: moves.find_row(db, campaign.campaign_id, number, key))

    async def counts(self, campaign: Campaign) -> tuple[int, dict[str, int]]:
        return await self._writer.submit(lambda db: counts_of(db, campaign.campaign_id))

    async def books(self, campaign: Campaign, stage: Stage) -> Books:
        return await self._writer.submit(lambda db: books_of(db, campaign.campaign_id, stage))

    async def duplicates(self, campaign: Campaign) -> Duplicates:
        return await self._writer.submit(lambda db: duplicates.duplicates_of(db, campaign.campaign_id))

    async def distinct_to_send(
        self,
        campaign: Campaign,
        questions: Sequence[Sequence[str]],
        *,
        limit: int,
        is_stopped: Callable[[], bool] = lambda: False,
    ) -> list[Distinct]:
        def ask(db: sqlite3.Connection) -> list[Distinct]:
            with interruptible(db, is_stopped):
                return distinct_to_send(db, campaign.campaign_id, questions, limit)

        return await self._writer.submit(ask)


def _float_or_none(value: object) -> float | None:
    return None if value is None else float(str(value))
