"""The records of what happens in a run."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass

import pytest

from batcher.core import events
from batcher.core.events import Event

EVENTS = [
    kind for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, Event) and kind != Event
]
LEVELS = {"debug", "info", "warning", "error", "row"}
SECRETS = {"parameters", "password", "username", "address", "body", "authorization"}


def test_a_name_is_a_noun_and_what_was_done_to_it() -> None:
    names = [kind.name for kind in EVENTS]

    assert [
        name for name in names if not re.fullmatch(r"[a-z]+(_id)?\.([a-z]+(ed|en|ld|st)|in_doubt|read)", name)
    ] == []


def test_no_two_events_share_a_name() -> None:
    names = [kind.name for kind in EVENTS]

    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("kind", EVENTS, ids=[kind.name for kind in EVENTS])
def test_an_event_is_a_frozen_record_with_a_known_level(kind: type[Event]) -> None:
    frozen = is_dataclass(kind) and kind.__dataclass_params__.frozen  # type: ignore[attr-defined]

    assert (frozen, kind.level in LEVELS) == (True, True)


def test_no_event_carries_what_no_output_may_show() -> None:
    carried = {field.name for kind in EVENTS for field in fields(kind)}

    assert set() == carried & SECRETS
