"""Drives the conversation that settles a doubtful row, and writes down how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from batcher.core.events import DoubtResolved, DoubtWaived, JobFailed, JobHeld, JobIdTaken, JobRejected, JobsDuplicated
from batcher.core.look import Look, LookAt, Pause, Seen
from batcher.core.reconcile import AwaitProof, Found, Settled
from batcher.core.retry import LEFT_TO_A_PERSON, Ending, is_looked_up, state_once_settled
from batcher.core.row import Doubt
from batcher.core.silence import answers
from batcher.core.states import Stage, State, shown_state
from batcher.ledger.records import Outcome, Recorded, Via

from .clock import timestamp
from .context import RunContext
from .looks import Looks
from .prover import Prover
from .recorder import count_failure, note_lost
from .stages.work import Knowledge

_STATES = {Recorded.ID_TAKEN: State.HELD, Recorded.WITHDRAWN: State.WITHDRAWN}


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
        if not is_looked_up(doubt, self._context.plan.retry):
            return await self._write(doubt, LEFT_TO_A_PERSON)
        self._prover.doubt_arose()
        try:
            settled = await self._converse(doubt)
        except asyncio.CancelledError:
            await asyncio.shield(asyncio.ensure_future(self._put_off(doubt)))
            raise
        ending = state_once_settled(doubt, settled, self._context.plan.retry)
        return await self._write(doubt, ending, settled.job_ids if isinstance(settled, Found) else ())

    async def _write(self, doubt: Doubt, ending: Ending, found: tuple[int, ...] = ()) -> State:
        context = self._context
        old, row, new = doubt.row.state, doubt.row, ending.state
        if ending.unchecked:
            # At least its own process, or its own connection, must have given up on it.
            await self._pause(doubt.open_until - context.clock.boottime())
        outcome = Outcome(
            campaign_id=context.campaign.campaign_id,
            number=row.number,
            stage=context.work.stage,
            attempt=doubt.attempt,
            old=old,
            new=new,
            tries=row.tries,
            via=Via.LOOK_UP,
            error=ending.error,
            job_id=found[0] if found else None,
            extra_job_ids=found[1:] if context.work.stage is Stage.CREATE else (),
            finished_at=timestamp(context.clock.now()),
            settle_from=self._silent_until(doubt) if new in {State.IN_DOUBT, State.HELD} else None,
            unchecked=ending.unchecked,
        )
        if old is new:
            return new
        recorded = await context.ledger.record_outcome(outcome)
        row.state = _STATES.get(recorded, new)
        self._tell(doubt, outcome, recorded)
        return row.state

    def _silent_until(self, doubt: Doubt) -> float:
        """From when its patience counts, now that silence has put it off."""
        return doubt.open_until + self._looks.silence.after(doubt.open_until, until=self._context.clock.boottime())

    async def _converse(self, doubt: Doubt) -> Settled:
        context = self._context
        known = Knowledge(
            patience=context.plan.patience,
            proof_now=lambda: self._prover.proof,
            now=context.clock.boottime,
            silence_after=self._looks.silence.after,
        )
        conversation = context.work.settle(doubt, known)
        try:
            step = next(conversation)
            while True:
                seen = None
                match step:
                    case Look() | LookAt():
                        seen = await self._look(doubt, step)
                    case Pause(seconds=seconds):
                        await self._pause(seconds)
                    case AwaitProof():
                        await self._await_proof(replied=doubt.replied)
                step = conversation.send(seen)
        except StopIteration as end:
            result: Settled = end.value
            return result

    async def _look(self, doubt: Doubt, step: Look | LookAt) -> Seen:
        looks = self._looks
        seen = await (looks.look(step.signature) if isinstance(step, Look) else looks.look_at(step.job_id))
        if not answers(seen.answer):
            await self._put_off(doubt)
        return seen

    async def _put_off(self, doubt: Doubt) -> None:
        """Keeps silence in the ledger, so that a run that takes over does not count it as time to settle in."""
        context, counts_from = self._context, self._silent_until(doubt)
        if counts_from > doubt.open_until:
            await context.ledger.put_off(context.campaign, doubt.row.number, doubt.attempt, counts_from)

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
        if outcome.unchecked:
            context.emit(DoubtWaived(key=row.key))
        shown = shown_state(context.work.stage, row.state)
        context.emit(DoubtResolved(key=row.key, state=shown, job_id=outcome.job_id))
        match row.state:
            case State.DONE:
                context.emit(context.work.done(row, outcome))
            case State.REJECTED:
                count_failure(context)
                reason = outcome.error or ""
                context.emit(JobRejected(key=row.key, http_status=None, return_code=None, description=reason))
            case State.HELD:
                context.emit(JobHeld(key=row.key, reason=outcome.error or "its job id belongs to another row"))
            case State.FAILED:
                count_failure(context)
                context.emit(JobFailed(key=row.key, attempts=row.attempts, reason="no job found, and no tries left"))
