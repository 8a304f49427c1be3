"""What a ledger may forget: by age, and never of a campaign that has not come to its end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from batcher.core.retention import AT_REST, Fate, Hindrance, Retention, Usage, fate_of
from batcher.core.states import MOVES, State

OLD = "2026-01-01T00:00:00.000Z"
BETWEEN = "2026-02-01T00:00:00.000Z"
NEW = "2026-03-01T00:00:00.000Z"
USAGE = Usage(campaign="c", rows=3, last_used=BETWEEN, open_rows={}, possible_duplicates=0, has_parameters=True)


@pytest.mark.parametrize(
    ("parameters", "campaigns", "fate"),
    [
        (None, None, Fate.KEPT),
        (OLD, None, Fate.KEPT),
        (NEW, None, Fate.STRIPPED),
        (None, OLD, Fate.KEPT),
        (None, NEW, Fate.DROPPED),
        (NEW, OLD, Fate.STRIPPED),
        (OLD, NEW, Fate.DROPPED),
        (NEW, NEW, Fate.DROPPED),
    ],
)
def test_what_goes_is_what_was_last_used_before(parameters: str | None, campaigns: str | None, fate: Fate) -> None:
    assert fate_of(USAGE, Retention(parameters=parameters, campaigns=campaigns)) == (fate, None)


def test_what_was_last_used_at_that_very_moment_stays() -> None:
    assert fate_of(USAGE, Retention(parameters=BETWEEN, campaigns=BETWEEN)) == (Fate.KEPT, None)


@pytest.mark.parametrize("retention", [Retention(parameters=NEW), Retention(campaigns=NEW)])
def test_a_campaign_with_a_row_that_is_not_at_rest_stays_whole_and_is_told_of(retention: Retention) -> None:
    usage = replace(USAGE, open_rows={"held": 1})

    assert fate_of(usage, retention) == (Fate.KEPT, Hindrance.OPEN)


def test_an_open_campaign_that_is_not_old_is_not_told_of() -> None:
    assert fate_of(replace(USAGE, open_rows={"held": 1}), Retention(parameters=OLD)) == (Fate.KEPT, None)


def test_a_campaign_with_possible_duplicates_loses_its_parameters_at_most() -> None:
    usage = replace(USAGE, possible_duplicates=1)

    assert fate_of(usage, Retention(campaigns=NEW)) == (Fate.KEPT, Hindrance.POSSIBLE_DUPLICATES)
    assert fate_of(usage, Retention(parameters=NEW)) == (Fate.STRIPPED, None)
    assert fate_of(usage, Retention(parameters=NEW, campaigns=NEW)) == (Fate.STRIPPED, Hindrance.POSSIBLE_DUPLICATES)


def test_a_campaign_without_parameters_has_nothing_more_to_lose_but_itself() -> None:
    usage = replace(USAGE, has_parameters=False)

    assert fate_of(usage, Retention(parameters=NEW)) == (Fate.KEPT, None)
    assert fate_of(usage, Retention(campaigns=NEW)) == (Fate.DROPPED, None)


def test_no_row_at_rest_is_sent_on_by_a_run() -> None:
    """From these states only `retry` and an amended manifest lead back; all others are open."""
    assert {new for old, new in MOVES if old in AT_REST} == {State.PENDING, State.WITHDRAWN}
    assert set(State) - AT_REST == {State.PENDING, State.SENDING, State.IN_DOUBT, State.HELD, State.FAILED}
