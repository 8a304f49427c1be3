"""The composition root: from settings to the parts of a run."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from batcher.click2mail.client import Click2MailClient
from batcher.click2mail.remote import RemoteSettings
from batcher.core.errors import ConfigError
from batcher.core.events import Observer
from batcher.core.pace import parse_rate
from batcher.core.patience import Patience
from batcher.core.retry import OnDoubt, RetryPolicy
from batcher.dispatch.plan import FailureLimit, RunPlan
from batcher.dispatch.preflight import PreflightPlan
from batcher.ledger.records import Campaign, Target
from batcher.ledger.sqlite import SqliteLedger, SqliteReader
from batcher.manifest import STDIN, Reading
from batcher.settings import SANDBOX, Settings
from batcher.settings.values import zone_named

from .collector import sparing_collector
from .emulator import running_sandbox
from .show import LEDGER_NAME

T = TypeVar("T")

_LOOK_UPS = 8
_OTHER_FILES = 200
"""Ledger, log, look-ups, what the loop and the libraries hold open; roughly, and more than enough."""


def ledger_path(settings: Settings, manifest: str | None = None) -> Path:
    """The ledger's file: as named, else beside the manifest, else in the current folder."""
    if settings.ledger is not None:
        return Path(settings.ledger)
    return Path(LEDGER_NAME) if manifest in {None, STDIN} else Path(str(manifest)).parent / LEDGER_NAME


def campaign_name(settings: Settings, manifest: str) -> str:
    """The campaign's name, with ``{stem}`` and ``{date}`` filled in."""
    template = settings.campaign
    if template is None:
        if manifest == STDIN:
            raise ConfigError("a manifest from standard input needs a name: --campaign NAME")
        template = "{stem}"
    if unknown := set(re.findall(r"\{[^{}]*\}", template)) - {"{stem}", "{date}"}:
        raise ConfigError(f"--campaign {template!r}: only {{stem}} and {{date}} are filled in, not {min(unknown)}")
    date = f"{datetime.now(zone_named(settings.timezone)):%Y-%m-%d}"
    name = template.replace("{stem}", stem_of(manifest)).replace("{date}", date)
    if not re.fullmatch(r"[^/\\\x00-\x1f\ud800-\udfff]{1,100}", name) or name.startswith("."):
        raise ConfigError(
            f"--campaign {name!r}: a name has 1 to 100 characters in UTF-8, no slashes, and begins with no dot"
        )
    return name


def stem_of(manifest: str) -> str:
    """The manifest's file name without its endings."""
    name = "stdin" if manifest == STDIN else Path(manifest).name
    return re.sub(r"\.(csv|tsv|json|jsonl|ndjson|xlsx|txt)$", "", name.removesuffix(".gz"), flags=re.IGNORECASE) or name


def reading_of(settings: Settings, *, only_corrections: bool = False) -> Reading:
    """How the manifest is to be read."""
    return Reading(
        format=settings.format,
        encoding=settings.encoding,
        delimiter=settings.delimiter,
        key=settings.key,
        mapping=settings.map,
        constants=settings.set,
        keep=settings.keep,
        keep_app_signature=settings.keep_app_signature,
        only_corrections=only_corrections,
    )


def plan_of(settings: Settings, *, send: bool = True) -> RunPlan:
    """The run's orders."""
    limit = settings.max_failures
    return RunPlan(
        concurrency=settings.concurrency,
        adaptive=settings.adaptive,
        rate_per_s=None if settings.rate is None else parse_rate(settings.rate),
        retry=RetryPolicy(
            max_attempts=settings.max_attempts,
            backoff_s=settings.backoff,
            max_backoff_s=settings.max_backoff,
            strict_500=settings.strict_500,
            on_doubt=OnDoubt(settings.on_doubt),
        ),
        patience=Patience(settle_s=settings.settle),
        timeout_s=settings.timeout,
        send_window_s=settings.send_window,
        max_failures=None
        if limit is None
        else FailureLimit(number=float(limit.removesuffix("%")), percent=limit.endswith("%")),
        max_outage_s=settings.max_outage,
        max_duration_s=settings.max_duration,
        limit=settings.limit,
        drain_timeout_s=settings.drain_timeout,
        send=send,
        wait=settings.wait,
    )


