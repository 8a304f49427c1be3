"""``batcher results``: what became of every row."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .flags import EXISTING_LEDGER, Flags, aside, with_flags
from .help import TidyCommand
from .options import CampaignName, ConfigFile


def register(app: typer.Typer) -> None:
    app.command("results", cls=TidyCommand)(results)


@with_flags({"ledger": EXISTING_LEDGER})
def results(
    campaign: CampaignName,
    flags: Flags,
    config: ConfigFile = None,
    file_format: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help=f"csv, json, jsonl or parquet. {aside('by the ending of FILE, else csv')}",
            show_default=False,
        ),
    ] = "",
    state: Annotated[
        list[str] | None, typer.Option("--state", metavar="STATE", help="Only rows in this state; may be repeated.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help=f"Write here. {aside('stdout')}", show_default=False),
    ] = None,
) -> None:
    """Export what became of every row, in manifest order; works while a run writes."""
    from batcher.core.errors import ConfigError
    from batcher.core.states import SHOWN_STATES
    from batcher.ledger.export import FORMATS, write_results
    from batcher.settings import load_settings

    from .outputs import format_of, require_place, write_all
    from .session import find_campaign, open_reader
    from .streams import writing_out

    output = None if output in {Path("-"), Path("/dev/stdout")} else output
    wanted_format = file_format.lower() or (format_of(output) if output else "") or "csv"
    if wanted_format not in FORMATS:
        raise ConfigError(f"--format {wanted_format}: results come as {', '.join(FORMATS)}")
    if wrong := sorted(set(state or ()) - set(SHOWN_STATES)):
        raise ConfigError(f"--state {wrong[0]}: the states are {', '.join(SHOWN_STATES)}")
    if wanted_format == "parquet" and output is None:
        raise ConfigError("parquet needs a file: -o FILE")
    if output is not None:
        require_place("--output", output)
    reader = open_reader(load_settings(flags, config))
    try:
        found = find_campaign(reader, campaign)
        if output is None:
            with writing_out() as out:
                write_results(out, found, reader.results(found, state), wanted_format)
        else:
            write_all(output, found, reader, wanted_format, state)
    finally:
        reader.close()
