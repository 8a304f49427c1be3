"""How long to wait before an empty look-up means that there is no job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .row import Doubt

_OLD_JOB_PATIENCE_S: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """``settle_s``: how long after silence the remote may still be at work (``--settle``)."""

    settle_s: float = 300.0

    def margin_s(self, lag_s: float | None) -> float:
        """How long after its reply a job may still be missing from listings."""
        return self.settle_s if lag_s is None else 2 * lag_s + 1.0

    def proof_s(self, *, is_new: bool, lag_s: float | None = None) -> float:
        """
        How long to look for a job that exists.

        ``is_new``: it was made by this run; one of an earlier run, which may have ended just now, needs less.
        """
        return self.settle_s if is_new else min(self.settle_s, max(_OLD_JOB_PATIENCE_S, self.margin_s(lag_s)))

    def absent_counts_from(self, doubt: Doubt, lag_s: float | None) -> float:
        """The moment after which an empty look-up means that there is no job; ``settle`` adds the remote's silence."""
        margin_s = self.margin_s(lag_s)
        return doubt.open_until + margin_s + (0.0 if doubt.replied else self.settle_s)
