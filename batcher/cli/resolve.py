"""``batcher resolve``: a person settles one row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .flags import EXISTING_LEDGER, OUTPUT, Flags, with_flags
from .help import TidyCommand
from .options import CampaignName, ConfigFile
from .usage import whole_number

if TYPE_CHECKING:
    from batcher.settings import Settings


def register(app: typer.Typer) -> None:
    app.command("resolve", cls=TidyCommand)(resolve)


@with_flags({"ledger": EXISTING_LEDGER}, OUTPUT)
def resolve(
    campaign: CampaignName,
    flags: Flags,
    config: ConfigFile = None,
    row: Annotated[str | None, typer.Option("--row", metavar="N", help="The row's number in the results.")] = None,
    key: Annotated[str | None, typer.Option("--key", "-k", metavar="K", help="The row's key.")] = None,
    job_id: Annotated[
        str | None, typer.Option("--job-id", metavar="ID", help="It was done, and this is the job's id.")
    ] = None,
    not_made: Annotated[bool, typer.Option("--not-made", help="It was not done: the next run does it again.")] = False,
) -> None:
    """
    Settle one row that is in doubt or held, after a look at the account.

    Say --not-made only if you have seen that there is no such job: the row
    will be sent again. Of a row that was being submitted or deleted, --job-id with
    the id it has says that it was, --not-made that it is still a draft.
    """
    from batcher.core.errors import ConfigError
    from batcher.settings import load_settings

    from .session import run_async

    if (row is None) == (key is None):
        raise ConfigError("name the row: --row N or --key K")
    if (job_id is None) != not_made:
        raise ConfigError("say what became of it: --job-id ID, or --not-made")
    number = None if row is None else whole_number("--row", row, above=0)
    made = None if job_id is None else whole_number("--job-id", job_id, above=0)
    raise typer.Exit(run_async(_resolve(campaign, number, key, made, load_settings(flags, config))))


async def _resolve(name: str, row: int | None, key: str | None, job_id: int | None, settings: Settings) -> int:
    from datetime import UTC, datetime
    from shlex import quote

    from batcher.core.errors import Exit
    from batcher.core.states import State, shown_state
    from batcher.dispatch.clock import timestamp
    from batcher.dispatch.resolve import resolve_row

    from .session import open_ledger_of
    from .show import row_words, say, say_json

    async with open_ledger_of(settings, name) as (ledger, campaign):
        now = timestamp(datetime.now(UTC))
        before = await resolve_row(ledger, campaign, number=row, key=key, job_id=job_id, now=now)
        _, counts = await ledger.counts(campaign)
    left = counts.get("in_doubt", 0) + counts.get("held", 0)
    state = shown_state(before.stage, State.PENDING if job_id is None else State.DONE)
    if settings.as_json:
        say_json({"campaign": campaign.name, "row_number": before.number, "key": before.key, "state": state})
    else:
        say(f"row {before.number} ({before.key}): {before.state.replace('_', ' ')} → {state}")
        if left:
            say(f"next  {row_words(left)} still in doubt or held: `batcher status {quote(campaign.name)}` names them")
        elif counts.get("pending", 0):
            say("next  give the same manifest to `batcher run` to send what is pending")
    return Exit.OK
