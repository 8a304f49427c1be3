"""Questions to a ledger that many of its tests ask, and states by what they mean for a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from batcher.core.row import ManifestRow
from batcher.core.states import State
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import (
    Campaign,
    Comparison,
    HeldJob,
    Target,
)
from batcher.ledger.staging import Staging
from tests.ledger.builders import (
    manifest,
    manifest_row,
)

ELSEWHERE = Target(base_url="https://stage.example/molpro", username="user")
MADE_NOTHING = (State.PENDING, State.REJECTED, State.FAILED)
MAY_BE_JOBS = (State.SENDING, State.DONE, State.IN_DOUBT, State.HELD)
MAY_BE_JOBS_SHOWN = [(state, "created" if state is State.DONE else state.value) for state in MAY_BE_JOBS]


async def staged(ledger: Ledger, rows: Sequence[ManifestRow], ask: Callable[[Staging], Any]) -> Any:
    """Puts rows into the staging area, and asks something of it."""

    def work(staging: Staging) -> Any:
        staging.add(rows)
        return ask(staging)

    return await ledger.load(work)


async def compare(ledger: Ledger, campaign: Campaign, rows: Sequence[ManifestRow]) -> Comparison:
    compared: Comparison = await staged(ledger, rows, lambda staging: staging.compare(campaign))
    return compared


async def amend(ledger: Ledger, campaign: Campaign, rows: Sequence[ManifestRow]) -> None:
    await staged(ledger, rows, lambda staging: staging.amend(campaign))


async def state_of(ledger: Ledger, campaign: Campaign, number: int) -> State:
    row = await ledger.find_row(campaign, number=number, key=None)
    assert row is not None
    return row.state


async def withdraw(ledger: Ledger, campaign: Campaign, rows: int, *gone: int) -> None:
    await amend(ledger, campaign, [row for row in manifest(rows) if row.number not in gone])


async def correct(ledger: Ledger, campaign: Campaign, *rows: ManifestRow) -> tuple[int, list[HeldJob]]:
    corrected: tuple[int, list[HeldJob]] = await staged(ledger, rows, lambda staging: staging.correct(campaign))
    return corrected


def correction(number: int, batcher_key: str | None) -> ManifestRow:
    """A row of a failed file: whatever its own key, it corrects the row named by the other."""
    return manifest_row(number, key=f"h{number}", parameters={"documentId": "77"}, kept={}, batcher_key=batcher_key)
