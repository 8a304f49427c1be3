"""One pass over a campaign, as ``run`` and ``reconcile`` make it, and what is said at its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from shlex import quote

from batcher.click2mail.catalogue import shipped_catalogue
from batcher.core.errors import Exit, LedgerError, LedgerMissing, ManifestError
from batcher.core.events import Observer
from batcher.core.pace import Pace
from batcher.dispatch.preflight import preflight
from batcher.dispatch.run import RunSummary
from batcher.dispatch.stages.creation import Creation
from batcher.dispatch.stop import Stop
from batcher.ledger.records import Campaign, Target
from batcher.ledger.sqlite import SqliteLedger
from batcher.ledger.sqlite.failure import ledger_lost
from batcher.settings import Settings

from .billing import Unattended, submit_unattended
from .outputs import Outputs, write_outputs
from .payment import cost_limits, payment_of
from .session import open_remote, plan_of, preflight_of, target_of
from .show import advice, count_words, duplicate_words, note, row_words, say, say_json, stop_words, table, time_words
from .stages import Passes

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
) -> Unattended:
    """
    Creates the campaign's jobs at the remote that the settings name; with ``--submit`` submits them.

    Raises:
        ManifestError: the campaign belongs to another account, or the remote refuses some of it before it is sent.
    """
    require_same_target(campaign, target_of(settings))
    payment = payment_of(settings) if settings.submit else None
    async with open_remote(settings, path) as remote:
        plan = plan_of(settings)
        passes = Passes(
            ledger=ledger,
            campaign=campaign,
            remote=remote,
            plan=plan,
            stop=stop,
            emit=emit,
            pace=Pace(plan.rate_per_s),
        )
        if settings.preflight:
            await preflight(
                ledger=ledger,
                campaign=campaign,
                remote=remote,
                catalogue=shipped_catalogue(),
                clock=passes.clock,
                emit=emit,
                pace=passes.pace,
                plan=preflight_of(settings),
                stop=stop,
            )
        created = await passes.make(Creation(), send=True, limit=settings.limit)
        if payment is None:
            return Unattended(summary=created, facts={})
        return await submit_unattended(passes, created, payment, cost_limits(settings))


def require_same_target(campaign: Campaign, target: Target) -> None:
    """
    Raises:
        ManifestError: the campaign belongs to another account or another environment, whose ids mean other jobs.
    """
    if campaign.target.base_url != target.base_url:
        raise ManifestError(
            f"campaign {campaign.name!r} belongs to {campaign.target.base_url}, not to {target.base_url};"
            " name that target"
        )
    if campaign.target.username != target.username:
        raise ManifestError(f"campaign {campaign.name!r} belongs to another user name; use that account's credentials")


def end_pass(
    summary: RunSummary,
    campaign: Campaign,
    ledger: Path,
    results: Path,
    *,
    as_json: bool,
    command: str = "run",
    facts: Mapping[str, str | int | None] | None = None,
    complaint: str | None = None,
) -> Ending:
    """
    Writes results and failed rows; what is returned shows the summary, with more ``facts`` about the command.

    ``complaint`` is an error that ended it although all is written.
    """
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
    next_step = advice(code, command=command, campaign=campaign.name, ledger=ledger, failed=failed)
    if code is Exit.OK:
        next_step = _advice_when_well(summary, campaign.name)
    shown, about, trouble = replace(summary, exit_code=code), facts or {}, trouble or complaint
    return lambda: _show(shown, campaign, outputs, trouble, next_step, about, as_json=as_json)


def _advice_when_well(summary: RunSummary, name: str) -> str | None:
    pending, deleted = summary.counts.get("pending", 0), summary.counts.get("deleted", 0)
    if pending:
        return f"give the same manifest to `batcher run`: it sends the {row_words(pending)} still pending"
    if summary.duplicates.known or summary.duplicates.possible:
        return f"look at the duplicates in the account: `batcher status {quote(name)}` names the rows"
    if deleted:
        return f"`batcher retry {quote(name)} --deleted` lets {row_words(deleted)} be created again"
    return None


def _show(
    summary: RunSummary,
    campaign: Campaign,
    outputs: Outputs | None,
    trouble: str | None,
    next_step: str | None,
    about: Mapping[str, str | int | None],
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
        shown = {name.replace(" ", "_"): value for name, value in about.items()}
        told = {"bill": shown} if shown else {}
        stopped = {"stopped_by": summary.stopped_by}
        say_json({**whose, "counts": summary.counts, **doubled, **told, **ended, **stopped, **after})
    else:
        took = {"took": time_words(summary.elapsed_s)}
        words = {name.replace("_", " "): value for name, value in after.items()}
        counts = count_words(summary.counts) | duplicate_words(summary.duplicates)
        say(table({**whose, **counts, **about, **took, **words}))
    if trouble is not None:
        note(f"error: {trouble}")
    return summary.exit_code
