"""``batcher retry``: rejected rows become pending again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .flags import EXISTING_LEDGER, OUTPUT, Flags, with_flags
from .help import TidyCommand
from .options import CampaignName, ConfigFile

if TYPE_CHECKING:
    from batcher.ledger.records import Campaign
    from batcher.ledger.sqlite import SqliteLedger
    from batcher.settings import Settings


def register(app: typer.Typer) -> None:
    app.command("retry", cls=TidyCommand)(retry)


@with_flags({"ledger": EXISTING_LEDGER}, OUTPUT)
def retry(
    campaign: CampaignName,
    flags: Flags,
    config: ConfigFile = None,
    corrected: Annotated[
        Path | None, typer.Option("--with", metavar="FILE", help="A failed file with its rows mended.")
    ] = None,
) -> None:
    """
    Put rejected rows back to pending; the next run sends them.

    With --with FILE only that file's rows are taken, in place of the old ones: rows
    that are rejected or failed, or pending again already.
    """
    from batcher.settings import load_settings

    from .session import run_async

    raise typer.Exit(run_async(_retry(campaign, corrected, load_settings(flags, config))))


async def _retry(name: str, corrected: Path | None, settings: Settings) -> int:
    from batcher.core.errors import Exit
    from batcher.core.states import Stage, State

    from .session import open_ledger_of
    from .show import row_words, say, say_json

    async with open_ledger_of(settings, name) as (ledger, campaign):
        if corrected is None:
            rows = sum([await ledger.release(campaign, stage, (State.REJECTED,)) for stage in Stage])
        else:
            rows = await _correct(ledger, campaign, corrected)
    if settings.as_json:
        say_json({"campaign": name, "pending_again": rows})
    elif rows:
        say(f"{row_words(rows)} of {campaign.name} {'is' if rows == 1 else 'are'} pending again")
        say("next  give the same manifest to `batcher run`, as it was, to send what is pending")
    else:
        say(f"no row of {campaign.name} is rejected: there is nothing to retry; `batcher status` tells how it stands")
    return Exit.OK


async def _correct(ledger: SqliteLedger, campaign: Campaign, corrected: Path) -> int:
    from dataclasses import replace

    from batcher.dispatch.load import correct_rows
    from batcher.ledger.protocol import Staging
    from batcher.manifest import Reading, open_manifest

    reading = replace(
        Reading.from_dict(campaign.reading), format=None, encoding=None, delimiter=None, only_corrections=True
    )

    def work(staging: Staging) -> int:
        with open_manifest(corrected, reading) as opened:
            return correct_rows(staging, opened, campaign)

    return await ledger.load(work)
