"""What a run is asked to do: everything the settings say about it, in the dispatch's own units."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from batcher.core.patience import Patience
from batcher.core.retry import RetryPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureLimit:
    """``--max-failures``: a number of rows, or a percentage of the campaign's rows."""

    number: float
    percent: bool = False

    def is_reached(self, failures: int, rows: int) -> bool:
        return failures >= (self.number * rows / 100 if self.percent else self.number) and failures > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """
    One run's orders. Times are seconds.

    ``concurrency`` requests are in flight at most; where it is ``adaptive``, as many as the remote copes with.
    ``send_window_s`` is how long a committed intent is good for. With ``send`` off nothing is posted: doubts are
    settled and that is all (``batcher reconcile``). With ``settle`` off, doubts of earlier runs
    are left as they are. Without ``wait`` a run does not stay for its doubts.
    """

    concurrency: int = 16
    adaptive: bool = True
    rate_per_s: float | None = None
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    patience: Patience = field(default_factory=Patience)
    timeout_s: float = 120.0
    send_window_s: float = 10.0
    max_failures: FailureLimit | None = None
    max_outage_s: float = 900.0
    max_duration_s: float | None = None
    limit: int | None = None
    drain_timeout_s: float = 25.0
    send: bool = True
    settle: bool = True
    wait: bool = True

    def after(self, spent_s: float) -> RunPlan:
        """The same orders when so much of the time is over."""
        if self.max_duration_s is None:
            return self
        return replace(self, max_duration_s=max(0.0, self.max_duration_s - spent_s))
