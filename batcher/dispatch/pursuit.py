"""
Sees a row that met trouble to its end: waits, settles its doubt, sends it again.

tenacity decides whether there is another try and sleeps before it. A row's first attempt pays nothing for that: the
worker makes it bare, and only what is not at rest afterwards is pursued, in a task of its own that holds no worker.
"""

from __future__ import annotations

from tenacity import AsyncRetrying, RetryCallState, retry_if_result, wait_random_exponential

from batcher.core.events import RetryScheduled
from batcher.core.row import Row
from batcher.core.states import State

from .context import RunContext
from .doubts import Doubts
from .errand import Attempted
from .feed import Feed


class Pursuit:
    """Makes the later attempts of rows."""

    def __init__(self, context: RunContext, feed: Feed, doubts: Doubts) -> None:
        self._context = context
        self._feed = feed
        self._doubts = doubts
        retry = context.plan.retry
        self._retrying = AsyncRetrying(
            sleep=context.clock.sleep,
            wait=wait_random_exponential(multiplier=retry.backoff_s, max=retry.max_backoff_s),
            retry=retry_if_result(self.is_not_at_rest),
        )

    def is_not_at_rest(self, attempted: Attempted) -> bool:
        """Whether this run has more to do for the row."""
        return attempted.state is State.IN_DOUBT or (attempted.state is State.PENDING and self._context.plan.send)

    async def follow(self, row: Row, left: Attempted) -> None:
        """Goes on until the row is at rest. ``left`` is how its last attempt left it."""
        latest: list[Attempted] = []

        async def next_try() -> Attempted:
            # tenacity's first call only hears of the attempt that the worker has made already.
            latest.append(await self._try_again(row, latest[-1]) if latest else left)
            return latest[-1]

        def tell(state: RetryCallState) -> None:
            if latest[-1].state is State.PENDING and latest[-1].reached and state.next_action is not None:
                wait_s = round(state.next_action.sleep, 3)
                reason = latest[-1].reason
                self._context.emit(RetryScheduled(key=row.key, attempt=row.attempts, reason=reason, wait_s=wait_s))

        await self._retrying.copy(before_sleep=tell)(next_try)

    async def _try_again(self, row: Row, left: Attempted) -> Attempted:
        if left.doubt is not None:
            state = await self._doubts.settle(left.doubt)
            if state is not State.PENDING or not self._context.plan.send:
                return Attempted(state=state, reason="settled by look-up")
        return await self._feed.send_again(row)
