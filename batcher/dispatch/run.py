"""
One run over one campaign: claim, send, record, until every row is at rest or somebody asks to stop.

Whatever happens, the ledger is the truth: a run can be ended between any two lines of this module, and the next one
carries on.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field

from batcher.core.errors import Exit
from batcher.core.events import LedgerRecovered, Observer, RunFinished, RunStarted
from batcher.core.pace import Pace
from batcher.core.states import Stage, State
from batcher.core.tally import StopReason, exit_code
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import Campaign, Duplicates

from .clock import boot_id, timestamp
from .context import RunContext
from .plan import RunPlan
from .pool import Pool
from .ports import Clock, Remote
from .stages.creation import Creation
from .stages.work import StageWork
from .stop import Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """How a run ended. ``counts`` are rows by shown state, ``detail`` says more of why it stopped."""

    exit_code: Exit
    rows: int
    counts: dict[str, int]
    stopped_by: StopReason | None
    detail: str
    elapsed_s: float
    duplicates: Duplicates = field(default_factory=Duplicates)


async def run_campaign(
    *,
    ledger: Ledger,
    remote: Remote,
    clock: Clock,
    emit: Observer,
    campaign: Campaign,
    plan: RunPlan,
    stop: Stop,
    work: StageWork | None = None,
    pace: Pace | None = None,
) -> RunSummary:
    """
    Makes a pass over the campaign: over the rows of one stage, that in which jobs are created if none is named.

    ``pace`` is one that requests before it were already subject to.

    Raises:
        LedgerError: the ledger could no longer be written; what is in flight is in doubt for the next run.
    """
    began, work = clock.monotonic(), work or Creation()
    boot = boot_id()
    run_id = await ledger.start_run(
        campaign, now=timestamp(clock.now()), boot_id=boot, host=socket.gethostname(), pid=os.getpid()
    )
    orphans = await ledger.recover(campaign, run_id, boot_id=boot, boot_now=clock.boottime())
    if orphans:
        emit(LedgerRecovered(rows=orphans))
    if plan.send and work.stage is Stage.CREATE:
        await ledger.release(campaign, work.stage, (State.FAILED,))
    books = await ledger.books(campaign, work.stage)
    doubts = await ledger.doubts(campaign, work.stage, (State.IN_DOUBT, State.HELD)) if plan.settle else []
    pending = books.judged.get(State.PENDING, 0) if plan.send else 0
    emit(
        RunStarted(
            campaign=campaign.name,
            target=campaign.target.base_url,
            stage=work.stage,
            rows=books.rows,
            to_send=pending if plan.limit is None else min(pending, plan.limit),
            in_doubt=len(doubts),
        )
    )
    context = RunContext(
        ledger=ledger,
        remote=remote,
        clock=clock,
        emit=emit,
        campaign=campaign,
        work=work,
        plan=plan,
        run_id=run_id,
        rows=books.rows,
        pace=Pace(plan.rate_per_s) if pace is None else pace,
        stop=stop,
    )
    await Pool(context).run(doubts)
    if stop.error is not None:
        raise stop.error
    return await _summary(context, began)


async def _summary(context: RunContext, began: float) -> RunSummary:
    clock, stop = context.clock, context.stop
    books = await context.ledger.books(context.campaign, context.work.stage)
    rows, counts, judged = books.rows, dict(books.counts), dict(books.judged)
    reason = stop.reason
    if reason is None and await _is_limited(context, judged):
        reason = StopReason.LIMIT
    if not context.plan.send:
        judged.pop(State.PENDING, None)
    code = exit_code(rows, counts, judged, reason)
    elapsed_s = round(clock.monotonic() - began, 1)
    await context.ledger.finish_run(context.run_id, now=timestamp(clock.now()), exit_code=code, stopped_by=reason)
    context.emit(
        RunFinished(
            campaign=context.campaign.name, exit_code=code, stopped_by=reason, elapsed_s=elapsed_s, counts=counts
        )
    )
    return RunSummary(
        exit_code=code,
        rows=rows,
        counts=counts,
        duplicates=await context.ledger.duplicates(context.campaign),
        stopped_by=reason,
        detail=stop.detail,
        elapsed_s=elapsed_s,
    )


async def _is_limited(context: RunContext, judged: Mapping[State, int]) -> bool:
    """Whether rows are left that this run might have taken, but for ``--limit``."""
    if context.work.stage is Stage.CREATE:
        return context.limited and judged.get(State.PENDING, 0) > 0
    if not context.plan.send:
        return False
    return bool(await context.ledger.drafts(context.campaign, context.work.stage, after=0, limit=1))
