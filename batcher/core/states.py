"""
The state machine that every stage of a row goes through.

The states are data: ``MOVES`` says which moves exist, and nothing else may assign a state. A move is written only if
the old state still holds; ``batcher/ARCHITECTURE.md`` has the picture.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Stage(StrEnum):
    """What is being done to a row's job."""

    CREATE = "create"
    SUBMIT = "submit"
    DELETE = "delete"


class State(StrEnum):
    """Where a row stands within its stage."""

    PENDING = "pending"
    SENDING = "sending"
    DONE = "done"
    REJECTED = "rejected"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"
    HELD = "held"
    WITHDRAWN = "withdrawn"


MOVES: Final[frozenset[tuple[State, State]]] = frozenset(
    {
        (State.PENDING, State.SENDING),  # an intent is committed
        (State.SENDING, State.DONE),
        (State.SENDING, State.REJECTED),
        (State.SENDING, State.FAILED),
        (State.SENDING, State.IN_DOUBT),
        (State.SENDING, State.PENDING),  # nothing reached the remote, or it is known to have made nothing
        (State.IN_DOUBT, State.DONE),  # a proven look-up found the job
        (State.IN_DOUBT, State.PENDING),  # a proven look-up says there is none
        (State.IN_DOUBT, State.FAILED),  # the same, and the tries are used up
        (State.IN_DOUBT, State.REJECTED),  # the job can no longer be submitted, or deleted
        (State.IN_DOUBT, State.HELD),  # no look-up can be trusted
        (State.HELD, State.DONE),  # by look-up or by a person
        (State.HELD, State.PENDING),
        (State.HELD, State.REJECTED),
        (State.FAILED, State.PENDING),  # the next run gives fresh tries
        (State.REJECTED, State.PENDING),  # `batcher retry`
        (State.PENDING, State.WITHDRAWN),  # gone from an amended manifest, and known to have made nothing
        (State.REJECTED, State.WITHDRAWN),
        (State.FAILED, State.WITHDRAWN),
        (State.WITHDRAWN, State.PENDING),  # back in an amended manifest
    }
)

STARTS: Final[dict[Stage, frozenset[tuple[Stage, State]]]] = {
    Stage.CREATE: frozenset({(Stage.DELETE, State.DONE)}),
    Stage.SUBMIT: frozenset(
        {(Stage.CREATE, State.DONE), (Stage.DELETE, State.PENDING), (Stage.DELETE, State.FAILED)},
    ),
    Stage.DELETE: frozenset(
        {
            (Stage.CREATE, State.DONE),
            (Stage.SUBMIT, State.PENDING),
            (Stage.SUBMIT, State.REJECTED),
            (Stage.SUBMIT, State.FAILED),
        }
    ),
}
"""
From where a row may begin a stage, as pending in it: its job is a draft, for certain.

A stage begins for many rows in one commit. A row created anew (``batcher retry --deleted``) has another signature.
"""

DOUBTFUL: Final = frozenset({State.SENDING, State.IN_DOUBT, State.HELD})
"""The remote may hold a job that the ledger has no id of."""

_DONE_NAMES: Final = {Stage.CREATE: "created", Stage.SUBMIT: "submitted", Stage.DELETE: "deleted"}

SHOWN_STATES: Final = (
    "pending",
    "sending",
    "created",
    "submitted",
    "rejected",
    "failed",
    "in_doubt",
    "held",
    "deleted",
    "withdrawn",
)
"""Every state that results and summaries may name, in the order in which they are shown."""


def may_move(old: State, new: State) -> bool:
    """Whether the picture has an arrow from ``old`` to ``new``."""
    return (old, new) in MOVES


def sources_of(new: State) -> tuple[State, ...]:
    """The states from which a row may come to ``new``, in declaration order."""
    return tuple(old for old in State if (old, new) in MOVES)


def shown_state(stage: Stage, state: State) -> str:
    """
    The one word that people see: ``done`` is named after its stage.

    A row that waits to be submitted or deleted is what it was before: created.
    """
    if state is State.PENDING and stage is not Stage.CREATE:
        return _DONE_NAMES[Stage.CREATE]
    return _DONE_NAMES[stage] if state is State.DONE else state.value
