"""``batcher config``: which settings hold, and where each came from."""

from __future__ import annotations

import typer

from .flags import CONNECTION, DOUBT, LEDGER, LIMITS, MANIFEST, OUTPUT, PACE, PREFLIGHT, TARGET, Flags, with_flags
from .help import TidyCommand, TidyGroup
from .options import ConfigFile

app = typer.Typer(cls=TidyGroup, no_args_is_help=True, help="Look at the settings.")


@app.callback()
def _top() -> None:
    """Look at the settings."""


@app.command("show", cls=TidyCommand)
@with_flags(TARGET, LEDGER, MANIFEST, PREFLIGHT, PACE, DOUBT, LIMITS, CONNECTION, OUTPUT)
def show(flags: Flags, config: ConfigFile = None) -> None:
    """Show every value and where it came from; secrets are masked."""
    from batcher.settings import load_settings, origins

    from .show import note, say, say_json

    settings = load_settings(flags, config)
    found = origins(settings)
    for warning in settings.warnings:
        note(f"warning: {warning}")
    if settings.as_json:
        say_json({name: {"value": value, "origin": origin} for name, value, origin in found})
        return
    widths = [max(len(line[column]) for line in found) for column in (0, 1)]
    for name, value, origin in found:
        say(f"{name:<{widths[0]}}  {value:<{widths[1]}}  {origin}")
