"""
The harmless question that ends a pause: is anybody there?

It costs no row anything, so nothing is in doubt when it is not answered. One at a time, in a task of its own beside
the feed, which goes on meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from batcher.core.outcome import Answer, Fault, FaultKind

from .context import RunContext

_PATIENCE_S: Final = 30.0
"""Shorter than an attempt may take: a remote that hangs is asked again, so that its return is not missed for long."""


class Probe:
    """Asks when it is told to; ``on_answer`` hears what came back."""

    def __init__(self, context: RunContext, on_answer: Callable[[Answer], None]) -> None:
        self._context = context
        self._on_answer = on_answer
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def end(self) -> None:
        """Asks no longer, and hears nothing more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        try:
            self._on_answer(await self._ask())
        except Exception as error:  # noqa: BLE001 - the task's outermost frame: the run stops, and raises it at its end
            self._context.stop.fail(error)

    async def _ask(self) -> Answer:
        asked = asyncio.create_task(self._context.remote.credit())
        limit = asyncio.create_task(self._context.clock.sleep(_PATIENCE_S))
        try:
            await asyncio.wait({asked, limit}, return_when=asyncio.FIRST_COMPLETED)
            if asked.done():
                return asked.result()
            return Fault(kind=FaultKind.TIMEOUT, detail=f"no answer to GET /credit within {_PATIENCE_S:.0f} s")
        finally:
            asked.cancel()
            limit.cancel()
            await asyncio.gather(asked, limit, return_exceptions=True)
