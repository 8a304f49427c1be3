"""Reads what a campaign's drafts would cost, before any of them is submitted."""

from __future__ import annotations

import asyncio
from typing import Final

from batcher.core.bill import Bill, Unpriced
from batcher.core.events import CostsRead
from batcher.core.job import Balance, Cost
from batcher.core.outcome import in_words
from batcher.core.states import Stage
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import Campaign, Draft, JobCost

from .inquiry import Asking, Inquiry
from .ports import Remote

_PAGE: Final = 256
_FEW: Final = 20


async def read_bill(
    asking: Asking, ledger: Ledger, remote: Remote, campaign: Campaign, billing_type: str, limit: int | None
) -> Bill:
    """
    The bill of every draft that could be submitted, at most ``limit`` of them; their costs are noted in the ledger.

    Where the run is asked to stop meanwhile, or stops itself because nobody answers, the bill is not complete.
    """
    inquiry, spent = Inquiry(asking), await ledger.spent(campaign)
    bill = Bill(unpriced=[], jobs_before=spent.jobs, before_micros=spent.micros)
    while not asking.stop.requested:
        most = _PAGE if limit is None else min(_PAGE, limit - bill.jobs)
        drafts = await ledger.drafts(campaign, Stage.SUBMIT, after=bill.through, limit=most) if most else []
        if not drafts:
            break
        costs = await asyncio.gather(*(_price(inquiry, remote, draft, billing_type, bill) for draft in drafts))
        bill.through = drafts[-1].number
        await ledger.note_costs(campaign, [cost for cost in costs if cost is not None])
        asking.emit(CostsRead(jobs=bill.jobs + bill.unpriced_count))
    if bill.jobs and not asking.stop.requested:
        balance = await inquiry.ask(remote.balance)
        bill.credit_micros = balance.micros if isinstance(balance, Balance) else None
    return bill


async def _price(inquiry: Inquiry, remote: Remote, draft: Draft, billing_type: str, bill: Bill) -> JobCost | None:
    job_id = draft.jobs[0]
    answer = await inquiry.ask(lambda: remote.cost(job_id, billing_type))
    if isinstance(answer, Cost):
        bill.add(draft.number, answer.micros, answer.pieces)
        return JobCost(number=draft.number, micros=answer.micros)
    bill.unpriced_count += 1
    if len(bill.unpriced) < _FEW:
        bill.unpriced.append(Unpriced(number=draft.number, job_id=job_id, reason=in_words(answer)))
    return None
