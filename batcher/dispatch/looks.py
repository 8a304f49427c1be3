"""
Looks: questions to the remote which jobs it holds under a signature, or how a job stands.

Few at a time, whoever asks, and paced like attempts. An outage that only looks meet ends the run like one that
attempts meet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from batcher.core.job import JobAnswer, JobStatus
from batcher.core.look import Seen
from batcher.core.outcome import Listing, LookUpAnswer, Reply
from batcher.core.silence import Silence
from batcher.core.tally import StopReason

from .context import RunContext
from .pacing import Pacing

_AT_ONCE: Final = 4


class Looks:
    """One for the prover and all doubts of a run. ``silence``: when the remote did not answer any of them."""

    def __init__(self, context: RunContext, pacing: Pacing) -> None:
        self._context = context
        self._pacing = pacing
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._unanswered_since: float | None = None
        self.silence = Silence()

    async def look(self, signature: str) -> Seen:
        """Asks once for the jobs under a signature; what came back, and when it was asked and answered."""
        return await self._ask(lambda: self._context.remote.find(signature))

    async def look_at(self, job_id: int) -> Seen:
        """Asks once how a job stands."""
        return await self._ask(lambda: self._context.remote.status(job_id))

    async def _ask(self, question: Callable[[], Awaitable[LookUpAnswer | JobAnswer]]) -> Seen:
        clock = self._context.clock
        async with self._room:
            await self._pacing.turn()
            asked_at = clock.boottime()
            answer = await question()
            seen = Seen(answer=answer, asked_at=asked_at, answered_at=clock.boottime())
            self.silence.note(seen)
            self._pacing.hear_wish(answer, clock.monotonic())
            self._hear(answer)
            return seen

    def _hear(self, answer: LookUpAnswer | JobAnswer) -> None:
        if isinstance(answer, Reply) and answer.http_status == HTTPStatus.UNAUTHORIZED:
            self._context.stop.request(StopReason.CREDENTIALS, detail="HTTP 401 to a look-up")
        now = self._context.clock.monotonic()
        if isinstance(answer, Listing | JobStatus) or (isinstance(answer, Reply) and answer.code is not None):
            self._unanswered_since = None
        elif self._unanswered_since is None:
            self._unanswered_since = now
        elif now - self._unanswered_since >= self._context.plan.max_outage_s:
            said = f"HTTP {answer.http_status}" if isinstance(answer, Reply) else answer.kind
            self._context.stop.request(StopReason.OUTAGE, detail=f"the look-up is not answered: {said}")
