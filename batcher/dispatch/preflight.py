"""
What can be asked before anything is sent: are lists, documents and products there that the rows name?

Different values only, and only of rows that are still to be sent. What the remote itself refuses keeps the run from
sending; what cannot be found out is said, and keeps nobody from anything. Nothing is remembered: whoever runs again has
perhaps mended it there.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Final

from batcher.core.catalogue import Catalogue
from batcher.core.distinct import Distinct, Group
from batcher.core.errors import LoadInterrupted, ManifestError
from batcher.core.events import Observer, PreflightFinished
from batcher.core.pace import Pace
from batcher.core.preflight import not_ready, refusal
from batcher.core.product import OPTION_FIELDS
from batcher.core.tally import StopReason
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import Campaign

from .asking import Asking
from .document_check import DocumentCheck
from .findings import Findings
from .list_check import ListCheck
from .ports import Clock, Inspection
from .product_check import ProductCheck
from .stop import Stop

_MOST_VALUES: Final = 5000
"""Different values of a kind that are kept: more than an account holds, and small in memory."""
_LONGEST_ID: Final = 18
_QUESTIONS: Final = (("addressId",), ("documentId", "documentClass"), OPTION_FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightPlan:
    """``patience_s`` is for all questions together, ``list_wait_s`` for lists that are not ready after them."""

    patience_s: float = 120.0
    list_wait_s: float = 60.0


async def preflight(
    *,
    ledger: Ledger,
    campaign: Campaign,
    remote: Inspection,
    catalogue: Catalogue,
    clock: Clock,
    emit: Observer,
    pace: Pace,
    plan: PreflightPlan,
    stop: Stop,
) -> None:
    """
    Looks at what the campaign's rows are made of, before they are sent.

    Lists that are not ready in time, and rejected credentials, ask the run to stop before it begins.

    Raises:
        ManifestError: the remote refuses some of it; the message has a line for each value.
        LedgerError: the ledger cannot be read.
    """
    distinct = await _to_send(ledger, campaign, stop)
    if not any(answer.groups for answer in distinct):
        return
    began = clock.monotonic()
    asking, findings = Asking(clock=clock, emit=emit, pace=pace, stop=stop), Findings(emit)
    for check, answer in zip(("address lists", "documents", "products"), distinct, strict=True):
        if answer.rows_beyond:
            findings.limit(check, f"of the first {_MOST_VALUES:,}; {answer.rows_beyond:,} rows have others")
    lists, documents, products = _lists(distinct[0]), _documents(distinct[1]), distinct[2].groups
    list_check = ListCheck(asking, remote, findings, lists)
    checks = (
        list_check,
        DocumentCheck(asking, remote, findings, documents),
        ProductCheck(asking, remote, findings, catalogue, products),
    )

    async def look() -> None:
        await asyncio.gather(*(check.look() for check in checks))

    if await asking.within(plan.patience_s, look()) or not stop.requested:
        for check in sorted(findings.unfinished):
            findings.skip(check, f"not done within {plan.patience_s:g} s")
        await list_check.wait(clock, emit, plan.list_wait_s)
    if stop.requested:
        return
    emit(
        PreflightFinished(
            lists=len(lists),
            documents=len(documents),
            products=len(products),
            requests=asking.requests,
            doubts=findings.doubts,
            elapsed_s=round(clock.monotonic() - began, 1),
        )
    )
    if trouble := refusal(campaign.manifest, findings.found):
        raise ManifestError(trouble)
    if waiting := not_ready(findings.found):
        stop.request(StopReason.LISTS, detail=waiting)


async def _to_send(ledger: Ledger, campaign: Campaign, stop: Stop) -> list[Distinct]:
    """The different values of rows that are to be sent; nothing where somebody has asked to stop."""
    try:
        return await ledger.distinct_to_send(
            campaign, _QUESTIONS, limit=_MOST_VALUES, is_stopped=lambda: stop.requested
        )
    except LoadInterrupted:
        return []


def _lists(lists: Distinct) -> dict[int, Group]:
    """Groups by the number of the list: ``7`` and ``007`` are the same."""
    found: dict[int, Group] = {}
    for group in lists.groups:
        number = _number(group.values[0])
        if number is not None:
            same = found.get(number)
            found[number] = group if same is None else replace(same, rows=same.rows + group.rows)
    return found


def _documents(documents: Distinct) -> dict[int, list[Group]]:
    """Groups by the number of the document; several where its rows say different classes."""
    found: dict[int, list[Group]] = {}
    for group in documents.groups:
        number = _number(group.values[0])
        if number is not None:
            found.setdefault(number, []).append(group)
    return found


def _number(text: str | None) -> int | None:
    """The id that a text is; longer ones no remote has."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= _LONGEST_ID else None
