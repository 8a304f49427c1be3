"""
Rows that were pruned: what they sent is gone for good, and the same manifest alone can bring it back.

Such a row keeps its key, its digest and its job. It is never pending: whatever makes a row pending asks for its
parameters first.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

from batcher.core.errors import IllegalMove
from batcher.core.states import State

PRUNED: Final = "s.parameters = ''"
"""Whether the row of spec ``s`` was pruned. No row has such parameters otherwise: nothing at all is sent as ``{}``."""

_COUNT: Final = f"""
SELECT count(*) FROM row r JOIN spec s USING (campaign_id, number)
WHERE r.campaign_id = ? AND r.stage = 'create' AND {PRUNED}
"""


def parameters_of(stored: str) -> Mapping[str, str]:
    """A row's parameters from the ledger's text; empty for one that was pruned."""
    return dict(json.loads(stored)) if stored else {}


def parameters_to_send(number: int, stored: str) -> Mapping[str, str]:
    """
    The same for a row that will be sent.

    Raises:
        IllegalMove: it was pruned.
    """
    if not stored:
        raise IllegalMove(f"row {number} is pending although it was pruned; nothing is sent, `batcher ledger verify`")
    return dict(json.loads(stored))


def count_pruned(db: sqlite3.Connection, campaign_id: int, states: Sequence[State]) -> int:
    """How many rows in these states of stage create were pruned."""
    marks = ", ".join(f"'{state}'" for state in states)
    (count,) = db.execute(f"{_COUNT} AND r.state IN ({marks})", (campaign_id,)).fetchone()
    return int(count)
