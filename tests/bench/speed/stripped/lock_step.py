"""A ledger that commits every intent and every outcome alone, one after another."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from batcher.ledger.records import Intents, Outcome, Recorded
from batcher.ledger.sqlite import SqliteLedger


class LockStep:
    """The ledger itself in all other things."""

    def __init__(self, ledger: SqliteLedger) -> None:
        self._ledger = ledger
        self._turn = asyncio.Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    async def record_intents(self, intents: Intents) -> frozenset[int]:
        recorded: set[int] = set()
        for number, attempt in intents.attempts.items():
            async with self._turn:
                recorded |= await self._ledger.record_intents(replace(intents, attempts={number: attempt}))
        return frozenset(recorded)

    async def record_outcomes(self, group: Sequence[Outcome]) -> list[Recorded]:
        recorded = []
        for outcome in group:
            async with self._turn:
                recorded.append(await self._ledger.record_outcome(outcome))
        return recorded
