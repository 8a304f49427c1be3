"""Rows, campaigns, intents and outcomes with defaults, for whatever tests a ledger."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from batcher.core.row import ManifestRow
from batcher.core.states import State
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import Campaign, Intents, Outcome, Recorded, Target
from batcher.ledger.staging import Staging

TARGET = Target(base_url="https://rest.example/molpro", username="user")
NOW = "2026-01-01T00:00:00.000Z"
BOOT = "boot-1"


def manifest_row(number: int, **changes: Any) -> ManifestRow:
    """A valid row, as the manifest gives it."""
    fields: dict[str, Any] = {
        "number": number,
        "line": number + 1,
        "key": f"k{number}",
        "digest": number.to_bytes(16, "big"),
        "parameters": {"documentId": str(1000 + number), "addressId": "500"},
        "kept": {"note": f"n{number}"},
    } | changes
    parameters_json, kept_json = (json.dumps(fields.pop(name), ensure_ascii=False) for name in ("parameters", "kept"))
    return ManifestRow(**fields, parameters_json=parameters_json, kept_json=kept_json)


def manifest(count: int) -> list[ManifestRow]:
    return [manifest_row(number) for number in range(1, count + 1)]


def changed(number: int, **changes: Any) -> ManifestRow:
    """The row of that number with other contents under the same key."""
    other = {"parameters": {"documentId": "9999"}, "digest": bytes([255]) * 16, **changes}
    return manifest_row(number, **other)


def creation(name: str = "c", **changes: Any) -> dict[str, Any]:
    """What ``Staging.create`` wants to know."""
    return {
        "name": name,
        "token": f"token-{name}",
        "target": TARGET,
        "manifest": "m.csv",
        "columns": ("documentId", "addressId", "note"),
        "kept_columns": ("note",),
        "reading": {"field_of": {"documentId": "documentId", "addressId": "addressId"}},
        "own_signatures": False,
        "now": NOW,
    } | changes


async def load(ledger: Ledger, rows: Sequence[ManifestRow] | int, name: str = "c", **changes: Any) -> Campaign:
    """A new campaign of these rows."""
    staged = manifest(rows) if isinstance(rows, int) else rows

    def work(staging: Staging) -> Campaign:
        staging.add(staged)
        return staging.create(**creation(name, **changes))

    return await ledger.load(work)


async def start_run(ledger: Ledger, campaign: Campaign, boot_id: str = BOOT) -> int:
    return await ledger.start_run(campaign, now=NOW, boot_id=boot_id, host="here", pid=4711)


def intents(campaign: Campaign, attempts: dict[int, int], **changes: Any) -> Intents:
    """Intents by row number and attempt number."""
    record = Intents(
        campaign_id=campaign.campaign_id,
        run_id=1,
        attempts=attempts,
        recorded_at=NOW,
        send_deadline=100.0,
        timeout_s=20.0,
    )
    return replace(record, **changes)


def outcome(campaign: Campaign, number: int, new: State, **changes: Any) -> Outcome:
    """What became of the first attempt of a row that is being sent."""
    record = Outcome(
        campaign_id=campaign.campaign_id,
        number=number,
        attempt=1,
        old=State.SENDING,
        new=new,
        tries=1,
        job_id=5000 + number if new is State.DONE else None,
        finished_at=NOW,
    )
    return replace(record, **changes)


async def send(ledger: Ledger, campaign: Campaign, *numbers: int, attempt: int = 1) -> None:
    """Commits the intents of these rows."""
    moved = await ledger.record_intents(intents(campaign, dict.fromkeys(numbers, attempt)))
    assert moved == frozenset(numbers)


async def bring(ledger: Ledger, campaign: Campaign, number: int, state: State, **facts: Any) -> None:
    """Brings a pending row that was never sent into any state, by the moves that lead there; the last has the facts."""
    if state is State.PENDING:
        return
    await send(ledger, campaign, number)
    if state is State.SENDING:
        return
    first = State.IN_DOUBT if state is State.HELD else state
    moves = [outcome(campaign, number, first, **facts)]
    if state is State.HELD:
        moves.append(outcome(campaign, number, State.HELD, old=State.IN_DOUBT))
    for move in moves:
        assert await ledger.record_outcome(move) is Recorded.MOVED
