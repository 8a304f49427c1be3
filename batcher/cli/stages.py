"""The later stages as commands make them: settle what is left of earlier ones, show, begin, do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from batcher.core.bill import Bill
from batcher.core.errors import BatcherError, LedgerError
from batcher.core.pace import Pace
from batcher.core.retry import OnDoubt
from batcher.core.states import DOUBTFUL, Stage
from batcher.core.tally import StopReason, exit_of_stop, gravest
from batcher.dispatch.asking import Asking
from batcher.dispatch.billing import read_bill
from batcher.dispatch.clock import SystemClock
from batcher.dispatch.run import RunSummary, run_campaign
from batcher.dispatch.stages.work import StageWork

from .show import stop_words

if TYPE_CHECKING:
    from batcher.core.events import Observer
    from batcher.dispatch.plan import RunPlan
    from batcher.dispatch.ports import Clock, Remote
    from batcher.dispatch.stop import Stop
    from batcher.ledger.records import Campaign
    from batcher.ledger.sqlite import SqliteLedger

_PAGE: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafts:
    """How many rows and jobs a stage would be for, and the last row's number."""

    rows: int = 0
    jobs: int = 0
    through: int = 0


@dataclass(slots=True, kw_only=True)
class Passes:
    """Passes over one campaign's rows, stage by stage, at one pace and in the time that one run may take."""

    ledger: SqliteLedger
    campaign: Campaign
    remote: Remote
    plan: RunPlan
    stop: Stop
    emit: Observer
    pace: Pace
    clock: Clock = field(default_factory=SystemClock)
    began: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.clock.monotonic()

    async def make(self, work: StageWork, *, send: bool, limit: int | None = None, settle: bool = True) -> RunSummary:
        """Settles the stage's doubts, and with ``send`` does what is pending in it: at most ``limit`` rows."""
        plan = self.plan if work.stage is Stage.CREATE else _without_guesses(self.plan)
        return await run_campaign(
            ledger=self.ledger,
            remote=self.remote,
            clock=self.clock,
            emit=self.emit,
            campaign=self.campaign,
            plan=replace(plan.after(self.clock.monotonic() - self.began), send=send, settle=settle, limit=limit),
            stop=self.stop,
            work=work,
            pace=self.pace,
        )

    async def settle(self, work: StageWork) -> RunSummary | None:
        """Settles what earlier passes left in doubt; None where there is nothing."""
        judged = (await self.ledger.books(self.campaign, work.stage)).judged
        return await self.make(work, send=False) if any(judged.get(state, 0) for state in DOUBTFUL) else None

    def require_going(self, done: str) -> None:
        """
        Raises:
            Stopped: Somebody asked to stop, or nobody answered, before anything was ``done``.
        """
        if self.stop.error is not None:
            raise self.stop.error
        if self.stop.reason is not None:
            raise Stopped(self.stop.reason, f"nothing was {done}: {stop_words(self.stop.reason, self.stop.detail)}")

    async def drafts(self, work: StageWork, limit: int | None) -> Drafts:
        """What the stage would be for: at most ``limit`` rows."""
        rows, jobs, through = 0, 0, 0
        while most := _PAGE if limit is None else min(_PAGE, limit - rows):
            page = await self.ledger.drafts(self.campaign, work.stage, after=through, limit=most)
            if not page:
                break
            rows, jobs, through = rows + len(page), jobs + sum(len(row.jobs) for row in page), page[-1].number
        return Drafts(rows=rows, jobs=jobs, through=through)

    def asking(self) -> Asking:
        """For questions beside the passes, for which an outage is waited out."""
        plan = self.plan
        return Asking(
            clock=self.clock,
            emit=self.emit,
            pace=self.pace,
            stop=self.stop,
            at_once=plan.concurrency,
            max_outage_s=plan.max_outage_s,
        )

    async def bill(self, billing_type: str, limit: int | None) -> Bill:
        """What the drafts would cost."""
        ledger, remote, emit, stop = self.ledger, self.remote, self.emit, self.stop
        return await read_bill(
            self.asking(), ledger, remote, self.campaign, billing_type, limit=limit, emit=emit, stop=stop
        )

    async def begin(self, work: StageWork, jobs: int, through: int) -> RunSummary:
        """
        Does it for exactly these rows.

        Raises:
            LedgerError: The rows are not those that were shown.
        """
        pending = await self.ledger.begin_stage(self.campaign, work.stage, through=through)
        if pending != jobs:
            raise LedgerError(
                f"{jobs:,} rows were shown, and there are {pending:,} now; nothing was sent, run it again"
            )
        return await self.make(work, send=True, limit=pending, settle=False)


def together(made: Sequence[RunSummary]) -> RunSummary:
    """Several passes over one campaign as one: the last books, the worst code, the first reason to stop."""
    stopped = next((summary for summary in made if summary.stopped_by is not None), made[-1])
    return replace(
        made[-1],
        exit_code=gravest({summary.exit_code for summary in made}),
        stopped_by=stopped.stopped_by,
        detail=stopped.detail,
        elapsed_s=round(sum(summary.elapsed_s for summary in made), 1),
    )


class Stopped(BatcherError):
    """A command ended before it had begun what it was asked for."""

    def __init__(self, reason: StopReason, words: str) -> None:
        super().__init__(words)
        self.exit_code = exit_of_stop(reason)  # type: ignore[misc] # one class for all reasons


def _without_guesses(plan: RunPlan) -> RunPlan:
    """Money is not spent on the remote's word that it failed, nor on a guess: those rows are checked, or held."""
    on_doubt = OnDoubt.HOLD if plan.retry.on_doubt is OnDoubt.HOLD else OnDoubt.CHECK
    return replace(plan, retry=replace(plan.retry, strict_500=True, on_doubt=on_doubt))
