"""
A feed at work over a ledger, wired as a run wires it, and the workers that a test plays itself.

The one place that knows how a feed is made; tests use its public doors.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from batcher.core.pace import Pace
from batcher.core.proof import Proof, Trust
from batcher.core.row import Row
from batcher.core.states import State
from batcher.dispatch.context import RunContext
from batcher.dispatch.errand import Attempted, Errand
from batcher.dispatch.plan import RunPlan
from batcher.dispatch.pool import Pool
from batcher.dispatch.stages.creation import Creation
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import Campaign, Recorded
from tests.ledger.builders import outcome, start_run
from tests.scripted import HandClock, ScriptedRemote


class _Watched:
    """A ledger that lets no time pass while it is at work."""

    def __init__(self, ledger: Ledger, clock: HandClock) -> None:
        self._ledger = ledger
        self._clock = clock

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        method = getattr(self._ledger, name)

        def work(*arguments: Any, **named: Any) -> Awaitable[Any]:
            return self._clock.track(asyncio.ensure_future(method(*arguments, **named)))

        return work


class Feeding:
    """One run's feed, started by hand; ``handed_out`` are the rows that workers were given, in order."""

    def __init__(self, ledger: Ledger, campaign: Campaign, run_id: int, plan: RunPlan) -> None:
        self.ledger = ledger
        self.campaign = campaign
        self.clock = HandClock()
        self.context = RunContext(
            ledger=_Watched(ledger, self.clock),  # type: ignore[arg-type]
            remote=ScriptedRemote(self.clock),
            clock=self.clock,
            emit=lambda event: None,
            campaign=campaign,
            work=Creation(),
            plan=plan,
            run_id=run_id,
            rows=0,
            pace=Pace(plan.rate_per_s),
        )
        self._pool = Pool(self.context)
        self.feed = self._pool._feed
        self.handed_out: list[int] = []
        self._running: asyncio.Task[None] | None = None

    def prove(self) -> None:
        """The look-up is proven from now on."""
        self._pool._prover.proof = Proof(trust=Trust.PROVEN, lag_s=0.0)
        self.feed.news()

    def start(self) -> asyncio.Task[None]:
        self._running = asyncio.create_task(self.feed.run())
        return self._running

    async def take(self) -> Errand | None:
        """What the next free worker is given; None at the end."""
        errand = await self.feed.outbox.next()
        if errand is not None:
            self.handed_out.append(errand.row.number)
        return errand

    async def take_one(self) -> Errand:
        errand = await self.take()
        assert errand is not None
        return errand

    async def work(self, ends_in: Callable[[Row], State] = lambda row: State.DONE) -> None:
        """A worker: takes rows and writes down how each ended, until there are no more."""
        while (errand := await self.take()) is not None:
            await self.end(errand, ends_in(errand.row))

    async def end(self, errand: Errand, state: State) -> None:
        """An attempt is over; nobody goes on with its row unless somebody waits to hear of it."""
        await self.record(errand, state)
        if errand.answer is None:
            self.feed.at_rest()
        else:
            errand.answer.set_result(Attempted(state=state, reason=""))

    async def record(self, errand: Errand, state: State) -> None:
        """Writes down how an attempt ended; its worker is free again."""
        row = errand.row
        made = outcome(self.campaign, row.number, state, attempt=row.attempts, old=row.state)
        assert await self.context.ledger.record_outcome(made) is Recorded.MOVED
        row.state = state
        self.feed.outbox.done(errand, sent=True)

    async def all_out(self, workers: int) -> list[int]:
        """Runs the feed with so many workers to its end; the rows that were handed out, in order."""
        running = self.start()
        await asyncio.gather(*[self.work() for _ in range(workers)])
        await running
        return self.handed_out

    async def quiet(self) -> None:
        """Returns when the feed has done all that it does without being asked again."""
        rounds = 0
        while rounds < 60:
            await asyncio.sleep(0.0005 if self.clock.busy else 0)
            rounds = 0 if self.clock.busy else rounds + 1

    async def counts(self) -> dict[str, int]:
        """Rows by shown state, where there are any."""
        _, counts = await self.ledger.counts(self.campaign)
        return {state: count for state, count in counts.items() if count}

    async def close(self) -> list[int]:
        """Ends the feed as a run does, with what nobody took given back; those rows."""
        self.feed.close()
        if self._running is not None:
            await self._running
        unsent = self.feed.outbox.take_back()
        for errand in unsent:
            self._pool._attempts.return_unsent(errand)
        self._pool._recorder.close()
        await self._pool._recorder.run()
        return [errand.row.number for errand in unsent]


async def feeding(ledger: Ledger, campaign: Campaign, **plan: Any) -> Feeding:
    """A feed for a new run over the campaign; as many rows may be in flight as a test has workers."""
    orders = RunPlan(**{"concurrency": 64, "adaptive": False, **plan})
    return Feeding(ledger, campaign, await start_run(ledger, campaign), orders)
