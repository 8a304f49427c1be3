"""
Measures how late a job's status changes, on the first job that the stage is done with.

Until then the longest time counts. A status that does not change although the remote said yes is not believed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from batcher.core.events import StatusProven, StatusUnproven
from batcher.core.look import LookAt
from batcher.core.proof import Proof, Trust
from batcher.core.row import Row
from batcher.core.status import prove_by_status

from .context import RunContext
from .looks import Looks


class StatusProver:
    """See ``prover.Prover``."""

    def __init__(self, context: RunContext, looks: Looks, on_news: Callable[[], None]) -> None:
        self._context = context
        self._looks = looks
        self._on_news = on_news
        self._task: asyncio.Task[None] | None = None
        self._settled = asyncio.Event()
        self.proof = Proof(trust=Trust.UNKNOWN)

    @property
    def is_busy(self) -> bool:
        return self._task is not None and not self._task.done()

    async def begin(self) -> None:
        return None

    def doubt_arose(self) -> None:
        return None

    def job_done(self, row: Row, job_id: int, sent_at: float) -> None:
        # A row that was sent more than once may have been done before this attempt began.
        if self._task is None and row.sent == 1 and self.proof.trust is Trust.UNKNOWN:
            self._task = asyncio.create_task(self._measure(job_id, sent_at))
            self._task.add_done_callback(self._ended)

    def break_trust(self, reason: str) -> None:
        self._settle(Proof(trust=Trust.BROKEN, reason=reason))

    async def settled(self) -> None:
        await self._settled.wait()

    async def ended(self) -> None:
        if self._task is not None:
            await asyncio.wait({self._task})

    async def end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _measure(self, job_id: int, sent_at: float) -> None:
        context = self._context
        conversation = prove_by_status(context.work.stage, job_id, sent_at, context.plan.patience)
        try:
            step = next(conversation)
            while True:
                seen = None
                if isinstance(step, LookAt):
                    seen = await self._looks.look_at(step.job_id)
                else:
                    await context.clock.sleep(step.seconds)
                step = conversation.send(seen)
        except StopIteration as end:
            self._settle(end.value)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._context.stop.fail(error)
        self._on_news()

    def _settle(self, proof: Proof) -> None:
        if self.proof.trust is Trust.BROKEN or proof.trust is Trust.UNKNOWN:
            return
        self.proof = proof
        self._settled.set()
        if proof.trust is Trust.PROVEN:
            self._context.emit(StatusProven(lag_s=proof.lag_s))
        else:
            self._context.emit(StatusUnproven(reason=proof.reason))
        self._on_news()
