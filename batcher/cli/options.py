"""Flags that are no settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="A TOML file with settings.", show_default="./batcher.toml if there"),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, and only warnings and errors in the log.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="A log line for every row.")]
CampaignName = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="The campaign's name in the ledger.")]
