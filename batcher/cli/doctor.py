"""``batcher doctor``: is everything there that a run needs, and with ``--probe`` can its doubts be settled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .flags import CONNECTION, DOUBT, LEDGER, LIMITS, MANIFEST, OUTPUT, PACE, TARGET, Flags, aside, with_flags
from .help import TidyCommand
from .options import ConfigFile
from .usage import whole_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from batcher.core.errors import Exit
    from batcher.dispatch.checkup import Check
    from batcher.settings import Settings

    from .trial import Trial


def register(app: typer.Typer) -> None:
    app.command("doctor", cls=TidyCommand)(doctor)


@with_flags(TARGET, LEDGER, MANIFEST, PACE, DOUBT, LIMITS, CONNECTION, OUTPUT)
def doctor(
    flags: Flags,
    config: ConfigFile = None,
    probe: Annotated[
        str | None,
        typer.Option(
            "--probe", metavar="MANIFEST", help="Make one draft of a row, find it, delete it.", show_default=False
        ),
    ] = None,
    row: Annotated[
        str | None,
        typer.Option(
            "--row", metavar="N", help=f"With --probe: the row to take. {aside('the first')}", show_default=False
        ),
    ] = None,
    live_probe: Annotated[bool, typer.Option("--live-probe", help="Allow --probe on the live system.")] = False,
) -> None:
    """
    Look whether all is there that a run needs: settings, account, clock, ledger.

    It takes no lock and changes nothing. Give it the flags of the run that it
    is to prepare; what is not given, a target or credentials, is skipped.

    With --probe it makes one draft under a signature of its own, looks it up as a
    run would, deletes it again, and says whether look-ups can be trusted here.
    """
    from batcher.settings import load_settings

    from .session import run_async
    from .trial import read_trial, require_allowed

    settings = load_settings(flags, config)
    require_allowed(settings, probe, row, live_probe=live_probe)
    number = 1 if row is None else whole_number("--row", row, above=0)
    trial = None if probe is None else read_trial(settings, probe, number)
    raise typer.Exit(run_async(_doctor(settings, trial)))


async def _doctor(settings: Settings, trial: Trial | None) -> int:
    from batcher.dispatch.checkup import exit_of
    from batcher.dispatch.stop import Stop

    from .checkup import make_round, settings_given

    stop = Stop()
    checks = await make_round(settings, trial, stop)
    code = exit_of(checks, stop.reason)
    _show(checks, settings_given(settings), code, as_json=settings.as_json)
    return code


def _show(checks: Sequence[Check], given: Mapping[str, tuple[str, str]], code: Exit, *, as_json: bool) -> None:
    from .show import say, say_json

    if not as_json:
        say("\n".join([*_lines(checks, given), "", _in_short(checks)]))
        return
    say_json(
        {
            "exit_code": int(code),
            "settings": {name: {"value": value, "origin": origin} for name, (value, origin) in given.items()},
            "checks": [
                {"check": c.name, "level": c.level, "what": c.what, "next": c.next_step, "facts": dict(c.facts)}
                for c in checks
            ],
        }
    )


def _lines(checks: Sequence[Check], given: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    widths = [max(len(text) for text in texts) for texts in ([c.name for c in checks], [c.level for c in checks])]
    below = " " * (sum(widths) + 4)
    inner = [max(map(len, texts), default=0) for texts in (given, [value for value, _ in given.values()])]
    for at, check in enumerate(checks):
        yield f"{check.name:<{widths[0]}}  {check.level:<{widths[1]}}  {check.what}"
        if check.next_step is not None:
            yield f"{below}next: {check.next_step}"
        if at == 0:
            for name, (value, origin) in given.items():
                yield f"{below}{name:<{inner[0]}}  {value:<{inner[1]}}  {origin}"


def _in_short(checks: Sequence[Check]) -> str:
    from batcher.dispatch.checkup import Level

    counts = {level: sum(check.level is level for check in checks) for level in (Level.FAILED, Level.WARNING)}
    if not any(counts.values()):
        return "all is well" if all(check.level is Level.OK for check in checks) else "what was asked is well"
    return ", ".join(f"{count} × {level}" for level, count in counts.items() if count)
