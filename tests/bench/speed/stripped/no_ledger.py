"""A ledger that keeps nothing: rows are handed out, and what became of them is counted and forgotten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from batcher.core.states import Stage, State
from batcher.ledger.records import Books, Campaign, Duplicates, Intents, Outcome, Recorded, StoredRow


class NoLedger:
    """As much of ``batcher.ledger.protocol.Ledger`` as a run without trouble asks for; ``rows`` by their numbers."""

    def __init__(self, rows: Sequence[StoredRow]) -> None:
        self._rows = rows
        self._states = Counter[State]({State.PENDING: len(rows)})

    async def start_run(self, campaign: Campaign, **about: Any) -> int:
        return 1

    async def finish_run(self, run_id: int, **about: Any) -> None:
        pass

    async def recover(self, campaign: Campaign, run_id: int, **about: Any) -> int:
        return 0

    async def release(self, campaign: Campaign, stage: Stage, states: Sequence[State], **about: Any) -> int:
        return 0

    async def claim(self, campaign: Campaign, stage: Stage, *, after: int, limit: int) -> Sequence[StoredRow]:
        return self._rows[after : after + limit]

    async def record_intents(self, intents: Intents) -> frozenset[int]:
        return frozenset(intents.attempts)

    async def record_outcomes(self, group: Sequence[Outcome]) -> list[Recorded]:
        for outcome in group:
            self._states[State.PENDING] -= 1
            self._states[outcome.new] += 1
        return [Recorded.MOVED] * len(group)

    async def books(self, campaign: Campaign, stage: Stage) -> Books:
        shown = {"created": self._states[State.DONE], "pending": self._states[State.PENDING]}
        counts = {state: count for state, count in shown.items() if count}
        return Books(rows=len(self._rows), counts=counts, judged=dict(+self._states))

    async def doubts(self, campaign: Campaign, stage: Stage, states: Sequence[State]) -> list[Any]:
        return []

    async def sent_again(self, campaign: Campaign) -> list[Any]:
        return []

    async def known_row(self, campaign: Campaign) -> None:
        return None

    async def lag_s(self, target: Any) -> None:
        return None

    async def note_lag(self, campaign: Campaign, lag_s: float) -> None:
        pass

    async def duplicates(self, campaign: Campaign) -> Duplicates:
        return Duplicates()
