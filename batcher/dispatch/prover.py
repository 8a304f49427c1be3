"""What a run knows of its means to settle doubts, and how far it may believe them."""

from __future__ import annotations

from typing import Protocol

from batcher.core.proof import Proof
from batcher.core.row import Row


class Prover(Protocol):
    """One a run. ``proof`` is what it knows now; ``is_busy`` says that it may know more soon."""

    proof: Proof

    @property
    def is_busy(self) -> bool: ...

    async def begin(self) -> None:
        """Recalls what earlier runs knew; asks nothing of the remote."""

    def doubt_arose(self) -> None:
        """Somebody will want to know."""

    def job_done(self, row: Row, job_id: int, sent_at: float) -> None:
        """The remote has just said yes to a row that was sent at that moment (boot-time seconds)."""

    def break_trust(self, reason: str) -> None:
        """The remote contradicted itself; nothing of the kind is believed any more in this run."""

    async def settled(self) -> None:
        """Returns once it is known whether doubts can be settled."""

    async def ended(self) -> None:
        """Returns once no proof is on its way."""

    async def end(self) -> None:
        """Asks nothing more."""
