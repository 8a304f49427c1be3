"""Reads what a campaign's drafts would cost, before any of them is submitted."""

from __future__ import annotations

import asyncio
from typing import Final

from batcher.core.bill import Bill, Unpriced
from batcher.core.events import CostsRead, Observer
from batcher.core.job import Balance, Cost
from batcher.core.outcome import in_words
from batcher.core.states import Stage
from batcher.ledger.job_records import Draft, JobCost
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import Campaign

from .asking import Asking
from .ports import Remote
from .stop import Stop

_PAGE: Final = 256
_FEW: Final = 20


async def read_bill(
    asking: Asking,
    ledger: Ledger,
    remote: Remote,
    campaign: Campaign,
    billing_type: str,
    *,
    limit: int | None,
    emit: Observer,
    stop: Stop,
) -> Bill:
    """
    The bill of every draft that could be submitted, at most ``limit`` of them; their costs are noted in the ledger.

    Where the run is asked to stop meanwhile, or stops itself because nobody answers, the bill is not complete.
    """
    spent = await ledger.spent(campaign)
    bill = Bill(unpriced=[], jobs_before=spent.jobs, before_micros=spent.micros)
    while not stop.requested:
        most = _PAGE if limit is None else min(_PAGE, limit - bill.jobs)
        drafts = await ledger.drafts(campaign, Stage.SUBMIT, after=bill.through, limit=most) if most else []
        if not drafts:
            break
        costs = await asyncio.gather(*(_price(asking, remote, draft, billing_type, bill) for draft in drafts))
        bill.through = drafts[-1].number
        await ledger.note_costs(campaign, [cost for cost in costs if cost is not None])
        emit(CostsRead(jobs=bill.jobs + bill.unpriced_count))
    if bill.jobs and not stop.requested:
        balance = await asking.ask(remote.balance)
        bill.credit_micros = balance.micros if isinstance(balance, Balance) else None
    return bill


async def _price(asking: Asking, remote: Remote, draft: Draft, billing_type: str, bill: Bill) -> JobCost | None:
    job_id = draft.jobs[0]
    answer = await asking.ask(lambda: remote.cost(job_id, billing_type))
    if isinstance(answer, Cost):
        bill.add(draft.number, answer.micros, answer.pieces)
        return JobCost(number=draft.number, micros=answer.micros)
    bill.unpriced_count += 1
    if len(bill.unpriced) < _FEW:
        bill.unpriced.append(Unpriced(number=draft.number, job_id=job_id, reason=in_words(answer)))
    return None
