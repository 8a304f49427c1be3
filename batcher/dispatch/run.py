"""
One run over one campaign: claim, send, record, until every row is at rest or somebody asks to stop.

Whatever happens, the ledger is the truth: a run can be ended between any two lines of this module, and the next one
carries on.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, field

from batcher.core.errors import Exit
from batcher.core.events import LedgerRecovered, Observer, RunFinished, RunStarted
from batcher.core.states import State
from batcher.core.tally import StopReason, exit_code
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import Campaign, Duplicates

from .clock import boot_id, timestamp
from .context import RunContext
from .plan import RunPlan
from .pool import Pool
from .ports import Clock, Remote
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
    *, ledger: Ledger, remote: Remote, clock: Clock, emit: Observer, campaign: Campaign, plan: RunPlan, stop: Stop
) -> RunSummary:
    """
    Makes a pass over the campaign.

    Raises:
        LedgerError: the ledger could no longer be written; what is in flight is in doubt for the next run.
    """
    began = clock.monotonic()
    boot = boot_id()
    run_id = await ledger.start_run(
        campaign, now=timestamp(clock.now()), boot_id=boot, host=socket.gethostname(), pid=os.getpid()
    )
    orphans = await ledger.recover(campaign, run_id, boot_id=boot, boot_now=clock.boottime())
    if orphans:
        emit(LedgerRecovered(rows=orphans))
    if plan.send:
        await ledger.release(campaign, (State.FAILED,))
    rows, counts = await ledger.counts(campaign)
    doubts = await ledger.doubts(campaign, (State.IN_DOUBT, State.HELD))
    pending = counts.get("pending", 0) if plan.send else 0
    emit(
        RunStarted(
            campaign=campaign.name,
            target=campaign.target.base_url,
            rows=rows,
            to_create=pending if plan.limit is None else min(pending, plan.limit),
            in_doubt=len(doubts),
        )
    )
    context = RunContext(
        ledger=ledger,
        remote=remote,
        clock=clock,
        emit=emit,
        campaign=campaign,
        plan=plan,
        run_id=run_id,
        rows=rows,
        stop=stop,
    )
    await Pool(context).run(doubts)
    if stop.error is not None:
        raise stop.error
    return await _summary(context, began)


async def _summary(context: RunContext, began: float) -> RunSummary:
    clock, stop = context.clock, context.stop
    rows, counts = await context.ledger.counts(context.campaign)
    reason = stop.reason
    if reason is None and counts.get("pending", 0):
        reason = StopReason.LIMIT if context.limited else None
    resting = counts if context.plan.send else {**counts, "pending": 0, "withdrawn": counts.get("pending", 0)}
    code = exit_code(rows, resting, reason)
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
