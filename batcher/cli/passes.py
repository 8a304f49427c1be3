"""One pass over a campaign, as ``run`` and ``reconcile`` make it, and what is said at its end."""

from __future__ import annotations

from pathlib import Path

from batcher.core.errors import Exit, ManifestError
from batcher.dispatch.clock import SystemClock
from batcher.dispatch.run import RunSummary, run_campaign
from batcher.dispatch.stop import Stop
from batcher.ledger.place import warnings_about
from batcher.ledger.records import Campaign
from batcher.ledger.sqlite import SqliteLedger
from batcher.settings import Settings

from .observers import observing
from .outputs import Outputs, write_outputs
from .session import open_remote, plan_of, target_of
from .show import advice, note, say, say_json, stop_words, table

_WITHOUT_RESULTS = frozenset({Exit.USAGE, Exit.MANIFEST, Exit.LEDGER_BUSY, Exit.LEDGER_BROKEN})


def warn_about_place(ledger: Path) -> None:
    """Says what is wrong with where the ledger lies."""
    for warning in warnings_about(ledger):
        note(f"warning: {warning}")


async def send_pass(
    ledger: SqliteLedger,
    campaign: Campaign,
    path: Path,
    settings: Settings,
    stop: Stop,
    *,
    quiet: bool,
    verbose: bool,
    send: bool = True,
) -> RunSummary:
    """
    Makes a pass over the campaign at the remote that the settings name.

    Raises:
        ManifestError: the campaign belongs to another account.
    """
    if campaign.target != target_of(settings):
        raise ManifestError(
            f"campaign {campaign.name!r} belongs to {campaign.target.base_url} and its user name;"
            " name that target and use its credentials"
        )
    async with open_remote(settings, path) as remote:
        with observing(settings, campaign.name, quiet=quiet, verbose=verbose) as emit:
            return await run_campaign(
                ledger=ledger,
                remote=remote,
                clock=SystemClock(),
                emit=emit,
                campaign=campaign,
                plan=plan_of(settings, send=send),
                stop=stop,
            )


def finish_pass(summary: RunSummary, campaign: Campaign, path: Path, results: Path, *, as_json: bool) -> Exit:
    """Writes results and failed rows, shows the summary, and gives the pass's exit code."""
    outputs = None
    if summary.exit_code not in _WITHOUT_RESULTS:
        outputs = write_outputs(path, campaign, results)
    _show(summary, campaign, outputs, as_json=as_json)
    return summary.exit_code


def _show(summary: RunSummary, campaign: Campaign, outputs: Outputs | None, *, as_json: bool) -> None:
    """The result on stdout, and on stderr what to do next."""
    stopped = stop_words(summary.stopped_by, summary.detail)
    results = None if outputs is None else str(outputs.results)
    failed = None if outputs is None else outputs.failed
    whose = {"campaign": campaign.name, "target": campaign.target.base_url, "rows": summary.rows}
    if as_json:
        say_json(
            {
                **whose,
                "counts": summary.counts,
                "exit_code": int(summary.exit_code),
                "stopped_by": summary.stopped_by,
                "stopped": stopped,
                "elapsed_s": summary.elapsed_s,
                "results": results,
                "failed_file": None if failed is None else str(failed),
            }
        )
    else:
        say(table({**whose, **summary.counts, "stopped": stopped, "results file": results, "failed file": failed}))
    if (words := advice(summary.exit_code, campaign=campaign.name, failed=failed)) is not None:
        note(f"next: {words}")
