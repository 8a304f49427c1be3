"""A row on its way to a worker, and what its attempt came to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from batcher.core.row import Doubt, Row
from batcher.core.sending import Deadline
from batcher.core.states import State

from .gate import Permit


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempted:
    """
    Where an attempt left its row, why, in words for people, and the doubt that it left.

    ``reached``: the remote may have seen the row; what reached nobody is the run's trouble, not the row's.
    """

    state: State
    reason: str
    doubt: Doubt | None = None
    reached: bool = True


@dataclass(slots=True)
class Errand:
    """A row to send now; its intent is committed. ``answer`` is there when somebody waits to hear how it went."""

    row: Row
    send_by: Deadline
    permit: Permit
    answer: asyncio.Future[Attempted] | None
