"""The bill as commands show it, and submitting at night, when a limit stands in for a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from batcher.core.bill import Bill, CostLimits, refusal
from batcher.core.errors import Exit
from batcher.core.money import money_words
from batcher.core.tally import gravest
from batcher.dispatch.run import RunSummary
from batcher.dispatch.stages.submission import Submission

from .confirmation import NotConfirmed
from .stages import Passes, together


def require_affordable(bill: Bill, limits: CostLimits) -> None:
    """
    Raises:
        NotConfirmed: A job has no price, or the bill is over a limit.
    """
    reason = refusal(bill, limits)
    if reason is not None:
        raise NotConfirmed(f"nothing was submitted: {reason}")


def bill_facts(bill: Bill, billing_type: str) -> dict[str, str | int | None]:
    """The bill for people, line by line."""
    credit = bill.credit_micros
    left = None if credit is None else credit - bill.micros
    return {
        "jobs": bill.jobs,
        "pieces": bill.pieces if bill.jobs else None,
        "cost": money_words(bill.micros),
        "submitted before": f"{bill.jobs_before:,} jobs, {money_words(bill.before_micros)}"
        if bill.jobs_before
        else None,
        "billing type": billing_type,
        "credit": None if credit is None else money_words(credit),
        "credit left": _left_words(left, billing_type),
    }


def _left_words(left: int | None, billing_type: str) -> str | None:
    if left is None or billing_type != "User Credit":
        return None
    short = "  (not enough: the stage will stop where it is used up)" if left < 0 else ""
    return f"{money_words(left)}{short}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unattended:
    """What came of submitting without a person: ``complaint`` is why nothing was submitted."""

    summary: RunSummary
    facts: Mapping[str, str | int | None]
    complaint: str | None = None


_GOES_ON: Final = frozenset({Exit.OK, Exit.REJECTED, Exit.FAILED, Exit.IN_DOUBT})
"""Unless something stopped it, a run that ended with one of these came to its end: what it created may be submitted."""


async def submit_unattended(
    passes: Passes, created: RunSummary, payment: Mapping[str, str], limits: CostLimits
) -> Unattended:
    """Submits what was created, if the bill keeps to the limits: ``run --submit``."""
    if created.exit_code not in _GOES_ON or created.stopped_by is not None:
        return Unattended(summary=created, facts={})
    work, made = Submission(payment), [created]
    made += [summary] if (summary := await passes.settle(work)) else []
    bill = await passes.bill(payment["billingType"], None)
    facts = bill_facts(bill, payment["billingType"])
    if passes.stop.requested:
        made.append(await passes.make(work, send=False, settle=False))
    elif (reason := refusal(bill, limits)) is not None:
        refused = replace(together(made), exit_code=gravest({Exit.NOT_CONFIRMED, *(each.exit_code for each in made)}))
        return Unattended(summary=refused, facts=facts, complaint=f"nothing was submitted: {reason}")
    elif bill.jobs:
        made.append(await passes.begin(work, bill.jobs, bill.through))
    return Unattended(summary=together(made), facts=facts)
