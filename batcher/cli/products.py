"""``batcher products``: which options go together, and whether these do."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from .flags import CONNECTION, OUTPUT, TARGET, Flags, with_flags
from .help import ListingGroup, TidyCommand
from .options import ConfigFile

if TYPE_CHECKING:
    from batcher.core.product import Combination
    from batcher.dispatch.ports import Inspection
    from batcher.settings import Settings

app = typer.Typer(cls=ListingGroup, help="Look at the product catalogue.")
Offline = Annotated[
    bool,
    typer.Option("--offline", help="Ask nobody: what others were seen to order, shipped with batcher, never complete."),
]


@app.callback()
def _top() -> None:
    """Look at the product catalogue; without a command, list it."""


@app.command("list", cls=TidyCommand)
@with_flags(TARGET, CONNECTION, OUTPUT)
def list_products(
    flags: Flags,
    document_class: Annotated[
        str | None, typer.Argument(metavar="CLASS", help="A document class, spelled exactly.")
    ] = None,
    offline: Offline = False,
    config: ConfigFile = None,
) -> None:
    """
    List the document classes, or the options of one.

    They come from the remote, which needs a target and credentials, or with --offline
    from what is shipped. Values stand in quotes: some hold two blanks, or end with one.
    """
    from batcher.settings import load_settings

    from .session import run_async

    settings = load_settings(flags, config)
    raise typer.Exit(run_async(_list(settings, document_class, offline=offline)))


@app.command("check", cls=TidyCommand)
@with_flags(TARGET, CONNECTION, OUTPUT)
def check(
    combination: Annotated[
        list[str], typer.Argument(metavar="FIELD=VALUE...", help="documentClass=... and other options of a job.")
    ],
    flags: Flags,
    offline: Offline = False,
    config: ConfigFile = None,
) -> None:
    """
    Say whether these options make a product, and what the nearest one is.

    Exit 0: they do, or nobody can tell (then there are warnings). Exit 4, as for a manifest that
    must be mended: the remote itself says that it knows no such product. Offline nothing is ever
    wrong, only never seen.
    """
    from batcher.settings import load_settings

    from .session import run_async

    given = _parsed(combination)
    settings = load_settings(flags, config)
    raise typer.Exit(run_async(_check(settings, given, offline=offline)))


async def _list(settings: Settings, document_class: str | None, *, offline: bool) -> int:
    from batcher.click2mail.catalogue import shipped_catalogue
    from batcher.dispatch.product_inquiry import offered_in

    from .product_lines import show_classes, show_options
    from .show import note

    catalogue = shipped_catalogue()
    if offline:
        offered = catalogue.all_combinations()
    else:
        async with _remote(settings) as remote:
            offered = await offered_in(remote, document_class)
    if document_class is not None:
        return show_options(document_class, offered, catalogue, offline=offline, as_json=settings.as_json)
    counts = Counter(one.document_class for one in offered if one.document_class is not None)
    if not offline and not counts:
        note("the remote lists the options of one class at a time; these are the classes that are known here")
    names = counts if counts and not offline else dict.fromkeys(catalogue.classes(), 0) | counts
    return show_classes(names, as_json=settings.as_json)


async def _check(settings: Settings, given: Combination, *, offline: bool) -> int:
    from batcher.click2mail.catalogue import shipped_catalogue
    from batcher.dispatch.product_inquiry import inquire

    from .product_lines import show_doubts, show_told

    if offline:
        return show_doubts(given, shipped_catalogue(), as_json=settings.as_json)
    async with _remote(settings) as remote:
        return show_told(await inquire(remote, given), as_json=settings.as_json)


@asynccontextmanager
async def _remote(settings: Settings) -> AsyncIterator[Inspection]:
    """The target's client; a sandbox that is started for it leaves nothing behind."""
    from .session import open_remote, target_of

    target_of(settings)
    with TemporaryDirectory() as folder:
        async with open_remote(settings, Path(folder) / "batcher.db") as remote:
            yield remote


def _parsed(arguments: list[str]) -> Combination:
    """
    The combination that FIELD=VALUE arguments say, byte for byte.

    Raises:
        ConfigError: one is not of that form, or names no option; or the document class is missing.
    """
    from batcher.core.errors import ConfigError
    from batcher.core.product import OPTION_FIELDS, Combination
    from batcher.manifest import did_you_mean

    named: dict[str, str] = {}
    for argument in arguments:
        field, sign, value = argument.partition("=")
        if not sign:
            raise ConfigError(f'"{argument}" is not of the form FIELD=VALUE; put quotes around a value with blanks')
        if field not in OPTION_FIELDS:
            hint = did_you_mean(field, OPTION_FIELDS)
            raise ConfigError(f"{field} is no product option; {hint or 'they are ' + ', '.join(OPTION_FIELDS)}")
        if field in named:
            raise ConfigError(f"{field} is given twice")
        named[field] = value
    if "documentClass" not in named:
        raise ConfigError("documentClass=... is missing: every product belongs to a class")
    return Combination.of(named)
