"""Flags that are no settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .flags import aside

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help=f"A TOML file with settings. {aside('./batcher.toml if there')}",
        show_default=False,
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, and only warnings and errors in the log.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="A log line for every row.")]
Confirm = Annotated[
    str | None,
    typer.Option("--confirm", metavar="N", help="Go ahead, if it is this number of jobs.", show_default=False),
]
CampaignName = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="The campaign's name in the ledger.")]
