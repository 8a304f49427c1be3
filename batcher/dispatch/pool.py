"""
The workers of one run, and the tasks beside them: the feed, pursuits of troubled rows, the proof of the look-up.

A worker takes a row whose intent is committed, sends it, and passes on what is not at rest. When the run ends, for
whatever reason, everything is brought to rest in order.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable

from batcher.click2mail.signature import signature, unused_signature
from batcher.core.events import DrainStarted
from batcher.core.row import Doubt, Row
from batcher.core.states import Stage, State
from batcher.core.tally import StopReason
from batcher.ledger.records import OpenDoubt

from .attempt import Attempts
from .context import RunContext
from .doubts import Doubts
from .errand import Attempted, Errand
from .feed import Feed
from .gate import Gate
from .looks import Looks
from .lookup_prover import LookUpProver
from .prover import Prover
from .pursuit import Pursuit
from .recorder import Recorder
from .second_look import SecondLook
from .status_prover import StatusProver


class Pool:
    """Wires the parts of one run, and brings them to rest in order."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._gate = Gate(context, self._news)
        looks = Looks(context, self._gate.pacing)
        self._is_creation = context.work.stage is Stage.CREATE
        self._prover = _prover_of(context, looks, self._news)
        self._recorder = Recorder(context, self._prover, self._pass_on)
        self._attempts = Attempts(context, self._gate, self._prover, self._recorder)
        self._feed = Feed(context, self._gate, self._prover, self._recorder, self._take_stock)
        self._doubts = Doubts(context, looks, self._prover, self._news)
        self._pursuit = Pursuit(context, self._feed, self._doubts)
        self._second_look = SecondLook(context, looks, self._prover)
        self._pursuits: set[asyncio.Task[None]] = set()

    async def run(self, doubts: list[OpenDoubt]) -> None:
        """
        Works until every row is at rest or somebody asks to stop; ``doubts`` are those of earlier runs.

        When cancelled, what is in flight is given up and recorded before the cancellation goes on.
        """
        work = asyncio.create_task(self._work_to_the_end(doubts))
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            self._leave()
            self._context.stop.hurry()
            await work
            raise

    async def _work_to_the_end(self, doubts: list[OpenDoubt]) -> None:
        await self._prover.begin()
        for doubt in doubts:
            self._resume(doubt)
        recorder = self._start(self._recorder.run)
        workers = [
            self._start(self._work) for _ in range(self._context.plan.concurrency if self._context.plan.send else 0)
        ]
        feed = self._start(self._feed.run)
        timer = self._start(self._stop_in_time)
        asked = asyncio.create_task(self._context.stop.wait())
        await asyncio.wait({feed, asked}, return_when=asyncio.FIRST_COMPLETED)
        if self._is_creation and not self._context.stop.requested:
            second_look = self._start(self._second_look.make)
            await asyncio.wait({second_look, asked}, return_when=asyncio.FIRST_COMPLETED)
            second_look.cancel()
            await asyncio.gather(second_look, return_exceptions=True)
        asked.cancel()
        timer.cancel()
        await self._drain(feed, workers, recorder)

    def _resume(self, stored: OpenDoubt) -> None:
        campaign = self._context.campaign
        row = Row(
            number=stored.number,
            key=stored.key,
            signature=signature(campaign.token, stored.number, stored.generation),
            parameters=stored.parameters,
            state=stored.state,
            tries=stored.tries,
            attempts=stored.attempts,
            sent=stored.attempts,
            jobs=stored.jobs,
        )
        doubt = Doubt(row=row, attempt=stored.attempts, open_until=stored.open_until, replied=stored.replied)
        self._feed.adopt(row)
        self._pursue(row, Attempted(state=State.IN_DOUBT, reason="left by an earlier run", doubt=doubt))

    async def _work(self) -> None:
        while (errand := await self._feed.outbox.next()) is not None:
            sent = False
            try:
                sent = await self._attempts.make(errand)
            finally:
                self._feed.outbox.done(errand, sent=sent)

    def _pass_on(self, errand: Errand, attempted: Attempted) -> None:
        """To whoever waits for this attempt, else to a pursuit of its own, else to rest."""
        if errand.answer is not None:
            if not errand.answer.done():
                errand.answer.set_result(attempted)
        elif self._pursuit.is_not_at_rest(attempted) and not self._feed.outbox.closed:
            self._pursue(errand.row, attempted)
        else:
            self._feed.at_rest()

    def _pursue(self, row: Row, left: Attempted) -> None:
        self._feed.troubled_rows += 1
        task = self._start(lambda: self._pursuit.follow(row, left))
        self._pursuits.add(task)
        task.add_done_callback(self._end_pursuit)

    def _end_pursuit(self, task: asyncio.Task[None]) -> None:
        self._pursuits.discard(task)
        self._feed.troubled_rows -= 1
        self._feed.at_rest()

    def _take_stock(self) -> None:
        """Whether the run is over, and whether there is still hope of proving the look-up."""
        feed, doubts = self._feed, self._doubts
        only_waits = feed.open_rows == doubts.pausing + doubts.waiting and not self._prover.is_busy
        may_leave = not feed.open_rows or (only_waits and not self._context.plan.wait)
        if feed.exhausted and may_leave:
            self._leave()
        elif doubts.waiting and doubts.waiting == feed.moving_rows and not self._prover.is_busy:
            doubts.give_up_hope()

    def _news(self) -> None:
        self._feed.news()

    def _leave(self) -> None:
        """Begins nothing more. A doubt that waits is left as it is, at once: it must not become work just now."""
        self._feed.close()
        for pursuit in self._pursuits:
            pursuit.cancel()

    async def _stop_in_time(self) -> None:
        if self._context.plan.max_duration_s is not None:
            await self._context.clock.sleep(self._context.plan.max_duration_s)
            self._context.stop.request(StopReason.MAX_DURATION)

    async def _drain(
        self, feed: asyncio.Task[None], workers: list[asyncio.Task[None]], recorder: asyncio.Task[None]
    ) -> None:
        """Lets what is in flight finish up to the drain limit; the rest is recorded as in doubt."""
        context = self._context
        pursuits = list(self._pursuits)
        self._leave()
        if context.stop.reason is not None:
            context.emit(DrainStarted(reason=context.stop.reason, in_flight=self._feed.outbox.in_flight))
        await feed
        await self._gate.end()
        if context.stop.error is None:
            for errand in self._feed.outbox.take_back():
                self._attempts.return_unsent(errand)
        if workers:
            limit = asyncio.create_task(self._drain_limit())
            at_rest = asyncio.create_task(_all_done(workers))
            await asyncio.wait({limit, at_rest}, return_when=asyncio.FIRST_COMPLETED)
            limit.cancel()
            at_rest.cancel()
            await asyncio.gather(limit, at_rest, return_exceptions=True)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, *pursuits, return_exceptions=True)
        self._recorder.close()
        await recorder
        await self._prover.end()

    async def _drain_limit(self) -> None:
        """Ends when what is in flight has had its time, or at once when somebody asks a second time."""
        async with asyncio.TaskGroup() as group:
            limit = group.create_task(self._context.clock.sleep(self._context.plan.drain_timeout_s))
            hurry = group.create_task(self._context.stop.hurried.wait())
            await asyncio.wait({limit, hurry}, return_when=asyncio.FIRST_COMPLETED)
            limit.cancel()
            hurry.cancel()

    def _start(self, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """A task whose failure ends the run instead of being lost."""

        async def watched() -> None:
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - the outermost frame: the run stops, and raises it at its end
                self._context.stop.fail(error)

        return asyncio.create_task(watched())


def _prover_of(context: RunContext, looks: Looks, on_news: Callable[[], None]) -> Prover:
    if context.work.stage is Stage.CREATE:
        unused = unused_signature(context.campaign.token, secrets.token_hex(4))
        return LookUpProver(context, looks, unused, on_news)
    return StatusProver(context, looks, on_news)


async def _all_done(tasks: list[asyncio.Task[None]]) -> None:
    await asyncio.wait(tasks)
