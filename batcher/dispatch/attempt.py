"""One attempt: a POST whose intent is committed, and the outcome that is committed after it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from batcher.core.classify import Verdict
from batcher.core.events import (
    AttemptFinished,
    DoubtWaived,
    JobFailed,
    JobIdTaken,
    JobInDoubt,
    JobRejected,
    MoveLost,
)
from batcher.core.outcome import Answer, Fault, FaultKind, Reply, in_words
from batcher.core.retry import is_unchecked, state_after, uses_a_try
from batcher.core.row import Doubt, Row
from batcher.core.sending import Deadline, Sending
from batcher.core.states import State, shown_state
from batcher.core.tally import StopReason
from batcher.ledger.records import Outcome, Recorded, Via

from .clock import timestamp
from .context import RunContext
from .gate import Gate, Permit
from .hopeless import stop_if_hopeless
from .prover import Prover

_REPLIES: Final = frozenset({Verdict.REPORTED_FAILURE, Verdict.OTHER_STATE})
"""Answers of the remote's own: it is not at work on the row any more."""
_NO_REPLY: Final = Reply(http_status=0)
_WITHHELD: Final[Answer] = Fault(kind=FaultKind.WITHHELD, detail="the run pauses")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempted:
    """
    Where an attempt left its row, why, in words for people, and the doubt that it left.

    ``reached``: the remote may have seen the row; what reached nobody is the run's trouble, not the row's.
    """

    state: State
    reason: str
    doubt: Doubt | None = None
    reached: bool = True


