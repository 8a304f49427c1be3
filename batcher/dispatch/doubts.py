"""Drives the conversation that settles a doubtful row, and writes down how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from batcher.core.events import DoubtResolved, JobCreated, JobFailed, JobHeld, JobIdTaken, JobsDuplicated
from batcher.core.reconcile import Absent, AwaitProof, Found, Look, Pause, Settled, Untrusted, settle
from batcher.core.retry import free_again
from batcher.core.row import Doubt
from batcher.core.states import State
from batcher.ledger.records import Outcome, Recorded, Via

from .attempt import count_failure, note_lost
from .clock import timestamp
from .context import RunContext
from .looks import Looks
from .prover import Prover


class Doubts:
    """
    The run's doubtful rows.

    ``waiting`` counts those that wait for a proof of the look-up, ``pausing`` those that wait for their next look.
    """

    def __init__(self, context: RunContext, looks: Looks, prover: Prover, on_news: Callable[[], None]) -> None:
        self._context = context
        self._prover = prover
        self._on_news = on_news
        self._looks = looks
        self._hopeless = {True: asyncio.Event(), False: asyncio.Event()}
        self._waiting = {True: 0, False: 0}
        self.pausing = 0

    @property
    def waiting(self) -> int:
        return sum(self._waiting.values())

    def give_up_hope(self) -> None:
        """
        Nothing moves that could still prove the look-up: rows stop waiting for it.

        Rows whose failure the remote reported itself go first, because sending them again may prove it for the others.
        """
        replied = self._waiting[True] > 0
        self._hopeless[replied].set()
        self._hopeless[replied] = asyncio.Event()

    async def settle(self, doubt: Doubt) -> State:
        """Looks until the row's fate is known or cannot be known; returns the state it has then."""
        self._prover.doubt_arose()
        return await self._write(doubt, await self._converse(doubt))

    async def _write(self, doubt: Doubt, settled: Settled) -> State:
        context = self._context
        old, row = doubt.row.state, doubt.row
        new, error = self._move(doubt, settled)
        found = settled.job_ids if isinstance(settled, Found) else ()
        outcome = Outcome(
            campaign_id=context.campaign.campaign_id,
            number=row.number,
            attempt=doubt.attempt,
            old=old,
            new=new,
            tries=row.tries,
            via=Via.LOOK_UP,
            error=error,
            job_id=found[0] if found else None,
            extra_job_ids=found[1:],
            finished_at=timestamp(context.clock.now()),
            settle_from=doubt.open_until if new in {State.IN_DOUBT, State.HELD} else None,
        )
        if old is new:
            return new
        recorded = await context.ledger.record_outcome(outcome)
        row.state = State.HELD if recorded is Recorded.ID_TAKEN else new
        self._tell(doubt, outcome, recorded)
        return row.state

    def _move(self, doubt: Doubt, settled: Settled) -> tuple[State, str | None]:
        """Where a settled doubt leads, and what to say of it where it is not good."""
        match settled:
            case Found():
                return State.DONE, None
            case Absent():
                return self._free(doubt), None
            case Untrusted(reason=reason, saw_jobs=saw_jobs):
                takes_its_word = doubt.replied and not saw_jobs and not self._context.plan.retry.strict_500
                if takes_its_word and doubt.row.state is State.IN_DOUBT:
                    return self._free(doubt), None
                return State.HELD, f"no look-up can be trusted: {reason}"

    def _free(self, doubt: Doubt) -> State:
        if doubt.row.state is State.HELD:
            return State.PENDING
        return free_again(doubt.row.tries, self._context.plan.retry)

    async def _converse(self, doubt: Doubt) -> Settled:
        context = self._context
        conversation = settle(
            doubt, context.plan.patience, lambda: self._prover.proof, context.clock.boottime, self._looks.silence.after
        )
        try:
            step = next(conversation)
            while True:
                seen = None
                match step:
                    case Look(signature=signature):
                        seen = await self._looks.look(signature)
                    case Pause(seconds=seconds):
                        await self._pause(seconds)
                    case AwaitProof():
                        await self._await_proof(replied=doubt.replied)
                step = conversation.send(seen)
        except StopIteration as end:
            result: Settled = end.value
            return result

    async def _pause(self, seconds: float) -> None:
        self.pausing += 1
        self._on_news()
        try:
            await self._context.clock.sleep(seconds)
        finally:
            self.pausing -= 1

    async def _await_proof(self, *, replied: bool) -> None:
        hopeless = self._hopeless[replied]
        self._waiting[replied] += 1
        self._on_news()
        waits = {asyncio.create_task(self._prover.settled()), asyncio.create_task(hopeless.wait())}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._waiting[replied] -= 1
            for wait in waits:
                wait.cancel()

    def _tell(self, doubt: Doubt, outcome: Outcome, recorded: Recorded) -> None:
        context, row = self._context, doubt.row
        if recorded is Recorded.LOST:
            note_lost(context, row, outcome.new)
            return
        if recorded is Recorded.ID_TAKEN:
            assert outcome.job_id is not None
            context.emit(JobIdTaken(key=row.key, job_id=outcome.job_id))
            self._prover.break_trust(f"job {outcome.job_id} was found for two rows")
        if outcome.extra_job_ids and row.state is State.DONE:
            assert outcome.job_id is not None
            context.emit(JobsDuplicated(key=row.key, adopted=outcome.job_id, extra=outcome.extra_job_ids))
        context.emit(DoubtResolved(key=row.key, state=row.state, job_id=outcome.job_id))
        match row.state:
            case State.DONE:
                assert outcome.job_id is not None
                context.emit(JobCreated(key=row.key, job_id=outcome.job_id, attempts=row.attempts, via=outcome.via))
            case State.HELD:
                context.emit(JobHeld(key=row.key, reason=outcome.error or "its job id belongs to another row"))
            case State.FAILED:
                count_failure(context)
                context.emit(JobFailed(key=row.key, attempts=row.attempts, reason="no job found, and no tries left"))
