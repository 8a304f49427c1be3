"""``batcher status``: all campaigns, or one, while a run works and after."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .flags import CONNECTION, EXISTING_LEDGER, LIMITS, OUTPUT, PACE, TARGET, Flags, with_flags
from .help import TidyCommand
from .options import ConfigFile, Quiet
from .show import as_json, count_words, duplicate_words, row_words, say, stop_words, table, time_words

if TYPE_CHECKING:
    from batcher.ledger.records import Overview, Result, RunInfo
    from batcher.settings import Settings

    from .tracking import Asked

_ASKING = {
    "max_outage": LIMITS["max_outage"],
    "limit": replace(LIMITS["limit"], help="With --remote: ask for this many jobs at most.", default="1,000"),
}
_MOST_LISTED = 20
_WATCH_EVERY_S = 2.0
_DOUBTFUL = ("in_doubt", "held")
_HOME, _CLEAR_LINE, _CLEAR_BELOW = "\x1b[H", "\x1b[K", "\x1b[J"


def register(app: typer.Typer) -> None:
    app.command("status", cls=TidyCommand)(status)


@with_flags({"ledger": EXISTING_LEDGER}, TARGET, PACE, _ASKING, CONNECTION, OUTPUT)
def status(
    flags: Flags,
    campaign: Annotated[
        str | None, typer.Argument(metavar="CAMPAIGN", help="One campaign; without it, all of the ledger.")
    ] = None,
    config: ConfigFile = None,
    watch: Annotated[bool, typer.Option("--watch", help="Show it again every 2 seconds, until Ctrl-C.")] = False,
    remote: Annotated[bool, typer.Option("--remote", help="First ask the remote where submitted jobs stand.")] = False,
    quiet: Quiet = False,
) -> None:
    """
    Show counts, pace and what is in doubt, while a run works and after.

    With --remote it first asks the remote where the campaign's submitted jobs
    stand, and notes that in the ledger: those that it asked for longest ago, 1,000
    or --limit of them. Only then it wants a target, credentials, and the ledger
    for itself; the flags about these have no meaning without it.
    """
    from batcher.settings import load_settings

    from .session import run_async
    from .tracking import ask_remote, require_askable

    settings = load_settings(flags, config)
    if remote:
        asked = run_async(ask_remote(require_askable(campaign, watch=watch), settings, quiet=quiet))
        say(_told(settings, campaign, asked))
        raise typer.Exit(asked.exit_code)
    while True:
        text = _told(settings, campaign)
        if watch and sys.stdout.isatty():
            # Where the last one stood: to the corner, and every line cleared to its end, so that nothing flickers.
            text = _HOME + text.replace("\n", f"{_CLEAR_LINE}\n") + _CLEAR_LINE + _CLEAR_BELOW
        say(text)
        if not watch:
            return
        time.sleep(_WATCH_EVERY_S)


def _told(settings: Settings, name: str | None, asked: Asked | None = None) -> str:
    """What is to be said, of one campaign or of all."""
    from .session import find_campaign, open_reader
    from .tracking import read_troubled, trouble_facts, trouble_lines

    reader = open_reader(settings)
    try:
        if name is None:
            overviews = reader.overviews()
            if settings.as_json:
                return as_json({"campaigns": [facts_of(overview) for overview in overviews]})
            return _lines(overviews) if overviews else "the ledger has no campaigns yet"
        overview = reader.overview(find_campaign(reader, name))
        doubts = list(islice(reader.results(overview.campaign, _DOUBTFUL), _MOST_LISTED))
        duplicates = reader.with_duplicates(overview.campaign, _MOST_LISTED)
        troubled = read_troubled(reader, overview.campaign, overview.whereabouts)
    finally:
        reader.close()
    if settings.as_json:
        listed = [{"row_number": r.row_number, "key": r.key, "state": r.state, "error": r.error} for r in doubts]
        doubled = [{"row_number": r.row_number, "key": r.key, "extra_job_ids": r.extra_job_ids} for r in duplicates]
        more = {"doubts": listed, "duplicates": doubled} | trouble_facts(troubled, asked)
        return as_json(facts_of(overview) | more)
    rows = [*_rows_in_doubt(overview, doubts), *_doubled_rows(overview, duplicates)]
    return "\n".join([_table(overview, asked), *rows, *trouble_lines(overview.whereabouts, troubled, asked)])


def _rows_in_doubt(overview: Overview, doubts: list[Result]) -> Iterator[str]:
    for row in doubts:
        yield f"  row {row.row_number} ({row.key}) {row.state.replace('_', ' ')}{f': {row.error}' if row.error else ''}"
    unlisted = sum(overview.counts.get(state, 0) for state in _DOUBTFUL) - len(doubts)
    if unlisted > 0:
        yield f"  … and {row_words(unlisted)} more; `batcher results` lists them all with --state held --state in_doubt"


def _doubled_rows(overview: Overview, rows: list[Result]) -> Iterator[str]:
    for row in rows:
        ids = ", ".join(map(str, row.extra_job_ids))
        what = f"the remote holds more jobs of it: {ids}" if ids else "possible duplicate: sent again while in doubt"
        yield f"  row {row.row_number} ({row.key}): {what}"
    unlisted = overview.duplicates.known + overview.duplicates.possible - len(rows)
    if unlisted > 0:
        yield f"  … and {row_words(unlisted)} more of that kind; `batcher results` has them, column error_type"


def _table(overview: Overview, asked: Asked | None) -> str:
    from .tracking import asked_words, remote_words

    facts = facts_of(overview)
    run = {
        "last run": overview.last_run and overview.last_run.started_at,
        "ended": run_words(overview.last_run),
        "pace": facts["pace_per_s"] and f"{facts['pace_per_s']:,}/s",
        "time left": facts["eta_s"] and time_words(facts["eta_s"]),
    }
    about = {"campaign": facts["campaign"], "target": facts["target"], "rows": facts["rows"]}
    counts = count_words(overview.counts) | duplicate_words(overview.duplicates)
    return table(about | counts | remote_words(overview.whereabouts) | run | asked_words(asked))


def facts_of(overview: Overview) -> dict[str, Any]:
    """One campaign in a few facts, for programs."""
    from .tracking import remote_facts

    run, counts = overview.last_run, overview.counts
    open_rows = sum(counts.get(state, 0) for state in ("pending", "sending"))
    pace_per_s = overview.created_last_minute / 60
    is_open = run is not None and run.finished_at is None
    return {
        "campaign": overview.campaign.name,
        "target": overview.campaign.target.base_url,
        "manifest": overview.campaign.manifest,
        "rows": overview.rows,
        "counts": dict(counts),
        "remote": remote_facts(overview.whereabouts),
        "duplicates_known": overview.duplicates.known,
        "duplicates_possible": overview.duplicates.possible,
        "last_run": None if run is None else run.started_at,
        "finished_at": None if run is None else run.finished_at,
        "exit_code": None if run is None else run.exit_code,
        "run": run_words(run),
        "pace_per_s": round(pace_per_s, 1) if is_open else None,
        "eta_s": round(open_rows / pace_per_s) if is_open and pace_per_s and open_rows else None,
    }


def run_words(run: RunInfo | None) -> str | None:
    """How the latest run stands: ended with a code, at work, or broken off without a word."""
    if run is None:
        return None
    if run.finished_at is not None:
        why = stop_words(run.stopped_by, "")
        return f"exit {run.exit_code}{f' ({why})' if why else ''}, {run.finished_at}"
    if run.host != socket.gethostname():
        return f"not finished; process {run.pid} on {run.host}"
    return f"at work, process {run.pid}" if _is_alive(run.pid) else "broken off; the same command again carries on"


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _lines(overviews: list[Overview]) -> str:
    """One line a campaign."""
    texts = [
        (
            overview.campaign.name,
            row_words(overview.rows),
            ", ".join(f"{count:,} {state}" for state, count in count_words(overview.counts).items()),
            run_words(overview.last_run) or "",
        )
        for overview in overviews
    ]
    widths = [max(len(text[column]) for text in texts) for column in range(3)]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(t, [*widths, 0], strict=True)).rstrip() for t in texts
    )
