"""A run in a box: a campaign in a temporary ledger, a scripted remote, a clock driven by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from batcher.core.events import Event
from batcher.core.row import ManifestRow
from batcher.dispatch.plan import RunPlan
from batcher.dispatch.run import RunSummary, run_campaign
from batcher.dispatch.stop import Stop
from batcher.ledger.records import Campaign, Target
from batcher.ledger.sqlite import SqliteLedger
from tests.ledger import builders
from tests.scripted import HandClock, ScriptedRemote

TARGET = Target(base_url="http://127.0.0.1:1/molpro", username="user")


def manifest_row(number: int, **changes: Any) -> ManifestRow:
    """A valid row; parameters as the manifest would give them."""
    parameters = {"documentClass": "Letter 8.5 x 11", "documentId": str(1000 + number), "addressId": "500"}
    return builders.manifest_row(number, **{"parameters": parameters, "kept": {}} | changes)


@dataclass
class Box:
    """What one test plays with."""

    ledger: SqliteLedger
    clock: HandClock
    remote: ScriptedRemote
    events: list[Event] = field(default_factory=list)
    plan: RunPlan = field(default_factory=lambda: RunPlan(concurrency=4))
    campaign: Campaign | None = None
    stop: Stop = field(default_factory=Stop)

    async def load(self, rows: Sequence[ManifestRow] | int, name: str = "c") -> Campaign:
        staged = [manifest_row(n) for n in range(1, rows + 1)] if isinstance(rows, int) else list(rows)

        def work(staging: Any) -> Campaign:
            staging.add(staged)
            return staging.create(
                name=name,
                token=(name * 10)[:10],
                target=TARGET,
                manifest="m.csv",
                columns=(),
                kept_columns=(),
                reading={},
                own_signatures=False,
                now="2026-01-01T00:00:00.000Z",
            )

        self.campaign = await self.ledger.load(work)
        return self.campaign

    async def states(self) -> dict[int, tuple[str, int | None]]:
        """Every row's state and job id, as the ledger has them."""
        campaign = self.campaign
        assert campaign is not None

        def read(db: Any) -> dict[int, tuple[str, int | None]]:
            rows = db.execute(
                "SELECT number, state, job_id FROM row WHERE campaign_id = ? ORDER BY number", (campaign.campaign_id,)
            )
            return {number: (state, job_id) for number, state, job_id in rows}

        return await self.ledger._writer.submit(read)

    async def change(self, sql: str) -> None:
        """Something that happens to the ledger behind the run's back."""
        await self.ledger._writer.submit(lambda db: db.execute(sql).rowcount)

    async def attempts(self, number: int) -> list[dict[str, Any]]:
        """A row's attempts, as the ledger has them."""

        def read(db: Any) -> list[dict[str, Any]]:
            cursor = db.execute("SELECT * FROM attempt WHERE row_number = ? ORDER BY number", (number,))
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

        return await self.ledger._writer.submit(read)

    def signature(self, number: int) -> str:
        assert self.campaign is not None
        return f"{self.campaign.token}-{number}"

    async def run(self, **changes: Any) -> RunSummary:
        assert self.campaign is not None
        self.stop = Stop()
        return await self.start(**changes)

    async def start(self, **changes: Any) -> RunSummary:
        """``run`` with the stop that is there."""
        assert self.campaign is not None
        return await run_campaign(
            ledger=self.ledger,
            remote=self.remote,
            clock=self.clock,
            emit=self.events.append,
            campaign=self.campaign,
            plan=replace(self.plan, **changes),
            stop=self.stop,
        )

    def named(self, name: str) -> list[Event]:
        return [event for event in self.events if event.name == name]


@pytest.fixture
async def box() -> AsyncIterator[Box]:
    ledger = await SqliteLedger.open(None)
    clock = HandClock()
    submit = ledger._writer.submit
    ledger._writer.submit = lambda work: clock.track(submit(work))  # type: ignore[method-assign]
    yield Box(ledger=ledger, clock=clock, remote=ScriptedRemote(clock))
    await ledger.close()
