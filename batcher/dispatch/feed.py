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

from batcher.click2mail.signature import signature
from batcher.core.events import IntentRecorded
from batcher.core.proof import Trust
from batcher.core.row import Row
from batcher.core.sending import Deadline
from batcher.core.states import State
from batcher.core.tally import StopReason
from batcher.ledger.records import Intents, StoredRow

from .clock import timestamp
from .context import RunContext
from .errand import Attempted, Errand
from .gate import Gate, Permit
from .outbox import Outbox
from .prover import Prover
from .recorder import Recorder

_CLAIM_ROWS = 256
_LOOK_AHEAD_ROWS = 256
_LOOK_AHEAD_TIMES = 16
"""As many as may be in flight at once, so often: quick refusals start many in a second that take long afterwards."""
_MOST_TROUBLED = 1000
"""New rows wait while this many others wait for a retry or a look-up: trouble must not pile up without end."""


class Feed:
    """
    One for all workers.

    ``open_rows`` counts rows taken up and not yet at rest, ``troubled_rows`` those of them that are being pursued.
    ``take_stock`` is called whenever something has changed: the run decides there whether there is still hope and work.
    """

    def __init__(
        self, context: RunContext, gate: Gate, prover: Prover, recorder: Recorder, take_stock: Callable[[], None]
    ) -> None:
        self._context = context
        self._gate = gate
        self._prover = prover
        self._recorder = recorder
        self._take_stock = take_stock
        self._claimed: deque[Row] = deque()
        self._again: deque[tuple[Row, asyncio.Future[Attempted]]] = deque()
        self._last_claimed = 0
        self._taken = 0
        self._adopted: set[int] = set()
        self._wake = asyncio.Event()
        self.outbox = Outbox(context.clock, gate.concurrency, self._wake.set)
        self.exhausted = not context.plan.send
        self.open_rows = 0
        self.troubled_rows = 0

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
        self.outbox.close()
        self._wake.set()

    async def run(self) -> None:
        """Keeps the workers supplied until every row is at rest, the feed is closed or somebody asks to stop."""
        while not (self.outbox.closed or self._context.stop.requested):
            self._wake.clear()
            self._take_stock()
            wanted = await self._rows_wanted()
            granted = self._gate.permits(wanted) if wanted else []
            if granted:
                await self._commit(granted)
            elif wanted:
                await self._wake_or(max(self._gate.wait_s(), 0.005))
            elif not self.outbox.closed:
                await self._wake.wait()

    async def _rows_wanted(self) -> int:
        """How many rows could be given an intent now."""
        ahead = self._look_ahead()
        room = ahead - len(self.outbox)
        if room <= ahead // 2:
            return 0  # enough rows wait for workers: the next commit is for many
        if len(self._claimed) < room and not self.exhausted and self.troubled_rows < _MOST_TROUBLED:
            await self._claim()
        fresh = len(self._claimed) if self.troubled_rows < _MOST_TROUBLED else 0
        return min(room, fresh + len(self._again))

    def _look_ahead(self) -> int:
        if self._prover.proof.trust is not Trust.PROVEN:
            # A row whose outcome is not committed would be in doubt after a crash as much as one that is in flight.
            return min(_LOOK_AHEAD_ROWS, self.outbox.free_workers - len(self._recorder))
        most = _LOOK_AHEAD_TIMES * self._gate.concurrency.limit
        return min(_LOOK_AHEAD_ROWS, max(self.outbox.free_workers, min(most, self.outbox.sent_a_second())))

    async def _claim(self) -> None:
        context, limit = self._context, self._context.plan.limit
        most = _CLAIM_ROWS if limit is None else min(_CLAIM_ROWS, limit - self._taken)
        stage = context.work.stage
        stored = await context.ledger.claim(context.campaign, stage, after=self._last_claimed, limit=most + 1)
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

    async def _commit(self, permits: list[Permit]) -> None:
        context = self._context
        group: list[tuple[Row, asyncio.Future[Attempted] | None]] = []
        while len(group) < len(permits) and self._again:
            group.append(self._again.popleft())
        while len(group) < len(permits) and self._claimed:
            group.append((self._claimed.popleft(), None))
        window_s = context.plan.send_window_s
        send_by = Deadline(monotonic=context.clock.monotonic() + window_s, boot=context.clock.boottime() + window_s)
        intents = Intents(
            campaign_id=context.campaign.campaign_id,
            run_id=context.run_id,
            stage=context.work.stage,
            attempts={row.number: row.attempts + 1 for row, _ in group},
            recorded_at=timestamp(context.clock.now()),
            send_deadline=send_by.boot,
            timeout_s=context.plan.timeout_s,
        )
        recorded = await context.ledger.record_intents(intents)
        context.emit(IntentRecorded(rows=len(recorded)))
        errands = []
        for (row, answer), permit in zip(group, permits, strict=True):
            if row.number in recorded:
                row.state, row.attempts = State.SENDING, row.attempts + 1
                errands.append(Errand(row, send_by, permit, answer))
            else:
                context.stop.request(StopReason.LEDGER, detail=f"row {row.number} was moved by somebody else")
        self.outbox.put(errands)

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
        sent=stored.attempts,
        jobs=stored.jobs,
    )
