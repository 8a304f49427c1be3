"""``batcher undo``: the drafts of a campaign are deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from .flags import CONNECTION, DOUBT, EXISTING_LEDGER, LIMITS, ONLY_RESULTS, OUTPUT, PACE, TARGET, Flags, with_flags
from .help import TidyCommand
from .options import CampaignName, ConfigFile, Confirm, Quiet, Verbose
from .usage import whole_number

if TYPE_CHECKING:
    from batcher.settings import Settings

    from .passes import Ending
    from .sitting import Sitting

_LATER = ("in_doubt", "held", "sending")


def register(app: typer.Typer) -> None:
    app.command("undo", cls=TidyCommand)(undo)


@with_flags(TARGET, {"ledger": EXISTING_LEDGER}, PACE, DOUBT, LIMITS, CONNECTION, ONLY_RESULTS, OUTPUT)
def undo(
    campaign: CampaignName,
    flags: Flags,
    confirm: Confirm = None,
    config: ConfigFile = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """
    Delete the drafts that this campaign created and has not submitted.

    Shows first what it would delete, and does it only with the number of jobs:
    --confirm N, or typed on a terminal. Jobs that a row should not have had go
    with it. Submitted jobs, and rows in doubt, are left alone.
    """
    from batcher.settings import load_settings

    from .session import run_async

    number = None if confirm is None else whole_number("--confirm", confirm)
    settings = load_settings(flags, config)
    raise typer.Exit(run_async(_undo(campaign, settings, number, quiet=quiet, verbose=verbose)))


async def _undo(name: str, settings: Settings, confirm: int | None, *, quiet: bool, verbose: bool) -> int:
    from .sitting import sitting

    async with sitting("undo", name, settings, quiet=quiet, verbose=verbose) as at:
        show = await _show_and_delete(at, confirm)
    return show()


async def _show_and_delete(at: Sitting, confirm: int | None) -> Ending:
    from batcher.dispatch.stages.deletion import Deletion

    from .confirmation import require_confirmation
    from .show import count_words, job_words, row_words

    work = Deletion()
    with at.observed() as passes:
        summary = await passes.settle(work)
        passes.require_going("deleted")
        drafts = await passes.drafts(work, at.settings.limit)
        if not drafts.rows:
            summary = summary or await passes.make(work, send=False)
    _, counts = await at.ledger.counts(at.campaign)
    left = sum(counts.get(state, 0) for state in _LATER)
    facts = {
        "to delete": job_words(drafts.jobs) if drafts.rows else None,
        "of them too many": job_words(drafts.jobs - drafts.rows) if drafts.jobs > drafts.rows else None,
        "left alone": f"{row_words(left)} in doubt: `batcher reconcile` settles them" if left else None,
    }
    if summary is not None and not drafts.rows:
        return await at.end(summary, facts)
    with at.showing({**facts, **count_words(counts)}):
        require_confirmation(confirm, drafts.jobs, f"delete {job_words(drafts.jobs)}", ask=at.may_ask)
    with at.observed() as passes:
        return await at.end(await passes.begin(work, drafts.rows, drafts.through), facts)
