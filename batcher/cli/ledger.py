"""``batcher ledger``: back up, verify and prune the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .flags import EXISTING_LEDGER, OUTPUT, Flags, with_flags
from .help import TidyCommand, TidyGroup
from .options import ConfigFile

_MOST_LISTED = 100

app = typer.Typer(cls=TidyGroup, no_args_is_help=True, help="Back up, verify and prune the ledger.")


@app.callback()
def _top() -> None:
    """Back up, verify and prune the ledger."""


@app.command("backup", cls=TidyCommand)
@with_flags({"ledger": EXISTING_LEDGER}, OUTPUT)
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The copy; it must not be there yet.")],
    flags: Flags,
    config: ConfigFile = None,
    force: Annotated[bool, typer.Option("--force", help="Write over FILE if it is there.")] = False,
) -> None:
    """
    Copy the ledger into one file, also while a run writes it.

    The copy is of one moment, is checked before it gets its name, and only you may read it: it holds
    what the rows sent. It knows nothing of what is sent later. Put back after that, it makes
    a run send rows again that are jobs already.
    """
    from batcher.ledger.sqlite.backup import back_up
    from batcher.settings import load_settings

    from .outputs import require_place
    from .session import ledger_path
    from .show import say, say_json, size_words, table

    settings = load_settings(flags, config)
    ledger = ledger_path(settings)
    require_place("backup", file)
    made = back_up(ledger, file, force=force)
    facts = {"ledger": str(ledger), "backup": str(file), "campaigns": made.campaigns, "rows": made.rows}
    if settings.as_json:
        say_json(facts | {"size_bytes": made.size_bytes})
        return
    say(table(facts | {"size": size_words(made.size_bytes), "checked": "whole"}))
    say(
        f"to put it back: end every run, move {ledger}, {ledger.name}-wal and {ledger.name}-shm away together, and copy"
        " the backup there; not if anything was sent since"
    )


@app.command("verify", cls=TidyCommand)
@with_flags({"ledger": EXISTING_LEDGER}, OUTPUT)
def verify(flags: Flags, config: ConfigFile = None) -> None:
    """
    Check that the ledger is whole: the file, the books, and every row's moves.

    Reads all of it, writes nothing, and needs no lock, so a run may go on beside it. Exit 0 says that
    it is sound, 12 that the file is damaged, 1 that books or moves do not hold.
    """
    from batcher.core.errors import Exit
    from batcher.ledger.sqlite.failure import ledger_damaged
    from batcher.ledger.sqlite.verification import inspect
    from batcher.settings import load_settings

    from .inspection import facts_of, lines_of
    from .session import ledger_path
    from .show import say, say_json

    settings = load_settings(flags, config)
    ledger = ledger_path(settings)
    inspection = inspect(ledger, _MOST_LISTED)
    if settings.as_json:
        say_json({"ledger": str(ledger), **facts_of(inspection)})
    else:
        for line in lines_of(inspection, ledger):
            say(line)
    if inspection.is_damaged:
        raise ledger_damaged(str(ledger))
    if inspection.count:
        raise typer.Exit(Exit.BUG)


@app.command("prune", cls=TidyCommand)
@with_flags({"ledger": EXISTING_LEDGER}, OUTPUT)
def prune(
    flags: Flags,
    config: ConfigFile = None,
    older_than: Annotated[
        str | None,
        typer.Option("--older-than", metavar="AGE", help="Forget what rows sent after so long, like 90d."),
    ] = None,
    campaigns_older_than: Annotated[
        str | None,
        typer.Option("--campaigns-older-than", metavar="AGE", help="Forget whole campaigns after so long, like 730d."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it, only show what would go.")] = False,
) -> None:
    """
    Forget what finished campaigns sent, or whole campaigns, and give the space back.

    A campaign's age counts from its last run or attempt. One with a row that is pending, failed, sending, in doubt or
    held is not finished, and keeps everything.

    --older-than takes the rows' values, the kept columns, and what the remote said in words. Keys, states,
    job ids and times stay, and with them the protection against sending a row twice.

    --campaigns-older-than takes whole campaigns, and that protection with them: the same rows in
    another manifest are sent again, and drafts can no longer be found by what is here.

    Backups, results, failed files and manifests are other files, and stay as they are.
    """
    from batcher.settings import load_settings

    from .pruning import pruned

    raise typer.Exit(pruned(load_settings(flags, config), older_than, campaigns_older_than, do=yes))
