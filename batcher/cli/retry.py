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
    deleted: Annotated[bool, typer.Option("--deleted", help="Rows whose jobs were deleted, instead.")] = False,
) -> None:
    """
    Put rejected rows back to pending; the next run sends them.

    Rows that were rejected when their jobs were submitted or deleted keep those
    jobs: they are created again, and the next `submit` or `undo` takes them.

    With --with FILE only that file's rows are taken, in place of the old ones: rows
    that are rejected or failed, or pending again already.
    """
    from batcher.core.errors import ConfigError
    from batcher.settings import load_settings

    from .session import run_async

    if deleted and corrected is not None:
        raise ConfigError("--deleted and --with are two things; give one of them")
    raise typer.Exit(run_async(_retry(campaign, corrected, load_settings(flags, config), deleted=deleted)))


async def _retry(name: str, corrected: Path | None, settings: Settings, *, deleted: bool) -> int:
    from shlex import quote

    from batcher.core.errors import ConfigError, Exit
    from batcher.core.states import Stage, State

    from .session import open_ledger_of
    from .show import note, row_words, say, say_json

    pruned = 0
    async with open_ledger_of(settings, name) as (ledger, campaign):
        drafts = 0
        if deleted:
            rows = await ledger.create_anew(campaign)
        elif corrected is not None:
            rows = await _correct(ledger, campaign, corrected)
        else:
            rows = await ledger.release(campaign, Stage.CREATE, (State.REJECTED,))
            pruned = await ledger.pruned(campaign, (State.REJECTED,))
            for stage in (Stage.SUBMIT, Stage.DELETE):
                drafts += await ledger.release(campaign, stage, (State.REJECTED,))
    if pruned and not rows and not drafts:
        raise ConfigError(_pruned_words(name, pruned))
    if settings.as_json:
        say_json({"campaign": name, "pending_again": rows, "created_again": drafts, "pruned": pruned})
        return Exit.OK
    if rows:
        say(f"{row_words(rows)} of {campaign.name} {'is' if rows == 1 else 'are'} pending again")
        say("next  give the same manifest to `batcher run`, as it was, to send what is pending")
    if drafts:
        say(f"{row_words(drafts)} of {campaign.name} {'is' if drafts == 1 else 'are'} created, as before")
        say(f"next  `batcher submit {quote(campaign.name)}`, or `batcher undo {quote(campaign.name)}`")
    if pruned:
        note(f"warning: {_pruned_words(name, pruned)}")
    if not rows and not drafts:
        what = "deleted" if deleted else "rejected"
        say(f"no row of {campaign.name} is {what}: there is nothing to retry; `batcher status` tells how it stands")
    return Exit.OK


def _pruned_words(campaign: str, pruned: int) -> str:
    from .show import row_words

    return (
        f"what {row_words(pruned)} of {campaign} sent was pruned; give the same manifest to `batcher run`, which brings"
        " it back, then retry"
    )


async def _correct(ledger: SqliteLedger, campaign: Campaign, corrected: Path) -> int:
    from dataclasses import replace

    from batcher.dispatch.load import correct_rows
    from batcher.ledger.staging import Staging
    from batcher.manifest import Reading, open_manifest

    reading = replace(
        Reading.from_dict(campaign.reading), format=None, encoding=None, delimiter=None, only_corrections=True
    )

    def work(staging: Staging) -> int:
        with open_manifest(corrected, reading) as opened:
            return correct_rows(staging, opened, campaign)

    return await ledger.load(work)
