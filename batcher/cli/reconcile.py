"""``batcher reconcile``: settle what is in doubt, send nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from .flags import CONNECTION, DOUBT, EXISTING_LEDGER, LIMITS, OUTPUT, RESULTS, TARGET, Flags, with_flags
from .help import TidyCommand
from .options import CampaignName, ConfigFile, Quiet, Verbose

if TYPE_CHECKING:
    from batcher.settings import Settings

_LIMITS = {name: LIMITS[name] for name in ("max_outage", "max_duration", "drain_timeout")}


def register(app: typer.Typer) -> None:
    app.command("reconcile", cls=TidyCommand)(reconcile)


@with_flags(TARGET, {"ledger": EXISTING_LEDGER}, DOUBT, _LIMITS, CONNECTION, {"results": RESULTS["results"]}, OUTPUT)
def reconcile(
    campaign: CampaignName, flags: Flags, config: ConfigFile = None, quiet: Quiet = False, verbose: Verbose = False
) -> None:
    """
    Settle what is in doubt or held, by look-up; nothing is made or submitted.

    Rows that are found are created, or submitted, or deleted; rows that surely
    were not are what they were before, for the next command.
    """
    from batcher.settings import load_settings

    from .session import run_async

    raise typer.Exit(run_async(_reconcile(campaign, load_settings(flags, config), quiet=quiet, verbose=verbose)))


async def _reconcile(name: str, settings: Settings, *, quiet: bool, verbose: bool) -> int:
    from batcher.dispatch.stages.creation import Creation
    from batcher.dispatch.stages.deletion import Deletion
    from batcher.dispatch.stages.submission import Submission

    from .sitting import sitting
    from .stages import together

    async with sitting("reconcile", name, settings, quiet=quiet, verbose=verbose) as at:
        with at.observed() as passes:
            made = [await passes.make(Creation(), send=False)]
            for work in (Submission({}), Deletion()):
                summary = None if at.stop.requested else await passes.settle(work)
                made += [] if summary is None else [summary]
        show = await at.end(together(made), {})
    return show()
