"""``batcher validate``: check a manifest, send nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .flags import MANIFEST, OUTPUT, Flags, with_flags
from .options import ConfigFile

if TYPE_CHECKING:
    from batcher.settings import Settings


def register(app: typer.Typer) -> None:
    app.command("validate")(validate)


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
    from batcher.core.errors import Exit
    from batcher.dispatch.load import stage
    from batcher.ledger.protocol import Staging
    from batcher.ledger.sqlite import SqliteLedger
    from batcher.manifest import open_manifest

    from .session import reading_of
    from .show import say, say_json

    reading = reading_of(settings)

    def work(staging: Staging) -> int:
        with open_manifest(manifest, reading) as opened:
            return stage(staging, opened, allow_duplicates=settings.duplicates == "allow")

    ledger = await SqliteLedger.open(None)
    try:
        rows = await ledger.load(work)
    finally:
        await ledger.close()
    if settings.as_json:
        say_json({"manifest": manifest, "valid": True, "rows": rows})
    else:
        say(f"{manifest}: {rows:,} rows, no problems")
    return Exit.OK
