"""
Shows, once a run, whether the look-up can be believed.

The control is a job that this run created (which also measures the lag), or before that one which an earlier run left
in the ledger. Later jobs of the run are samples, one at a time and now and then: the lag may grow as the run goes on.
See ``core.proof`` for the conversations.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from batcher.click2mail.signature import signature
from batcher.core.events import LookupProven, LookupUnproven
from batcher.core.look import Look
from batcher.core.proof import Conversation, KnownJob, Proof, Trust, prove, sample
from batcher.core.row import Row

from .context import RunContext
from .looks import Looks

_FIRST_SAMPLE_S: Final = 5.0
_SAMPLE_EVERY_S: Final = 30.0


class LookUpProver:
    """Holds what the run knows of the look-up; see ``prover.Prover``."""

    def __init__(self, context: RunContext, looks: Looks, unused: str, on_news: Callable[[], None]) -> None:
        self._context = context
        self._looks = looks
        self._unused = unused
        self._on_news = on_news
        self._task: asyncio.Task[None] | None = None
        self._sample: asyncio.Task[None] | None = None
        self._next_sample_at = math.inf
        self._settled = asyncio.Event()
        self._has_own_job = False
        self._kept_lag_s: float | None = None
        self.proof = Proof(trust=Trust.UNKNOWN)

    async def begin(self) -> None:
        """Recalls the lag of earlier runs. Nothing is asked of the remote before there is a doubt or a job."""
        self._kept_lag_s = await self._context.ledger.lag_s(self._context.campaign.target)
        self.proof = replace(self.proof, lag_s=self._kept_lag_s)
        if self._context.campaign.own_signatures:
            self.break_trust("the rows carry signatures of their own")

    def doubt_arose(self) -> None:
        """Starts the proof, if it has not begun, from a job that an earlier run created."""
        if self._task is None and self.proof.trust is Trust.UNKNOWN:
            self._start(None)

    def job_done(self, row: Row, job_id: int, sent_at: float) -> None:
        """
        Takes the run's first job, if it was sent just once, as the better control, and some later ones as samples.

        While the first one measures the lag of today, the lag of earlier runs does not count.
        """
        if row.sent != 1 or self.proof.trust is Trust.BROKEN:
            return
        known = KnownJob(signature=row.signature, job_id=job_id, sent_at=sent_at)
        if not self._has_own_job:
            self._has_own_job = True
            self.proof = replace(self.proof, lag_s=None)
            self._start(known)
        elif self._context.clock.monotonic() >= self._next_sample_at:
            self._next_sample_at = math.inf
            self._sample = asyncio.create_task(self._take_sample(known))
            self._sample.add_done_callback(self._ended)

    def break_trust(self, reason: str) -> None:
        """The remote contradicted itself; nothing that its look-up says is believed any more in this run."""
        if self.proof.trust is not Trust.BROKEN:
            self._settle(Proof(trust=Trust.BROKEN, reason=reason, lag_s=self.proof.lag_s))

    async def settled(self) -> None:
        """Returns once the look-up is proven or broken."""
        await self._settled.wait()

    async def ended(self) -> None:
        """Returns once no proof is on its way."""
        if self._task is not None:
            await asyncio.wait({self._task})

    @property
    def is_busy(self) -> bool:
        """Whether a proof is on its way."""
        return self._task is not None and not self._task.done()

    async def end(self) -> None:
        tasks = [task for task in (self._task, self._sample) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, known: KnownJob | None) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.create_task(self._prove(known))
        self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._context.stop.fail(error)
        self._on_news()

    async def _prove(self, known: KnownJob | None) -> None:
        context = self._context
        known = known or await self._job_of_an_earlier_run()
        proof = await self._converse(prove(self._unused, known, context.plan.patience, self._kept_lag_s))
        await self._conclude(proof, known)

    async def _take_sample(self, known: KnownJob) -> None:
        """The lag once more; a job of our own that is not found, or not alone, takes the proof back."""
        proof = await self._converse(sample(known, self._context.plan.patience))
        if proof.trust is Trust.BROKEN:
            self.break_trust(proof.reason)
        elif proof.lag_s is not None and proof.lag_s > (self.proof.lag_s or 0.0):
            self.proof = replace(self.proof, lag_s=proof.lag_s)
            await self._context.ledger.note_lag(self._context.campaign, proof.lag_s)
        self._next_sample_at = self._context.clock.monotonic() + _SAMPLE_EVERY_S

    async def _converse(self, conversation: Conversation) -> Proof:
        step = next(conversation)
        while True:
            seen = None
            if isinstance(step, Look):
                seen = await self._looks.look(step.signature)
            else:
                await self._context.clock.sleep(step.seconds)
            try:
                step = conversation.send(seen)
            except StopIteration as end:
                proof: Proof = end.value
                return proof

    async def _job_of_an_earlier_run(self) -> KnownJob | None:
        row = await self._context.ledger.known_row(self._context.campaign)
        if row is None:
            return None
        return KnownJob(signature=signature(row.token, row.number, row.generation), job_id=row.job_id)

    async def _conclude(self, proof: Proof, known: KnownJob | None) -> None:
        if self.proof.trust is Trust.BROKEN:
            return
        may_have_been_deleted = known is not None and known.sent_at is None and proof.missed
        if proof.trust is Trust.UNKNOWN or may_have_been_deleted:
            # A job of this run may still prove the look-up: its first one, or where that got no answer its next one.
            self._has_own_job = False
            self.proof = replace(self.proof, reason=proof.reason)
            self._context.emit(LookupUnproven(reason=proof.reason))
            return
        if proof.lag_s is not None:
            await self._context.ledger.note_lag(self._context.campaign, proof.lag_s)
            self._next_sample_at = self._context.clock.monotonic() + _FIRST_SAMPLE_S
        lags = [lag_s for lag_s in (proof.lag_s, self._kept_lag_s) if lag_s is not None]
        self._settle(replace(proof, lag_s=max(lags, default=None)))

    def _settle(self, proof: Proof) -> None:
        self.proof = proof
        self._settled.set()
        if proof.trust is Trust.PROVEN:
            self._context.succeeded = True
            self._context.emit(LookupProven(lag_s=proof.lag_s))
        else:
            self._context.emit(LookupUnproven(reason=proof.reason))
        self._on_news()
