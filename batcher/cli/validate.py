"""``batcher validate``: check a manifest, send nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer

from .flags import MANIFEST, OUTPUT, Flags, with_flags
from .help import TidyCommand
from .options import ConfigFile

if TYPE_CHECKING:
    from batcher.core.distinct import Distinct
    from batcher.core.errors import Exit
    from batcher.settings import Settings

_MOST_PRODUCTS: Final = 5000
_MOST_SHOWN: Final = 20


def register(app: typer.Typer) -> None:
    app.command("validate", cls=TidyCommand)(validate)


@with_flags(MANIFEST, OUTPUT)
def validate(
    manifest: Annotated[str, typer.Argument(metavar="MANIFEST", help="CSV, TSV, JSON, JSONL or XLSX; - for stdin.")],
    flags: Flags,
    products: Annotated[
        bool, typer.Option("--products", help="Compare the products with the shipped catalogue; it only ever warns.")
    ] = False,
    config: ConfigFile = None,
) -> None:
    """
    Check everything in a manifest, send nothing; needs no credentials.

    With --products it also names options and combinations that were never seen. That is no error:
    the shipped catalogue is not complete, and asks nobody.
    """
    from batcher.settings import load_settings

    from .session import run_async

    raise typer.Exit(run_async(_validate(manifest, load_settings(flags, config), products=products)))


async def _validate(manifest: str, settings: Settings, *, products: bool) -> int:
    from batcher.core.distinct import Grouping
    from batcher.core.errors import Exit, LoadInterrupted
    from batcher.core.events import ManifestRead, Observer
    from batcher.core.product import OPTION_FIELDS
    from batcher.core.row import ManifestRow
    from batcher.core.tally import StopReason
    from batcher.dispatch.load import stage
    from batcher.dispatch.stop import Stop
    from batcher.ledger.sqlite import SqliteLedger
    from batcher.ledger.staging import Staging
    from batcher.manifest import open_manifest

    from .observers import observing
    from .session import reading_of
    from .show import note
    from .signals import stopping

    reading, stop, grouping = reading_of(settings), Stop(), Grouping(_MOST_PRODUCTS)

    def group(batch: Sequence[ManifestRow]) -> None:
        for row in batch if products else ():
            grouping.add(tuple(map(row.parameters.get, OPTION_FIELDS)), row.line)

    async def checked(emit: Observer) -> int:
        def work(staging: Staging) -> int:
            with open_manifest(manifest, reading) as opened:
                return stage(
                    staging,
                    opened,
                    allow_duplicates=settings.duplicates == "allow",
                    on_rows=lambda rows: emit(ManifestRead(rows=rows)),
                    on_batch=group,
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
    return _show(manifest, rows, grouping.distinct() if products else None, as_json=settings.as_json)


def _show(manifest: str, rows: int, products: Distinct | None, *, as_json: bool) -> Exit:
    from batcher.core.errors import Exit

    from .product_lines import product_doubts
    from .show import note, row_words, say, say_json

    doubts = [] if products is None else product_doubts(products)
    for line in doubts[:_MOST_SHOWN]:
        note(f"warning: {line}")
    if len(doubts) > _MOST_SHOWN:
        note(f"warning: and {len(doubts) - _MOST_SHOWN:,} more combinations with something odd in them")
    if products is not None and products.rows_beyond:
        note(f"warning: the products of {products.rows_beyond:,} rows were not looked at: there are too many different")
    if as_json:
        facts = {} if products is None else {"products": len(products.groups), "product_doubts": doubts}
        say_json({"manifest": manifest, "valid": True, "rows": rows, **facts})
        return Exit.OK
    looked = (
        "" if products is None else f"; {len(products.groups):,} different products, {len(doubts):,} of them doubtful"
    )
    say(f"{manifest}: {row_words(rows)}, no problems{looked}")
    return Exit.OK
