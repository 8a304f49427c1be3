"""
The last act of a run: rows that were sent more than once are looked up again.

A row may be two jobs although every rule was kept: the remote may be slower than anybody waits for. Nothing can undo
that here, but nobody should have to find it out from the bill.
"""

from __future__ import annotations

import asyncio

from batcher.click2mail.signature import signature
from batcher.core.events import JobsDuplicated, RowsRechecked
from batcher.core.outcome import Listing
from batcher.core.proof import Trust
from batcher.ledger.records import SentAgain

from .clock import timestamp
from .context import RunContext
from .looks import Looks
from .prover import Prover


class SecondLook:
    """Made when no row is open any more. What it could not ask is left to the next run."""

    def __init__(self, context: RunContext, looks: Looks, prover: Prover) -> None:
        self._context = context
        self._looks = looks
        self._prover = prover

    async def make(self) -> None:
        """Asks for each such row once, and writes down jobs that it should not have."""
        context = self._context
        if context.campaign.own_signatures:
            return
        rows = await context.ledger.sent_again(context.campaign)
        if not rows or not await self._may_be_believed():
            return
        looks = [asyncio.create_task(self._look_at(row)) for row in rows]
        try:
            extra_jobs = await asyncio.gather(*looks)
        finally:
            # Whoever cancels this one wants to see them all end; gather does not wait for the others.
            for look in looks:
                look.cancel()
            await asyncio.gather(*looks, return_exceptions=True)
        context.emit(
            RowsRechecked(rows=len(rows), extra_jobs=sum(filter(None, extra_jobs)), unanswered=extra_jobs.count(None))
        )

    async def _may_be_believed(self) -> bool:
        """Once the look-up is proven, and the lag over in which a job may be missing from it."""
        self._prover.doubt_arose()
        await self._prover.ended()
        if self._prover.proof.trust is not Trust.PROVEN or not self._context.plan.wait:
            return False
        await self._context.clock.sleep(self._context.plan.patience.margin_s(self._prover.proof.lag_s))
        return self._prover.proof.trust is Trust.PROVEN

    async def _look_at(self, row: SentAgain) -> int | None:
        """How many jobs the row should not have; None where the look-up did not tell."""
        context = self._context
        seen = await self._looks.look(signature(context.campaign.token, row.number, row.generation))
        if not isinstance(seen.answer, Listing) or not seen.answer.job_ids:
            return None
        extra = tuple(sorted(set(seen.answer.job_ids) - {row.job_id}))
        await context.ledger.note_second_look(context.campaign, row, extra, timestamp(context.clock.now()))
        if extra:
            context.emit(JobsDuplicated(key=row.key, adopted=row.job_id, extra=extra))
        return len(extra)
