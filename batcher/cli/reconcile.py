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
    Settle what is in doubt or held, by look-up; no job is made.

    Rows that are found are created; rows that surely were not made become
    pending for the next run.
    """
    from batcher.settings import load_settings

    from .session import run_async

    raise typer.Exit(run_async(_reconcile(campaign, load_settings(flags, config), quiet=quiet, verbose=verbose)))


async def _reconcile(name: str, settings: Settings, *, quiet: bool, verbose: bool) -> int:
    import asyncio

    from batcher.dispatch.stop import Stop

    from .observers import observing
    from .outputs import results_path
    from .passes import end_pass, send_pass
    from .session import ledger_path, open_ledger_of
    from .signals import stopping

    path, stop = ledger_path(settings), Stop()
    with stopping(stop), observing(settings, name, path, quiet=quiet, verbose=verbose) as emit:
        async with open_ledger_of(settings, name, emit) as (ledger, campaign):
            results = results_path(path, campaign.name, settings.results)
            summary = await send_pass(ledger, campaign, path, settings, stop, emit, send=False)
            show = await asyncio.to_thread(
                end_pass, summary, campaign, path, results, as_json=settings.as_json, sent=False
            )
    return show()
