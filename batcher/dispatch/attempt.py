"""One attempt: a POST whose intent is committed, and what its answer means for the row."""

from __future__ import annotations

import asyncio
from typing import Final

from batcher.core.classify import Verdict
from batcher.core.outcome import Answer, Fault, FaultKind, Reply, in_words
from batcher.core.retry import is_unchecked, state_after, uses_a_try
from batcher.core.row import Row
from batcher.core.sending import Sending
from batcher.core.states import State
from batcher.ledger.records import Outcome, Via

from .clock import timestamp
from .context import RunContext
from .errand import Errand
from .gate import Gate
from .hopeless import stop_if_hopeless
from .prover import Prover
from .recorder import Finished, Recorder

_NO_REPLY: Final = Reply(http_status=0)
_WITHHELD: Final[Answer] = Fault(kind=FaultKind.WITHHELD, detail="the run pauses")


class Attempts:
    """Sends rows, and hands what came of it to the recorder, which writes it down."""

    def __init__(self, context: RunContext, gate: Gate, prover: Prover, recorder: Recorder) -> None:
        self._context = context
        self._gate = gate
        self._prover = prover
        self._recorder = recorder

    async def make(self, errand: Errand) -> bool:
        """
        Posts a row whose intent is committed; returns once it has its answer, and whether the remote may have seen it.

        When cancelled, an outcome is handed on as well: in doubt if a byte may have left, else pending.
        """
        sending, began = Sending(), self._context.clock.boottime()
        answer: Answer | None = None
        try:
            answer = await self._send(errand, sending)
            verdict = await self._verdict(errand.row, answer)
        except asyncio.CancelledError:
            if answer is None:
                kind = FaultKind.CANCELLED if sending.started else FaultKind.WITHHELD
                answer = Fault(kind=kind, detail="the run ended before the reply came")
            self._finish(errand, answer, self._context.work.verdict(errand.row, answer), began)
            raise
        self._finish(errand, answer, verdict, began)
        return verdict is not Verdict.UNREACHED

    def return_unsent(self, errand: Errand) -> None:
        """Takes back an intent that nobody will act on."""
        answer = Fault(kind=FaultKind.WITHHELD, detail="the run ended")
        self._finish(errand, answer, self._context.work.verdict(errand.row, answer), self._context.clock.boottime())

    async def _send(self, errand: Errand, sending: Sending) -> Answer:
        context, permit = self._context, errand.permit
        began, answer = context.clock.monotonic(), _WITHHELD
        if self._gate.may_go(permit) and not context.stop.requested:
            answer = await context.work.send(context.remote, errand.row, errand.send_by, sending)
        self._gate.hear(answer, permit, context.clock.monotonic() - began)
        return answer

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

    def _finish(self, errand: Errand, answer: Answer, verdict: Verdict, began: float) -> None:
        answered_at = self._context.clock.boottime()
        if verdict is Verdict.DONE:
            self._context.succeeded = True
        else:
            stop_if_hopeless(self._context, verdict, answer, self._gate.outage_s())
        outcome = self._outcome(errand.row, answer, verdict, began, answered_at)
        self._recorder.put(
            Finished(errand=errand, verdict=verdict, outcome=outcome, began=began, answered_at=answered_at)
        )

    def _outcome(self, row: Row, answer: Answer, verdict: Verdict, began: float, answered_at: float) -> Outcome:
        context = self._context
        tries = row.tries + uses_a_try(verdict)
        state = state_after(verdict, tries=tries, trust=self._prover.proof.trust, policy=context.plan.retry)
        reply = answer if isinstance(answer, Reply) else _NO_REPLY
        is_done = state is State.DONE
        return Outcome(
            campaign_id=context.campaign.campaign_id,
            number=row.number,
            stage=context.work.stage,
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
            finished_at=timestamp(context.clock.now()),
            duration_ms=round((answered_at - began) * 1000),
            settle_from=answered_at if state is State.IN_DOUBT else None,
            unchecked=is_unchecked(verdict, state),
            cost_micros=reply.cost_micros if is_done else None,
        )
