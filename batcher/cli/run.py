"""``batcher run``: from a manifest to job ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from .flags import (
    AMENDING,
    BILLING,
    CONNECTION,
    DOUBT,
    LEDGER,
    LIMITS,
    MANIFEST,
    OUTPUT,
    PACE,
    PREFLIGHT,
    RESULTS,
    SUBMIT,
    TARGET,
    Flags,
    with_flags,
)
from .help import TidyCommand
from .options import ConfigFile, Quiet, Verbose

if TYPE_CHECKING:
    from pathlib import Path

    from batcher.core.events import Observer
    from batcher.dispatch.stop import Stop
    from batcher.ledger.records import Campaign
    from batcher.ledger.sqlite import SqliteLedger
    from batcher.manifest import Manifest, Reading
    from batcher.settings import Settings

    from .passes import Ending


def register(app: typer.Typer) -> None:
    app.command("run", cls=TidyCommand)(run)


@with_flags(
    TARGET, LEDGER, MANIFEST, AMENDING, PREFLIGHT, PACE, DOUBT, LIMITS, SUBMIT, BILLING, CONNECTION, RESULTS, OUTPUT
)
def run(
    manifest: Annotated[str, typer.Argument(metavar="MANIFEST", help="CSV, TSV, JSON, JSONL or XLSX; - for stdin.")],
    flags: Flags,
    config: ConfigFile = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """
    Validate all, load, create all; run it again to carry on.

    Every row becomes one job, and the ledger says what became of it.
    The same command carries on wherever it stopped: failed rows get fresh tries,
    rows in doubt are looked up and never sent again blindly.
    """
    from batcher.settings import load_settings

    from .session import run_async

    settings = load_settings(flags, config)
    raise typer.Exit(run_async(_run(manifest, settings, quiet=quiet, verbose=verbose)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """What the command was asked to do."""

    settings: Settings
    reading: Reading
    ledger: Path
    campaign: str
    results: Path
    stop: Stop


async def _run(path: str, settings: Settings, *, quiet: bool, verbose: bool) -> int:
    from batcher.core.errors import Exit, LoadInterrupted
    from batcher.core.tally import StopReason
    from batcher.dispatch.stop import Stop
    from batcher.manifest import open_manifest

    from .observers import observing
    from .outputs import require_apart, results_path
    from .payment import require_limit
    from .session import campaign_name, ledger_path, reading_of, target_of
    from .show import note
    from .signals import stopping

    ledger, stop, reading = ledger_path(settings, path), Stop(), reading_of(settings)
    target_of(settings)
    require_limit(settings)
    # What can be known of the manifest at once is said before a ledger is made for it.
    with open_manifest(path, reading) as manifest, stopping(stop):
        name = campaign_name(settings, path)
        results = results_path(ledger, name, settings.results)
        require_apart(path, results, name)
        order = _Order(settings=settings, reading=reading, ledger=ledger, campaign=name, results=results, stop=stop)
        try:
            with observing(settings, name, ledger, quiet=quiet, verbose=verbose) as emit:
                show = await _load_and_send(order, manifest, emit)
        except LoadInterrupted as interrupted:
            note(str(interrupted))
            return Exit.SIGTERM if stop.reason is StopReason.SIGTERM else Exit.SIGINT
    return show()


async def _load_and_send(order: _Order, manifest: Manifest, emit: Observer) -> Ending:
    """Does it all; what is returned says how it ended, once the progress is gone from the terminal."""
    import asyncio

    from batcher.ledger.sqlite import SqliteLedger

    from .passes import end_pass, send_pass

    settings = order.settings
    opening = SqliteLedger.copy_of(order.ledger) if settings.dry_run else SqliteLedger.open(order.ledger, emit)
    ledger = await opening
    try:
        campaign = await _load(order, ledger, manifest, emit)
        if settings.dry_run:
            rows, counts = await ledger.counts(campaign)
            return lambda: _show_dry_run(order, rows, counts)
        came = await send_pass(ledger, campaign, order.ledger, settings, order.stop, emit)
        # In a thread, because it takes long for many rows and signals must be heard meanwhile.
        return await asyncio.to_thread(
            end_pass,
            came.summary,
            campaign,
            order.ledger,
            order.results,
            as_json=settings.as_json,
            facts=came.facts,
            complaint=came.complaint,
        )
    finally:
        await ledger.close()


async def _load(order: _Order, ledger: SqliteLedger, manifest: Manifest, emit: Observer) -> Campaign:
    from datetime import UTC, datetime

    from batcher.core.events import ManifestRead, TargetChanged
    from batcher.dispatch.clock import timestamp
    from batcher.dispatch.load import Loaded, LoadPolicy, load_manifest
    from batcher.ledger.staging import Staging

    from .session import target_of

    settings = order.settings
    existing = await ledger.campaign(order.campaign)
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
            name=order.campaign,
            target=target_of(settings),
            reading=order.reading,
            policy=policy,
            now=timestamp(datetime.now(UTC)),
            on_rows=lambda rows: emit(ManifestRead(rows=rows)),
        )

    loaded = await ledger.load(work, lambda: order.stop.requested)
    if loaded.left is not None:
        old, new = loaded.left.base_url, loaded.campaign.target.base_url
        whose = "there" if old != new else "under the user name it had"
        emit(TargetChanged(old=old, new=new, reason=f"no job can have been made {whose}"))
    return loaded.campaign


def _show_dry_run(order: _Order, rows: int, counts: dict[str, int]) -> int:
    from batcher.core.errors import Exit

    from .show import say, say_json, table

    facts = {
        "campaign": order.campaign,
        "target": order.settings.target,
        "rows": rows,
        "would_create": counts.get("pending", 0) + counts.get("failed", 0),
        **{name: count for name, count in counts.items() if name != "pending"},
    }
    if order.settings.as_json:
        say_json({"dry_run": True, **facts})
    else:
        say("dry run: nothing was sent, nothing was written")
        say(table(facts))
    return Exit.OK