class Attempts:
    """Sends rows and writes down what came of it."""

    def __init__(self, context: RunContext, gate: Gate, prover: Prover) -> None:
        self._context = context
        self._gate = gate
        self._prover = prover

    async def make(self, row: Row, send_by: Deadline, permit: Permit) -> Attempted:
        """
        Posts a row whose intent is committed, and returns once the outcome is committed.

        When cancelled, the outcome is still written: in doubt if a byte may have left, else pending.
        """
        sending, began = Sending(), self._context.clock.boottime()
        answer: Answer | None = None
        try:
            answer = await self._send(row, send_by, sending, permit)
            verdict = await self._verdict(row, answer)
        except asyncio.CancelledError:
            if answer is None:
                kind = FaultKind.CANCELLED if sending.started else FaultKind.WITHHELD
                answer = Fault(kind=kind, detail="the run ended before the reply came")
            verdict = self._context.work.verdict(row, answer)
            await asyncio.shield(asyncio.ensure_future(self._finish(row, answer, verdict, began)))
            raise
        return await self._finish(row, answer, verdict, began)

    async def return_unsent(self, row: Row) -> None:
        """Takes back an intent that nobody will act on."""
        answer = Fault(kind=FaultKind.WITHHELD, detail="the run ended")
        await self._finish(row, answer, self._context.work.verdict(row, answer), self._context.clock.boottime())

    async def _send(self, row: Row, send_by: Deadline, sending: Sending, permit: Permit) -> Answer:
        clock = self._context.clock
        began, answer = clock.monotonic(), _WITHHELD
        if self._gate.may_go(permit) and not self._context.stop.requested:
            answer = await self._context.work.send(self._context.remote, row, send_by, sending)
        self._gate.hear(answer, permit, clock.monotonic() - began)
        return answer

    async def _finish(self, row: Row, answer: Answer, verdict: Verdict, began: float) -> Attempted:
        context = self._context
        answered_at = context.clock.boottime()
        duration_ms = round((answered_at - began) * 1000)
        stop_if_hopeless(context, verdict, answer, self._gate.outage_s())
        tries = row.tries + uses_a_try(verdict)
        state = state_after(verdict, tries=tries, trust=self._prover.proof.trust, policy=context.plan.retry)
        outcome = self._outcome(row, answer, verdict, state, tries, answered_at, duration_ms)
        recorded = await context.ledger.record_outcome(outcome)
        row.tries, row.state = tries, State.WITHDRAWN if recorded is Recorded.WITHDRAWN else state
        row.sent += verdict is not Verdict.UNREACHED
        context.emit(
            AttemptFinished(
                key=row.key,
                attempt=row.attempts,
                verdict=verdict,
                http_status=outcome.http_status,
                return_code=outcome.return_code,
                duration_ms=duration_ms,
            )
        )
        if recorded is Recorded.LOST:
            note_lost(context, row, state)
        else:
            if recorded is Recorded.ID_TAKEN:
                self._note_id_taken(row, outcome)
            self._tell(row, outcome, began)
        doubt = None
        if row.state is State.IN_DOUBT:
            replied = verdict in _REPLIES
            doubt = Doubt(row=row, attempt=row.attempts, open_until=answered_at, replied=replied)
        reached = verdict is not Verdict.UNREACHED
        return Attempted(state=row.state, reason=outcome.error or "", doubt=doubt, reached=reached)

    async def _verdict(self, row: Row, answer: Answer) -> Verdict:
        """
        The answer's meaning. A 403 is the account's only if the account is refused everywhere.
        """
        verdict = self._context.work.verdict(row, answer)
        if verdict is not Verdict.FORBIDDEN:
            return verdict
        await self._gate.pacing.turn()
        credit = await self._context.remote.credit()
        answers = isinstance(credit, Reply) and credit.http_status == 200
        return Verdict.REJECTED if answers else Verdict.FORBIDDEN

    def _outcome(
        self, row: Row, answer: Answer, verdict: Verdict, state: State, tries: int, answered_at: float, duration_ms: int
    ) -> Outcome:
        reply = answer if isinstance(answer, Reply) else _NO_REPLY
        is_done = state is State.DONE
        return Outcome(
            campaign_id=self._context.campaign.campaign_id,
            number=row.number,
            stage=self._context.work.stage,
            attempt=row.attempts,
            old=State.SENDING,
            new=state,
            tries=tries,
            sent=verdict is not Verdict.UNREACHED,
            via=Via.REPLY,
            http_status=answer.http_status,
            return_code=reply.code,
            description=reply.description,
            error_type=None if is_done else str(answer.kind if isinstance(answer, Fault) else verdict),
            error=None if is_done else in_words(answer),
            job_id=reply.job_id or None,
            finished_at=timestamp(self._context.clock.now()),
            duration_ms=duration_ms,
            settle_from=answered_at if state is State.IN_DOUBT else None,
            unchecked=is_unchecked(verdict, state),
            cost_micros=reply.cost_micros if is_done else None,
        )

    def _note_id_taken(self, row: Row, outcome: Outcome) -> None:
        assert outcome.job_id is not None
        row.state = State.IN_DOUBT
        self._context.emit(JobIdTaken(key=row.key, job_id=outcome.job_id))
        self._prover.break_trust(f"job {outcome.job_id} was named for two rows")

    def _tell(self, row: Row, outcome: Outcome, began: float) -> None:
        """Emits what a person wants to know of the row, and counts what the run's limits count."""
        context, reason = self._context, outcome.error or ""
        if outcome.unchecked:
            context.emit(DoubtWaived(key=row.key))
        match row.state:
            case State.DONE:
                assert outcome.job_id is not None
                context.succeeded = True
                self._prover.job_done(row, outcome.job_id, began)
                context.emit(context.work.done(row, outcome))
            case State.REJECTED:
                context.emit(
                    JobRejected(
                        key=row.key,
                        http_status=outcome.http_status,
                        return_code=outcome.return_code,
                        description=outcome.description,
                    )
                )
            case State.FAILED:
                context.emit(JobFailed(key=row.key, attempts=row.attempts, reason=reason))
            case State.IN_DOUBT:
                context.emit(JobInDoubt(key=row.key, attempt=row.attempts, reason=reason))
        if row.state in {State.REJECTED, State.FAILED}:
            count_failure(context)


def note_lost(context: RunContext, row: Row, wanted: State) -> None:
    """The row was not where the run thought it was: what the run knows of it is worth nothing, so it stops."""
    context.emit(MoveLost(key=row.key, wanted=shown_state(context.work.stage, wanted)))
    context.stop.request(StopReason.LEDGER, detail=f"row {row.number} was moved by somebody else")


def count_failure(context: RunContext) -> None:
    """One more row that was rejected or has failed; the run may have had enough of them."""
    context.failures += 1
    limit = context.plan.max_failures
    if limit is not None and limit.is_reached(context.failures, context.rows):
        context.stop.request(StopReason.MAX_FAILURES, detail=f"{context.failures} rows rejected or failed")
