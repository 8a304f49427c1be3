"""The state machine against its picture."""

from __future__ import annotations

from itertools import product

import pytest

from batcher.core.states import (
    DOUBTFUL,
    MOVES,
    SHOWN_STATES,
    Stage,
    State,
    may_move,
    shown_state,
    sources_of,
)

PICTURE = {
    "pending": "sending withdrawn",
    "sending": "done rejected failed in_doubt pending",
    "done": "",
    "rejected": "pending withdrawn",
    "failed": "pending withdrawn",
    "in_doubt": "done pending failed rejected held",
    "held": "done pending rejected",
    "withdrawn": "pending",
}
"""Every arrow, by the state that it leaves."""


@pytest.mark.parametrize("old", list(State))
def test_the_table_has_every_arrow_of_the_picture_and_no_other(old: State) -> None:
    reached = {new for new in State if may_move(old, new)}

    assert set(PICTURE[old].split()) == reached


def test_the_picture_names_every_state() -> None:
    assert set(PICTURE) == {state.value for state in State}


def test_no_move_stays_where_it_is() -> None:
    assert [(old, new) for old, new in MOVES if old is new] == []


def test_nothing_leaves_done() -> None:
    """A job that exists is never sent again."""
    assert [new for new in State if may_move(State.DONE, new)] == []


def test_only_pending_rows_are_sent() -> None:
    assert sources_of(State.SENDING) == (State.PENDING,)


def test_a_row_that_may_be_a_job_is_never_withdrawn() -> None:
    assert DOUBTFUL.isdisjoint(sources_of(State.WITHDRAWN))


def test_sources_come_in_declaration_order() -> None:
    assert sources_of(State.PENDING) == (
        State.SENDING,
        State.REJECTED,
        State.FAILED,
        State.IN_DOUBT,
        State.HELD,
        State.WITHDRAWN,
    )


@pytest.mark.parametrize(
    ("stage", "state", "word"),
    [
        (Stage.CREATE, State.DONE, "created"),
        (Stage.SUBMIT, State.DONE, "submitted"),
        (Stage.DELETE, State.DONE, "deleted"),
        (Stage.CREATE, State.IN_DOUBT, "in_doubt"),
        (Stage.SUBMIT, State.PENDING, "created"),
    ],
)
def test_done_is_named_after_its_stage_and_nothing_else_is(stage: Stage, state: State, word: str) -> None:
    assert word == shown_state(stage, state)


def test_the_shown_states_are_all_that_can_be_shown() -> None:
    assert set(SHOWN_STATES) == {shown_state(stage, state) for stage, state in product(Stage, State)}
