"""
Rows on their way to the workers, each with a committed intent.

The feed takes pending rows from the ledger, and rows whose retry is due, asks the gate for permits, commits intents in
groups and hands the rows out. It looks ahead no further than what starts within about a second, because every row with
an open intent is in doubt after a crash; until the look-up is proven, no further than there are free workers.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from batcher.click2mail.signature import signature
from batcher.core.events import IntentRecorded
from batcher.core.reconcile import Trust
from batcher.core.row import Row
from batcher.core.sending import Deadline
from batcher.core.states import State
from batcher.core.tally import StopReason
from batcher.ledger.records import Intents, StoredRow

from .attempt import Attempted
from .clock import timestamp
from .context import RunContext
from .gate import Gate
from .prover import Prover

_CLAIM_ROWS = 256
_LOOK_AHEAD_ROWS = 256
_MOST_TROUBLED = 1000
"""New rows wait while this many others wait for a retry or a look-up: trouble must not pile up without end."""


@dataclass(slots=True)
class Errand:
    """A row to send now. ``answer`` is there when somebody waits to hear how it went."""

    row: Row
    send_by: Deadline
    answer: asyncio.Future[Attempted] | None


class Feed:
    """
    One for all workers.

    ``open_rows`` counts rows taken up and not yet at rest, ``troubled_rows`` those of them that are being pursued.
    ``take_stock`` is called whenever something has changed: the run decides there whether there is still hope and work.
    """

    def __init__(self, context: RunContext, gate: Gate, prover: Prover, take_stock: Callable[[], None]) -> None:
        self._context = context
        self._gate = gate
        self._prover = prover
        self._take_stock = take_stock
        self._claimed: deque[Row] = deque()
        self._again: deque[tuple[Row, asyncio.Future[Attempted]]] = deque()
        self._ready: deque[Errand] = deque()
        self._last_claimed = 0
        self._taken = 0
        self._started_at: deque[float] = deque(maxlen=_LOOK_AHEAD_ROWS)
        self._wake = asyncio.Event()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._adopted: set[int] = set()
        self._closed = False
        self.exhausted = not context.plan.send
        self.free_workers = 0
        self.open_rows = 0
        self.troubled_rows = 0

    async def next(self) -> Errand | None:
        """The next row to send; None when there will be none any more."""
        self.free_workers += 1
        self._wake.set()
        try:
            while not self._closed and not self._ready:
                turn = asyncio.get_running_loop().create_future()
                self._waiting.append(turn)
                await turn
            if self._closed:
                return None
            self._started_at.append(self._context.clock.monotonic())
            return self._ready.popleft()
        finally:
            self.free_workers -= 1

    async def send_again(self, row: Row) -> Attempted:
        """Puts a pending row in front of the queue and waits for its attempt."""
        answer: asyncio.Future[Attempted] = asyncio.get_running_loop().create_future()
        self._again.append((row, answer))
        self._wake.set()
        return await answer

    def adopt(self, row: Row) -> None:
        """Takes up a row that an earlier run left in doubt; it will not be claimed as well."""
        self._adopted.add(row.number)
        self.open_rows += 1

    def at_rest(self) -> None:
        """A row that was taken up will not be sent again in this run."""
        self.open_rows -= 1
        self._wake.set()

    def news(self) -> None:
        """Something changed that may matter to the run."""
        self._wake.set()

    @property
    def moving_rows(self) -> float:
        """Rows that are not at rest and not waiting behind others; without end while fresh ones may start."""
        is_blocked = self.troubled_rows >= _MOST_TROUBLED
        if is_blocked:
            return self.open_rows - len(self._claimed)
        return self.open_rows if self.exhausted else math.inf

    def close(self) -> None:
        """Hands out nothing more."""
        self._closed = True
        self._wake_workers(len(self._waiting))
        self._wake.set()

    def take_unsent(self) -> list[Row]:
        """Once ``run`` has returned: the rows that have an intent and were not handed out."""
        unsent = [errand.row for errand in self._ready]
        self._ready.clear()
        return unsent

    async def run(self) -> None:
        """Keeps the workers supplied until every row is at rest or the feed is closed."""
        while not self._closed:
            self._wake.clear()
            self._take_stock()
            wanted = await self._rows_wanted()
            granted = self._gate.permits(wanted) if wanted else 0
            if granted:
                await self._commit(granted)
            elif wanted:
                await self._wake_or(max(self._gate.wait_s(), 0.005))
            elif not self._closed:
                await self._wake.wait()

    async def _rows_wanted(self) -> int:
        """How many rows could be given an intent now."""
        room = self._look_ahead() - len(self._ready)
        if room <= 0:
            return 0
        if len(self._claimed) < room and not self.exhausted and self.troubled_rows < _MOST_TROUBLED:
            await self._claim()
        fresh = len(self._claimed) if self.troubled_rows < _MOST_TROUBLED else 0
        return min(room, fresh + len(self._again))

    def _look_ahead(self) -> int:
        if self._prover.proof.trust is not Trust.PROVEN:
            return self.free_workers
        now = self._context.clock.monotonic()
        lately = sum(1 for moment in self._started_at if now - moment < 1.0)
        return min(_LOOK_AHEAD_ROWS, max(self.free_workers, lately))

    async def _claim(self) -> None:
        context, limit = self._context, self._context.plan.limit
        most = _CLAIM_ROWS if limit is None else min(_CLAIM_ROWS, limit - self._taken)
        stored = await context.ledger.claim(context.campaign, after=self._last_claimed, limit=most + 1)
        self.exhausted = len(stored) <= most
        for row in stored[:most]:
            self._last_claimed = row.number
            if row.number not in self._adopted:
                self._claimed.append(row_of(context, row))
                self.open_rows += 1
        self._taken += len(stored[:most])
        self._wake.set()
        if limit is not None and self._taken >= limit and not self.exhausted:
            self.exhausted = True
            context.limited = True

    async def _commit(self, count: int) -> None:
        context = self._context
        group: list[tuple[Row, asyncio.Future[Attempted] | None]] = []
        while len(group) < count and self._again:
            group.append(self._again.popleft())
        while len(group) < count and self._claimed:
            group.append((self._claimed.popleft(), None))
        window_s = context.plan.send_window_s
        send_by = Deadline(monotonic=context.clock.monotonic() + window_s, boot=context.clock.boottime() + window_s)
        intents = Intents(
            campaign_id=context.campaign.campaign_id,
            run_id=context.run_id,
            attempts={row.number: row.attempts + 1 for row, _ in group},
            recorded_at=timestamp(context.clock.now()),
            send_deadline=send_by.boot,
            timeout_s=context.plan.timeout_s,
        )
        recorded = await context.ledger.record_intents(intents)
        context.emit(IntentRecorded(rows=len(recorded)))
        for row, answer in group:
            if row.number in recorded:
                row.state, row.attempts = State.SENDING, row.attempts + 1
                self._ready.append(Errand(row, send_by, answer))
            else:
                context.stop.request(StopReason.LEDGER, detail=f"row {row.number} was moved by somebody else")
        self._wake_workers(len(recorded))

    def _wake_workers(self, count: int) -> None:
        while count and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                count -= 1

    async def _wake_or(self, seconds: float) -> None:
        """Waits for news, but no longer than ``seconds``."""
        sleep = asyncio.ensure_future(self._context.clock.sleep(seconds))
        wake = asyncio.ensure_future(self._wake.wait())
        try:
            await asyncio.wait({sleep, wake}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleep.cancel()
            wake.cancel()


def row_of(context: RunContext, stored: StoredRow) -> Row:
    """A stored row with its signature."""
    return Row(
        number=stored.number,
        key=stored.key,
        signature=signature(context.campaign.token, stored.number, stored.generation),
        parameters=stored.parameters,
        state=State.PENDING,
        tries=stored.tries,
        attempts=stored.attempts,
    )
