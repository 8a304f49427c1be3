"""``batcher submit``: the created jobs are ordered, and paid for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from .flags import (
    BILLING,
    CONNECTION,
    DOUBT,
    EXISTING_LEDGER,
    LIMITS,
    ONLY_RESULTS,
    OUTPUT,
    PACE,
    TARGET,
    Flags,
    with_flags,
)
from .help import TidyCommand
from .options import CampaignName, ConfigFile, Confirm, Quiet, Verbose
from .usage import whole_number

if TYPE_CHECKING:
    from batcher.settings import Settings

    from .passes import Ending
    from .sitting import Sitting


def register(app: typer.Typer) -> None:
    app.command("submit", cls=TidyCommand)(submit)


@with_flags(
    TARGET,
    {"ledger": EXISTING_LEDGER},
    BILLING,
    PACE,
    DOUBT,
    LIMITS,
    CONNECTION,
    ONLY_RESULTS,
    OUTPUT,
)
def submit(
    campaign: CampaignName,
    flags: Flags,
    confirm: Confirm = None,
    config: ConfigFile = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """
    Submit the created jobs: this is when they are printed, mailed and paid for.

    Shows the whole bill first, and goes ahead only with the number of its jobs:
    --confirm N, or typed on a terminal. No job is submitted twice: one in doubt
    is submitted again only when its own status says that nothing has happened.
    """
    from batcher.settings import load_settings

    from .session import run_async

    number = None if confirm is None else whole_number("--confirm", confirm)
    settings = load_settings(flags, config)
    raise typer.Exit(run_async(_submit(campaign, settings, number, quiet=quiet, verbose=verbose)))


async def _submit(name: str, settings: Settings, confirm: int | None, *, quiet: bool, verbose: bool) -> int:
    from .sitting import sitting

    async with sitting("submit", name, settings, quiet=quiet, verbose=verbose) as at:
        show = await _bill_and_submit(at, settings, confirm)
    return show()


async def _bill_and_submit(at: Sitting, settings: Settings, confirm: int | None) -> Ending:
    from batcher.core.money import money_words
    from batcher.dispatch.stages.submission import Submission

    from .billing import bill_facts, require_affordable
    from .confirmation import require_confirmation
    from .payment import cost_limits, payment_of
    from .show import count_words, job_words

    work = Submission(payment_of(settings))
    billing_type = str(settings.billing_type)
    with at.observed() as passes:
        summary = await passes.settle(work)
        bill = await passes.bill(billing_type, settings.limit)
        passes.require_going("submitted")
    facts = bill_facts(bill, billing_type)
    _, counts = await at.ledger.counts(at.campaign)
    if not bill.jobs and not bill.unpriced:
        with at.observed() as passes:
            summary = summary or await passes.make(work, send=False)
        return await at.end(summary, facts)
    with at.showing({**facts, **count_words(counts)}):
        require_affordable(bill, cost_limits(settings))
        what = f"submit {job_words(bill.jobs)} for {money_words(bill.micros)}"
        require_confirmation(confirm, bill.jobs, what, ask=at.may_ask)
    with at.observed() as passes:
        return await at.end(await passes.begin(work, bill.jobs, bill.through), facts)
