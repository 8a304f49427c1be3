"""One pass over a campaign, as ``run`` and ``reconcile`` make it, and what is said at its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from shlex import quote

from batcher.core.errors import Exit, LedgerError, LedgerMissing, ManifestError
from batcher.core.events import Observer
from batcher.dispatch.clock import SystemClock
from batcher.dispatch.run import RunSummary, run_campaign
from batcher.dispatch.stop import Stop
from batcher.ledger.records import Campaign, Target
from batcher.ledger.sqlite import SqliteLedger
from batcher.ledger.sqlite.failure import ledger_lost
from batcher.settings import Settings

from .outputs import Outputs, write_outputs
from .session import open_remote, plan_of, target_of
from .show import advice, count_words, duplicate_words, note, row_words, say, say_json, stop_words, table, time_words

Ending = Callable[[], int]
"""Says how a command ended, and gives its exit code; to be called when nothing else writes to the terminal."""

_WITHOUT_RESULTS = frozenset({Exit.USAGE, Exit.MANIFEST, Exit.LEDGER_BUSY, Exit.LEDGER_BROKEN})


async def send_pass(
    ledger: SqliteLedger,
    campaign: Campaign,
    path: Path,
    settings: Settings,
    stop: Stop,
    emit: Observer,
    *,
    send: bool = True,
) -> RunSummary:
    """
    Makes a pass over the campaign at the remote that the settings name.

    Raises:
        ManifestError: the campaign belongs to another account.
    """
    _require_same_target(campaign, target_of(settings))
    async with open_remote(settings, path) as remote:
        return await run_campaign(
            ledger=ledger,
            remote=remote,
            clock=SystemClock(),
            emit=emit,
            campaign=campaign,
            plan=plan_of(settings, send=send),
            stop=stop,
        )


def _require_same_target(campaign: Campaign, target: Target) -> None:
    if campaign.target.base_url != target.base_url:
        raise ManifestError(
            f"campaign {campaign.name!r} belongs to {campaign.target.base_url}, not to {target.base_url};"
            " name that target"
        )
    if campaign.target.username != target.username:
        raise ManifestError(f"campaign {campaign.name!r} belongs to another user name; use that account's credentials")


def end_pass(
    summary: RunSummary, campaign: Campaign, ledger: Path, results: Path, *, as_json: bool, sent: bool = True
) -> Ending:
    """Writes results and failed rows; what is returned shows the summary. ``sent`` is false for ``reconcile``."""
    code, outputs, trouble = summary.exit_code, None, None
    if code not in _WITHOUT_RESULTS:
        try:
            outputs = write_outputs(ledger, campaign, results)
        except LedgerMissing:
            trouble = str(ledger_lost(str(ledger)))
        except LedgerError as error:
            trouble = str(error)
    if trouble is not None and code is not Exit.BUG:
        code = Exit.LEDGER_BROKEN
    failed = None if outputs is None else outputs.failed
    next_step = advice(code, campaign=campaign.name, ledger=ledger, failed=failed, sent=sent)
    pending = summary.counts.get("pending", 0)
    if code is Exit.OK and pending:
        next_step = f"give the same manifest to `batcher run`: it sends the {row_words(pending)} still pending"
    elif code is Exit.OK and (summary.duplicates.known or summary.duplicates.possible):
        next_step = f"look at the duplicates in the account: `batcher status {quote(campaign.name)}` names the rows"
    return lambda: _show(replace(summary, exit_code=code), campaign, outputs, trouble, next_step, as_json=as_json)


def _show(
    summary: RunSummary,
    campaign: Campaign,
    outputs: Outputs | None,
    trouble: str | None,
    next_step: str | None,
    *,
    as_json: bool,
) -> Exit:
    failed = None if outputs is None else outputs.failed
    whose = {"campaign": campaign.name, "target": campaign.target.base_url, "rows": summary.rows}
    after = {
        "stopped": stop_words(summary.stopped_by, summary.detail),
        "results": None if outputs is None else str(outputs.results),
        "failed_file": None if failed is None else str(failed),
        "next": next_step,
    }
    if as_json:
        ended = {"exit_code": int(summary.exit_code), "elapsed_s": summary.elapsed_s}
        doubled = {"duplicates_known": summary.duplicates.known, "duplicates_possible": summary.duplicates.possible}
        say_json({**whose, "counts": summary.counts, **doubled, **ended, "stopped_by": summary.stopped_by, **after})
    else:
        took = {"took": time_words(summary.elapsed_s)}
        words = {name.replace("_", " "): value for name, value in after.items()}
        counts = count_words(summary.counts) | duplicate_words(summary.duplicates)
        say(table({**whose, **counts, **took, **words}))
    if trouble is not None:
        note(f"error: {trouble}")
    return summary.exit_code
