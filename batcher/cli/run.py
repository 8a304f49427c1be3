"""``batcher run``: from a manifest to job ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .flags import (
    AMENDING,
    CONNECTION,
    DOUBT,
    LEDGER,
    LIMITS,
    MANIFEST,
    OUTPUT,
    PACE,
    RESULTS,
    TARGET,
    Flags,
    with_flags,
)
from .options import ConfigFile, Quiet, Verbose

if TYPE_CHECKING:
    from batcher.dispatch.load import Loaded
    from batcher.dispatch.stop import Stop
    from batcher.ledger.sqlite import SqliteLedger
    from batcher.manifest import Manifest, Reading
    from batcher.settings import Settings


def register(app: typer.Typer) -> None:
    app.command("run")(run)


@with_flags(TARGET, LEDGER, MANIFEST, AMENDING, PACE, DOUBT, LIMITS, CONNECTION, RESULTS, OUTPUT)
def run(
    manifest: Annotated[str, typer.Argument(metavar="MANIFEST", help="CSV, TSV, JSON, JSONL or XLSX; - for stdin.")],
    flags: Flags,
    config: ConfigFile = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """
    Validate all, load, create all; run it again to carry on.

    Every row of the manifest becomes one job, and the ledger says of each what became of it. Whatever happens on the
    way, the same command carries on where it stopped: rows that have failed get fresh tries, rows in doubt are looked
    up and never sent again blindly.
    """
    from batcher.settings import load_settings

    from .session import run_async

    settings = load_settings(flags, config)
    raise typer.Exit(run_async(_run(manifest, settings, quiet=quiet, verbose=verbose)))


async def _run(manifest: str, settings: Settings, *, quiet: bool, verbose: bool) -> int:
    from batcher.core.errors import Exit
    from batcher.core.tally import StopReason
    from batcher.dispatch.load import LoadInterrupted
    from batcher.dispatch.stop import Stop
    from batcher.ledger.sqlite import SqliteLedger
    from batcher.manifest import open_manifest

    from .outputs import results_path
    from .passes import finish_pass, send_pass, warn_about_place
    from .session import campaign_name, ledger_path, reading_of, target_of
    from .show import note
    from .signals import stopping

    path, stop, reading = ledger_path(settings, manifest), Stop(), reading_of(settings)
    target_of(settings)
    # What can be known of the manifest at once is said before a ledger is made for it.
    with open_manifest(manifest, reading) as opened, stopping(stop):
        name = campaign_name(settings, manifest)
        results = results_path(path, name, settings.results)
        if settings.dry_run:
            ledger = await SqliteLedger.copy_of(path)
        else:
            warn_about_place(path)
            ledger = await SqliteLedger.open(path)
        try:
            loaded = await _load(ledger, opened, name, reading, settings, stop)
            if settings.dry_run:
                return await _show_dry_run(ledger, loaded, settings)
            summary = await send_pass(ledger, loaded.campaign, path, settings, stop, quiet=quiet, verbose=verbose)
            return finish_pass(summary, loaded.campaign, path, results, as_json=settings.as_json)
        except LoadInterrupted as interrupted:
            note(str(interrupted))
            return Exit.SIGTERM if stop.reason is StopReason.SIGTERM else Exit.SIGINT
        finally:
            await ledger.close()


async def _load(
    ledger: SqliteLedger, manifest: Manifest, name: str, reading: Reading, settings: Settings, stop: Stop
) -> Loaded:
    from datetime import UTC, datetime

    from batcher.dispatch.clock import timestamp
    from batcher.dispatch.load import LoadPolicy, load_manifest
    from batcher.ledger.protocol import Staging

    from .session import target_of

    existing = await ledger.campaign(name)
    policy = LoadPolicy(
        amend=settings.amend,
        keep_gone=settings.keep_gone,
        again=settings.again,
        allow_duplicates=settings.duplicates == "allow",
    )

    def work(staging: Staging) -> Loaded:
        return load_manifest(
            staging,
            manifest,
            existing=existing,
            name=name,
            target=target_of(settings),
            reading=reading,
            policy=policy,
            now=timestamp(datetime.now(UTC)),
            is_stopped=lambda: stop.requested,
        )

    return await ledger.load(work)


async def _show_dry_run(ledger: SqliteLedger, loaded: Loaded, settings: Settings) -> int:
    from batcher.core.errors import Exit

    from .show import say, say_json, table

    rows, counts = await ledger.counts(loaded.campaign)
    would_create = counts.get("pending", 0) + counts.get("failed", 0)
    facts = {
        "campaign": loaded.campaign.name,
        "target": settings.target,
        "rows": rows,
        "would_create": would_create,
        **{name: count for name, count in counts.items() if name != "pending"},
    }
    if settings.as_json:
        say_json({"dry_run": True, **facts})
    else:
        say("dry run: nothing was sent, nothing was written")
        say(table(facts))
    return Exit.OK
