"""What the parts of one run share."""

from __future__ import annotations

from dataclasses import dataclass, field

from batcher.core.events import Observer
from batcher.core.pace import Pace
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import Campaign

from .plan import RunPlan
from .ports import Clock, Remote
from .stages.work import StageWork
from .stop import Stop


@dataclass(slots=True, kw_only=True)
class RunContext:
    """
    One run: its campaign, its orders, and the few facts that every part needs.

    ``succeeded`` turns true with the run's first job or proof: until then a 404 or a redirect means a wrong address.
    ``limited``: ``--limit`` left rows untouched. ``pace`` is the account's: what was asked before the run counts too.
    """

    ledger: Ledger
    remote: Remote
    clock: Clock
    emit: Observer
    campaign: Campaign
    work: StageWork
    plan: RunPlan
    run_id: int
    rows: int
    pace: Pace
    stop: Stop = field(default_factory=Stop)
    limited: bool = False
    succeeded: bool = False
    failures: int = 0
