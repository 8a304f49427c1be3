"""
Outcomes on their way into the ledger, and what follows once they are there.

Whatever was answered while one group was committed is the next group: a durable commit is paid for by many rows, and no
worker waits for it. A row is let go of, told of and counted only when its outcome is committed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
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
from batcher.core.proof import Trust
from batcher.core.row import Doubt, Row
from batcher.core.states import State, shown_state
from batcher.core.tally import StopReason
from batcher.ledger.records import Outcome, Recorded

from .context import RunContext
from .errand import Attempted, Errand
from .prover import Prover

_REPLIES: Final = frozenset({Verdict.REPORTED_FAILURE, Verdict.OTHER_STATE})
"""Answers of the remote's own: it is not at work on the row any more."""
_DONE: Final = Attempted(state=State.DONE, reason="")
_GATHER_S: Final = 0.01
"""How long an outcome may wait for others. Each that waits is one more row in doubt after a crash."""


@dataclass(slots=True, kw_only=True)
class Finished:
    """An attempt that is over. Times are boot-time seconds: when it began, and when it had its answer."""

    errand: Errand
    verdict: Verdict
    outcome: Outcome
    began: float
    answered_at: float


class Recorder:
    """
    Writes down what attempts came to, in groups.

    ``pass_on`` is told of every attempt whose outcome is committed, and where it left its row.
    """

    def __init__(self, context: RunContext, prover: Prover, pass_on: Callable[[Errand, Attempted], None]) -> None:
        self._context = context
        self._prover = prover
        self._pass_on = pass_on
        self._waiting: list[Finished] = []
        self._group: list[Finished] = []
        self._wake = asyncio.Event()
        self._closed = False
        self._recorded = 0

    def __len__(self) -> int:
        """Outcomes that are not committed yet."""
        return len(self._waiting) + len(self._group)

    def put(self, finished: Finished) -> None:
        """Takes an outcome, to be written with the next group."""
        self._waiting.append(finished)
        self._wake.set()

    def close(self) -> None:
        """There will be no more; ``run`` returns when all are written."""
        self._closed = True
        self._wake.set()

    async def run(self) -> None:
        """Writes group after group. A group that cannot be written ends the run, and those after it are tried still."""
        while True:
            self._wake.clear()
            self._group, self._waiting = self._waiting, []
            if self._group:
                await self._record()
            elif self._closed:
                return
            else:
                await self._wake.wait()
                if self._has_company:
                    await self._context.clock.sleep(_GATHER_S)

    @property
    def _has_company(self) -> bool:
        """Whether more outcomes will be there in a moment; where they keep others from being sent, none has to wait."""
        return self._recorded > 1 and not self._closed and self._prover.proof.trust is Trust.PROVEN

    async def _record(self) -> None:
        self._recorded = len(self._group)
        try:
            recorded = await self._context.ledger.record_outcomes([finished.outcome for finished in self._group])
            for finished, what in zip(self._group, recorded, strict=True):
                self._pass_on(finished.errand, self._follow(finished, what))
        except Exception as error:  # noqa: BLE001 - an outermost frame: the run stops, and raises it at its end
            self._context.stop.fail(error)

    def _follow(self, finished: Finished, recorded: Recorded) -> Attempted:
        context, row, outcome, verdict = self._context, finished.errand.row, finished.outcome, finished.verdict
        row.tries, row.state = outcome.tries, State.WITHDRAWN if recorded is Recorded.WITHDRAWN else outcome.new
        row.sent += verdict is not Verdict.UNREACHED
        context.emit(
            AttemptFinished(
                key=row.key,
                attempt=row.attempts,
                verdict=verdict,
                http_status=outcome.http_status,
                return_code=outcome.return_code,
                duration_ms=outcome.duration_ms or 0,
            )
        )
        if recorded is Recorded.LOST:
            note_lost(context, row, outcome.new)
        else:
            if recorded is Recorded.ID_TAKEN:
                self._note_id_taken(row, outcome)
            self._tell(row, outcome, finished.began)
        if row.state is State.DONE:
            return _DONE
        doubt = None
        if row.state is State.IN_DOUBT:
            replied = verdict in _REPLIES
            doubt = Doubt(row=row, attempt=row.attempts, open_until=finished.answered_at, replied=replied)
        reached = verdict is not Verdict.UNREACHED
        return Attempted(state=row.state, reason=outcome.error or "", doubt=doubt, reached=reached)

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
                count_failure(context)
            case State.FAILED:
                context.emit(JobFailed(key=row.key, attempts=row.attempts, reason=reason))
                count_failure(context)
            case State.IN_DOUBT:
                context.emit(JobInDoubt(key=row.key, attempt=row.attempts, reason=reason))


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
