"""The doctor's round: who looks where, in the order in which it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from batcher.click2mail.client import Click2MailClient
from batcher.click2mail.line import Line, survey_line
from batcher.click2mail.visit import visit
from batcher.core.errors import ConfigError, Exit
from batcher.core.job import Balance
from batcher.dispatch.checkup import Check, failed, failed_by, ok, skipped, warning
from batcher.dispatch.checkup.ledger import (
    disk_check,
    doubts_check,
    drafts_check,
    last_run_check,
    ledger_check,
    lock_check,
    place_check,
)
from batcher.dispatch.checkup.remote import clock_check, connection_check, credentials_check, credit_check, tls_check
from batcher.dispatch.stop import Stop
from batcher.ledger.disk import look_at_disk
from batcher.ledger.place import file_system_of, warnings_about
from batcher.ledger.sqlite.inspection import inspect_ledger
from batcher.settings import SANDBOX, Settings, origins
from batcher.settings.model import TARGETS

from .session import allow_open_files, files_needed, ledger_path, open_remote
from .status import run_words
from .trial import Trial, checks_of_a_draft, is_live

_NOT_SHOWN: Final = "set"
"""The values that are the same in every row: a return address for one."""


def settings_given(settings: Settings) -> dict[str, tuple[str, str]]:
    """Every setting that is not the default: its value, masked where it is a secret, and where it stands."""
    given = {shown.name: (shown.value, shown.origin) for shown in origins(settings)}
    if _NOT_SHOWN in given:
        given[_NOT_SHOWN] = (", ".join(settings.set), given[_NOT_SHOWN][1])
    return {name: (value, origin) for name, (value, origin) in given.items() if not origin.startswith("default")}


async def make_round(settings: Settings, trial: Trial | None, stop: Stop) -> list[Check]:
    """Looks everywhere; with a trial the draft comes last."""
    path = ledger_path(settings, None if trial is None else trial.manifest)
    async with AsyncExitStack() as stack:
        remote, client = await _at_the_remote(settings, stack)
        checks = [*_of_settings(settings), *remote, *_of_ledger(path), _of_open_files(settings)]
        return [*checks, *await checks_of_a_draft(settings, client, trial, stop)]


def _of_settings(settings: Settings) -> Iterator[Check]:
    count = len(settings_given(settings))
    differ = "all are the defaults" if not count else f"{count} {'is' if count == 1 else 'are'} not the default"
    yield ok("settings", f"{differ}; `batcher config show` lists all")
    for line in settings.warnings:
        what, _, next_step = line.partition("; ")
        yield warning("settings", what, next_step or "take it away, or correct its name")


async def _at_the_remote(settings: Settings, stack: AsyncExitStack) -> tuple[list[Check], Click2MailClient | None]:
    """What is seen there; and a client, where the account lets us in."""
    if not any(getattr(settings, name) for name in TARGETS):
        what = "none given: connection, credentials, credit and clock are not looked at"
        return [skipped("target", what, "give one of --sandbox, --staging, --live or --base-url URL")], None
    try:
        target = _target_check(settings.target)
    except ConfigError as error:
        return [failed_by("target", error)], None
    try:
        if not _has_credentials(settings):
            line = await _survey(settings, settings.target)
            return [target, *_of_line(settings, line, None), _without_credentials(settings)], None
        # A sandbox keeps its jobs beside the ledger that it is given; of this one nothing is to stay.
        folder = stack.enter_context(TemporaryDirectory())
        client = await stack.enter_async_context(open_remote(settings, Path(folder) / "ledger.db"))
        line = await _survey(settings, str(client.addresses.jobs))
    except ConfigError as error:
        return [target, failed_by("connection", error)], None
    if line.fault is not None:
        return [target, *_of_line(settings, line, None), skipped("credentials", "no connection")], None
    seen = await visit(client)
    account = [credentials_check(seen), credit_check(seen), clock_check(seen)]
    is_open = isinstance(seen.answer, Balance)
    return [target, *_of_line(settings, line, seen.round_trip_s), *account], client if is_open else None


def _has_credentials(settings: Settings) -> bool:
    return settings.target == SANDBOX or (settings.username is not None and settings.password is not None)


def _without_credentials(settings: Settings) -> Check:
    how = "set BATCHER_USERNAME, and BATCHER_PASSWORD or BATCHER_PASSWORD_FILE"
    if settings.username is None and settings.password is None:
        return skipped("credentials", "none given", how)
    there = "a password and no user name" if settings.username is None else "a user name and no password"
    return failed("credentials", f"there is {there}", how, Exit.USAGE)


def _target_check(target: str) -> Check:
    if target == SANDBOX:
        return ok("target", "the sandbox, an emulator on this machine: no account, no mail")
    return ok("target", f"{target}{': the live system, real accounts, real mail' if is_live(target) else ''}")


async def _survey(settings: Settings, address: str) -> Line:
    return await survey_line(
        address, trust_env=settings.trust_env, ca_file=settings.ca_file, limit_s=settings.connect_timeout
    )


def _of_line(settings: Settings, line: Line, round_trip_s: float | None) -> list[Check]:
    authorities = "the system's authorities" if settings.ca_file is None else f"the authorities in {settings.ca_file}"
    return [connection_check(line, round_trip_s), tls_check(line, authorities, datetime.now(UTC))]


def _of_ledger(path: Path) -> list[Check]:
    found = inspect_ledger(path)
    words = {overview.campaign.name: run_words(overview.last_run) or "" for overview in found.overviews}
    return [
        ledger_check(path, found),
        lock_check(found),
        doubts_check(found),
        drafts_check(found),
        last_run_check(found.overviews, words),
        place_check(file_system_of(path), warnings_about(path)),
        disk_check(look_at_disk(path)),
    ]


def _of_open_files(settings: Settings) -> Check:
    wanted = files_needed(settings)
    try:
        allow_open_files(wanted)
    except ConfigError as error:
        return failed_by("open files", error)
    return ok("open files", f"--concurrency {settings.concurrency} needs {wanted:,}, which this machine allows")
