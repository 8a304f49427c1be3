"""
``python -m tests.bench.speed.stripped WITHOUT MANIFEST BASE_URL AT_ONCE``: one such run, in an empty folder.

Prints what the run itself took as JSON, as its last line; loading the manifest is not counted.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from typing import Any

from batcher.cli.observers import observing
from batcher.cli.session import ledger_path, open_remote, plan_of, reading_of, run_async, target_of
from batcher.click2mail.client import Click2MailClient
from batcher.core.events import Observer
from batcher.core.states import Stage
from batcher.dispatch.clock import SystemClock, timestamp
from batcher.dispatch.load import LoadPolicy, load_manifest
from batcher.dispatch.run import run_campaign
from batcher.dispatch.stop import Stop
from batcher.ledger.records import Campaign, StoredRow
from batcher.ledger.sqlite import SqliteLedger
from batcher.manifest import open_manifest
from batcher.settings import Settings, load_settings
from tests.bench.speed.stripped.lock_step import LockStep
from tests.bench.speed.stripped.no_ledger import NoLedger
from tests.bench.speed.stripped.one_signature import OneSignature

NOTHING, LEDGER, GROUPS, SIGNATURE, LOG = WITHOUT = ("nothing", "ledger", "groups", "signature", "log")


async def run_without(what: str, manifest: str, settings: Settings) -> dict[str, Any]:
    """Seconds of CPU and by the clock, and the rows by state at the end."""
    with observing(settings, "bench") as emit:
        opened = await SqliteLedger.open(ledger_path(settings), emit)
        try:
            campaign = await _load(opened, manifest, settings)
            async with open_remote(settings, ledger_path(settings)) as remote:
                parts = await _parts(what, opened, campaign, remote, emit)
                cpu_s, wall_s = time.process_time(), time.monotonic()
                summary = await run_campaign(
                    **parts, clock=SystemClock(), campaign=campaign, plan=plan_of(settings), stop=Stop()
                )
                return {
                    "cpu_s": time.process_time() - cpu_s,
                    "wall_s": time.monotonic() - wall_s,
                    "counts": summary.counts,
                }
        finally:
            await opened.close()


async def _parts(
    what: str, opened: SqliteLedger, campaign: Campaign, remote: Click2MailClient, emit: Observer
) -> dict[str, Any]:
    ledger: Any = opened
    if what == LEDGER:
        ledger = NoLedger(await _all_rows(opened, campaign))
    elif what == GROUPS:
        ledger = LockStep(opened)
    return {
        "ledger": ledger,
        "remote": OneSignature(remote) if what == SIGNATURE else remote,
        "emit": (lambda event: None) if what == LOG else emit,
    }


async def _all_rows(ledger: SqliteLedger, campaign: Campaign) -> list[StoredRow]:
    rows: list[StoredRow] = []
    while more := await ledger.claim(campaign, Stage.CREATE, after=len(rows), limit=1000):
        rows += more
    return rows


async def _load(ledger: SqliteLedger, manifest: str, settings: Settings) -> Campaign:
    reading = reading_of(settings)
    with open_manifest(manifest, reading) as opened:
        loaded = await ledger.load(
            lambda staging: load_manifest(
                staging,
                opened,
                existing=None,
                name="bench",
                target=target_of(settings),
                reading=reading,
                policy=LoadPolicy(),
                now=timestamp(datetime.now(UTC)),
            )
        )
    return loaded.campaign


def main(what: str, manifest: str, base_url: str, at_once: str) -> None:
    """Runs it on the loop that the command line runs on."""
    flags = {"base_url": base_url, "concurrency": at_once, "adaptive": "false", "ledger": "batcher.db"}
    told = run_async(run_without(what, manifest, load_settings(flags)))
    sys.stdout.write(f"{json.dumps(told)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
