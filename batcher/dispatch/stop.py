"""Why and when a run ends early. Asking to stop is all that anybody may do; the run itself sees to the order."""

from __future__ import annotations

import asyncio
from typing import Final

from batcher.core.tally import StopReason

_HARD: Final = frozenset({StopReason.LEDGER})


class Stop:
    """The first reason is the one that counts, except that a broken ledger outranks the others; so does an error."""

    def __init__(self) -> None:
        self.reason: StopReason | None = None
        self.error: BaseException | None = None
        self.detail = ""
        self._requested = asyncio.Event()
        self.hurried = asyncio.Event()

    def request(self, reason: StopReason, *, detail: str = "", error: BaseException | None = None) -> None:
        if self.reason is None or (reason in _HARD and self.error is None):
            self.reason, self.detail, self.error = reason, detail, error
        self._requested.set()

    def fail(self, error: BaseException) -> None:
        """Something broke that the run cannot go on without; the error is raised once the run has come to rest."""
        self.request(StopReason.LEDGER, detail=str(error), error=error)

    def hurry(self) -> None:
        """Asked a second time: what is in flight is given up on at once."""
        self.hurried.set()

    @property
    def requested(self) -> bool:
        return self._requested.is_set()

    async def wait(self) -> None:
        await self._requested.wait()
