"""``batcher validate``: check a manifest, send nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .flags import MANIFEST, OUTPUT, Flags, with_flags
from .help import TidyCommand
from .options import ConfigFile

if TYPE_CHECKING:
    from batcher.settings import Settings


def register(app: typer.Typer) -> None:
    app.command("validate", cls=TidyCommand)(validate)


@with_flags(MANIFEST, OUTPUT)
def validate(
    manifest: Annotated[str, typer.Argument(metavar="MANIFEST", help="CSV, TSV, JSON, JSONL or XLSX; - for stdin.")],
    flags: Flags,
    config: ConfigFile = None,
) -> None:
    """Check everything in a manifest, send nothing; needs no credentials."""
    from batcher.settings import load_settings

    from .session import run_async

    raise typer.Exit(run_async(_validate(manifest, load_settings(flags, config))))


async def _validate(manifest: str, settings: Settings) -> int:
    from batcher.core.errors import Exit, LoadInterrupted
    from batcher.core.events import ManifestRead, Observer
    from batcher.core.tally import StopReason
    from batcher.dispatch.load import stage
    from batcher.dispatch.stop import Stop
    from batcher.ledger.protocol import Staging
    from batcher.ledger.sqlite import SqliteLedger
    from batcher.manifest import open_manifest

    from .observers import observing
    from .session import reading_of
    from .show import note, row_words, say, say_json
    from .signals import stopping

    reading, stop = reading_of(settings), Stop()

    async def checked(emit: Observer) -> int:
        def work(staging: Staging) -> int:
            with open_manifest(manifest, reading) as opened:
                return stage(
                    staging,
                    opened,
                    allow_duplicates=settings.duplicates == "allow",
                    on_rows=lambda rows: emit(ManifestRead(rows=rows)),
                )

        ledger = await SqliteLedger.open(None)
        try:
            return await ledger.load(work, lambda: stop.requested)
        finally:
            await ledger.close()

    try:
        with stopping(stop), observing(settings) as emit:
            rows = await checked(emit)
    except LoadInterrupted:
        note("stopped while the manifest was read; nothing is known of it")
        return Exit.SIGTERM if stop.reason is StopReason.SIGTERM else Exit.SIGINT
    if settings.as_json:
        say_json({"manifest": manifest, "valid": True, "rows": rows})
    else:
        say(f"{manifest}: {row_words(rows)}, no problems")
    return Exit.OK
