"""``batcher sandbox``: the emulator as a server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .flags import aside
from .help import TidyCommand
from .usage import number, whole_number


def register(app: typer.Typer) -> None:
    app.command("sandbox", cls=TidyCommand)(sandbox)


def sandbox(
    port: Annotated[str, typer.Option("--port", metavar="PORT", help="0 takes a free one.")] = "8000",
    latency: Annotated[
        str, typer.Option("--latency", metavar="SECONDS", help="Of every reply; or a range like 0.05-0.2.")
    ] = "0",
    faults: Annotated[Path | None, typer.Option("--faults", metavar="FILE", help="A plan of faults, in TOML.")] = None,
    demo_faults: Annotated[bool, typer.Option("--demo-faults", help="The plan that `run --sandbox` uses.")] = False,
    seed: Annotated[str, typer.Option("--seed", metavar="N", help="Of everything drawn by chance.")] = "0",
    require_auth: Annotated[
        str | None,
        typer.Option(
            "--require-auth", metavar="USER:PASSWORD", help=f"Let in only these. {aside('any')}", show_default=False
        ),
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(
            "--state", metavar="FILE", help=f"Keep jobs here over a restart. {aside('in memory')}", show_default=False
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Only what was uploaded here exists, and only products it lists.")
    ] = False,
    list_delay: Annotated[
        str, typer.Option("--list-delay", metavar="SECONDS", help="Until an address list is ready for jobs.")
    ] = "0",
    credit: Annotated[
        str,
        typer.Option(
            "--credit",
            metavar="DOLLARS",
            help="Prepaid. Once some is spent or bought, --state keeps the rest; POST /credit/purchase buys more.",
        ),
    ] = "1000000",
    speed: Annotated[
        str, typer.Option("--speed", metavar="N", help="Times as fast as the vendor submitted jobs move on.")
    ] = "3600",
) -> None:
    """Run an emulator of the Click2Mail REST API on this machine, until Ctrl-C."""
    from batcher.core.errors import ConfigError
    from batcher.sandbox import DEMO_FAULTS, SandboxError, SandboxSettings
    from batcher.sandbox import run as serve

    if demo_faults and faults is not None:
        raise ConfigError("--demo-faults and --faults are two plans; give one of them")
    try:
        settings = SandboxSettings(
            port=whole_number("--port", port),
            latency=latency,
            faults=DEMO_FAULTS if demo_faults else faults,
            seed=whole_number("--seed", seed),
            require_auth=require_auth,
            state=state,
            strict=strict,
            list_delay=number("--list-delay", list_delay),
            credit=number("--credit", credit),
            speed=number("--speed", speed),
        )
    except SandboxError as error:
        raise ConfigError(str(error)) from error
    raise typer.Exit(serve(settings))
