"""``batcher status``: all campaigns, or one, while a run works and after."""

from __future__ import annotations

import time
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .flags import LEDGER, OUTPUT, Flags, with_flags
from .options import ConfigFile

if TYPE_CHECKING:
    from batcher.ledger.records import Overview
    from batcher.settings import Settings

_MOST_LISTED = 20
_WATCH_EVERY_S = 2.0


def register(app: typer.Typer) -> None:
    app.command("status")(status)


@with_flags({"ledger": LEDGER["ledger"]}, OUTPUT)
def status(
    flags: Flags,
    campaign: Annotated[
        str | None, typer.Argument(metavar="CAMPAIGN", help="One campaign; without it, all of the ledger.")
    ] = None,
    config: ConfigFile = None,
    watch: Annotated[bool, typer.Option("--watch", help="Show it again every 2 seconds, until Ctrl-C.")] = False,
) -> None:
    """Show counts, pace and what is in doubt, while a run works and after."""
    from batcher.settings import load_settings

    settings = load_settings(flags, config)
    while True:
        _show(settings, campaign)
        if not watch:
            return
        time.sleep(_WATCH_EVERY_S)


def _show(settings: Settings, name: str | None) -> None:
    from .session import find_campaign, open_reader
    from .show import say, say_json, table

    reader = open_reader(settings)
    try:
        if name is None:
            overviews = reader.overviews()
            if settings.as_json:
                say_json([facts_of(overview) for overview in overviews])
            else:
                say(_lines(overviews) if overviews else "the ledger has no campaigns yet")
            return
        overview = reader.overview(find_campaign(reader, name))
        facts = facts_of(overview)
        doubts = list(islice(reader.results(overview.campaign, ("in_doubt", "held", "sending")), _MOST_LISTED))
        extra = reader.with_extra_jobs(overview.campaign, _MOST_LISTED)
    finally:
        reader.close()
    if settings.as_json:
        say_json(facts | {"doubts": [{"row_number": r.row_number, "key": r.key, "state": r.state} for r in doubts]})
        return
    say(table({key: value for key, value in facts.items() if key != "counts"} | facts["counts"]))
    for result in doubts:
        why = f": {result.error}" if result.error else ""
        say(f"  row {result.row_number} ({result.key}) {result.state}{why}")
    for result in extra:
        ids = ", ".join(map(str, result.extra_job_ids))
        say(f"  row {result.row_number} ({result.key}): the remote holds more jobs of it: {ids}")


def facts_of(overview: Overview) -> dict[str, Any]:
    """One campaign in a few facts."""
    run, counts = overview.last_run, overview.counts
    open_rows = sum(counts.get(state, 0) for state in ("pending", "sending"))
    pace_per_s = overview.created_last_minute / 60
    is_running = run is not None and run.finished_at is None
    return {
        "campaign": overview.campaign.name,
        "target": overview.campaign.target.base_url,
        "rows": overview.rows,
        "counts": dict(counts),
        "last_run": None if run is None else run.started_at,
        "run": None if run is None else ("not finished" if is_running else f"exit {run.exit_code}"),
        "pace_per_s": round(pace_per_s, 1) if is_running else None,
        "eta_s": round(open_rows / pace_per_s) if is_running and pace_per_s and open_rows else None,
    }


def _lines(overviews: list[Overview]) -> str:
    """One line a campaign."""
    texts = []
    for overview in overviews:
        counts = ", ".join(f"{count:,} {state}" for state, count in overview.counts.items())
        run = overview.last_run
        ended = "" if run is None else (f"exit {run.exit_code}" if run.finished_at else "not finished")
        texts.append((overview.campaign.name, f"{overview.rows:,} rows", counts, ended))
    widths = [max(len(text[column]) for text in texts) for column in range(3)]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(t, [*widths, 0], strict=True)).rstrip() for t in texts
    )
