"""One command's sitting with a campaign at the remote: ledger and connection open, watched while something goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from batcher.click2mail.client import Click2MailClient
from batcher.core.events import Event, Observer
from batcher.core.pace import Pace
from batcher.dispatch.plan import RunPlan
from batcher.dispatch.run import RunSummary
from batcher.dispatch.stop import Stop
from batcher.ledger.records import Campaign
from batcher.ledger.sqlite import SqliteLedger
from batcher.settings import Settings

from .confirmation import NotConfirmed, may_ask
from .observers import observing
from .outputs import results_path
from .passes import Ending, end_pass, require_same_target
from .session import ledger_path, open_ledger_of, open_remote, plan_of, target_of
from .show import note, say, say_json, table
from .signals import stopping
from .stages import Passes


class _Relay:
    """An observer that passes on to whoever observes just now. ``is_told``: what looks wrong was said once."""

    def __init__(self) -> None:
        self.to: Observer = lambda event: None
        self.is_told = False

    def __call__(self, event: Event) -> None:
        self.to(event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """See ``sitting``."""

    command: str
    settings: Settings
    path: Path
    results: Path
    ledger: SqliteLedger
    campaign: Campaign
    remote: Click2MailClient
    plan: RunPlan
    pace: Pace
    relay: _Relay
    quiet: bool
    verbose: bool
    stop: Stop = field(default_factory=Stop)

    @property
    def may_ask(self) -> bool:
        """Whether a person can be asked."""
        return may_ask() and not self.settings.as_json

    @contextmanager
    def observed(self) -> Iterator[Passes]:
        """While inside, signals are heard, and what happens is logged and shown."""
        named, quiet, verbose = self.campaign.name, self.quiet, self.verbose
        place = None if self.relay.is_told else self.path
        with stopping(self.stop), observing(self.settings, named, place, quiet=quiet, verbose=verbose) as emit:
            self.relay.to, self.relay.is_told = emit, True
            yield Passes(
                ledger=self.ledger,
                campaign=self.campaign,
                remote=self.remote,
                plan=self.plan,
                pace=self.pace,
                stop=self.stop,
                emit=emit,
            )

    @contextmanager
    def showing(self, facts: Mapping[str, str | int | None]) -> Iterator[None]:
        """Shows what would be done: to a person who is asked at once, else where it is not confirmed."""
        about = {"campaign": self.campaign.name, "target": self.campaign.target.base_url, **facts}
        if self.may_ask:
            note(table(about))
        try:
            yield
        except NotConfirmed as refused:
            if self.settings.as_json:
                shown = {name.replace(" ", "_"): value for name, value in about.items()}
                say_json({**shown, "exit_code": int(refused.exit_code), "done": False})
            elif not self.may_ask:
                say(table(about))
            raise

    async def end(self, summary: RunSummary, facts: Mapping[str, str | int | None]) -> Ending:
        """Writes the results; what is returned says how it ended."""
        return await asyncio.to_thread(
            end_pass,
            summary,
            self.campaign,
            self.path,
            self.results,
            as_json=self.settings.as_json,
            command=self.command,
            facts=facts,
        )


@asynccontextmanager
async def sitting(command: str, name: str, settings: Settings, *, quiet: bool, verbose: bool) -> AsyncIterator[Sitting]:
    """
    The campaign of that name at its remote, with the ledger open for writing.

    Raises:
        ManifestError: the campaign belongs to another account or environment.
    """
    path, relay, target = ledger_path(settings), _Relay(), target_of(settings)
    async with open_ledger_of(settings, name, relay) as (ledger, campaign):
        require_same_target(campaign, target)
        results = results_path(path, campaign.name, settings.results)
        plan = plan_of(settings)
        async with open_remote(settings, path) as remote:
            yield Sitting(
                command=command,
                settings=settings,
                path=path,
                results=results,
                ledger=ledger,
                campaign=campaign,
                remote=remote,
                plan=plan,
                pace=Pace(plan.rate_per_s),
                relay=relay,
                quiet=quiet,
                verbose=verbose,
            )