def preflight_of(settings: Settings) -> PreflightPlan:
    """How patient the checks before the run are."""
    return PreflightPlan(patience_s=settings.timeout, list_wait_s=settings.list_wait)


def target_of(settings: Settings) -> Target:
    """The account that the settings name; the sandbox has one for everybody."""
    if settings.target == SANDBOX:
        return Target(base_url=SANDBOX, username=SANDBOX)
    return Target(base_url=settings.target, username=credentials_of(settings)[0])


def credentials_of(settings: Settings) -> tuple[str, str]:
    """User name and password; the sandbox takes any."""
    if settings.username and settings.password is not None:
        return settings.username, settings.password.get_secret_value()
    if settings.target == SANDBOX:
        return SANDBOX, SANDBOX
    raise ConfigError("no credentials: set BATCHER_USERNAME, and BATCHER_PASSWORD or BATCHER_PASSWORD_FILE")


@asynccontextmanager
async def open_remote(settings: Settings, ledger: Path) -> AsyncIterator[Click2MailClient]:
    """A client for the settings' target; for the sandbox one is started."""
    if settings.target == SANDBOX:
        async with running_sandbox(ledger) as base_url, _client(settings, base_url) as client:
            yield client
    else:
        async with _client(settings, settings.target) as client:
            yield client


def files_needed(settings: Settings) -> int:
    """How many files a run with these settings may have open at once."""
    return settings.concurrency + _OTHER_FILES


def allow_open_files(wanted: int) -> None:
    """
    Raises this process's limit of open files where it is too low; connections count as files.

    Raises:
        ConfigError: the system does not let it.
    """
    try:
        import resource
    except ImportError:  # not a POSIX system
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise ConfigError(
            f"--concurrency needs {wanted} open files, and this system allows {hard}; lower it to"
            f" {max(1, hard - _OTHER_FILES)}, or raise the limit (ulimit -Hn)"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _client(settings: Settings, base_url: str) -> Click2MailClient:
    allow_open_files(files_needed(settings))
    username, password = credentials_of(settings)
    return Click2MailClient(
        RemoteSettings(
            base_url=base_url,
            username=username,
            password=password,
            connect_timeout_s=settings.connect_timeout,
            timeout_s=settings.timeout,
            connections=settings.concurrency + _LOOK_UPS,
            trust_env=settings.trust_env,
            ca_file=settings.ca_file,
            lookup_path=settings.lookup_path,
            lookup_query=settings.lookup_query,
        )
    )


def find_campaign(reader: SqliteReader, name: str | None) -> Campaign:
    """
    The campaign of that name, or the only one where none is named.

    Raises:
        ConfigError: there is none, or no single one.
    """
    names = [overview.campaign.name for overview in reader.overviews()]
    if name is None and len(names) == 1:
        name = names[0]
    campaign = None if name is None else reader.campaign(name)
    if campaign is None:
        there = ", ".join(names[:10]) or "none"
        raise ConfigError(f"the ledger has no campaign {name!r}; it has: {there}")
    return campaign


@asynccontextmanager
async def open_ledger_of(
    settings: Settings, name: str, emit: Observer = lambda event: None
) -> AsyncIterator[tuple[SqliteLedger, Campaign]]:
    """The ledger for writing, and its campaign of that name; the ledger must be there already."""
    path = ledger_path(settings)
    reader = SqliteReader(path)
    try:
        campaign = find_campaign(reader, name)
    finally:
        reader.close()
    ledger = await SqliteLedger.open(path, emit)
    try:
        yield ledger, campaign
    finally:
        await ledger.close()


def open_reader(settings: Settings) -> SqliteReader:
    """The ledger's read side."""
    return SqliteReader(ledger_path(settings))


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine to its end, on uvloop where it is installed."""
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner, sparing_collector():
            return runner.run(work)
    finally:
        # Ctrl-C may come before it has begun; Python would warn of a coroutine that nobody awaited.
        work.close()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
