"""What a stage has to know; everything else is the same in all of them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Protocol

from batcher.core.classify import Verdict, classify
from batcher.core.events import Event
from batcher.core.look import Look, LookAt, Pause, Seen
from batcher.core.outcome import Answer, Reply
from batcher.core.patience import Patience
from batcher.core.proof import Proof
from batcher.core.reconcile import AwaitProof, Settled
from batcher.core.row import Doubt, Row
from batcher.core.sending import Deadline, Sending
from batcher.core.states import Stage
from batcher.dispatch.ports import Remote
from batcher.ledger.records import Outcome

Conversation = Generator[Look | LookAt | Pause | AwaitProof, Seen | None, Settled]


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What a run can tell whoever settles a doubt: times in boot-time seconds, see ``core.reconcile.settle``."""

    patience: Patience
    proof_now: Callable[[], Proof]
    now: Callable[[], float]
    silence_after: Callable[[float], float]


class StageWork(Protocol):
    """One stage's part in a run."""

    @property
    def stage(self) -> Stage: ...

    async def send(self, remote: Remote, row: Row, send_by: Deadline, sending: Sending) -> Answer:
        """Makes the attempt; what the remote does is returned, see ``ports.Remote``."""

    def verdict(self, row: Row, answer: Answer) -> Verdict:
        """What the answer means for the row."""

    def settle(self, doubt: Doubt, known: Knowledge) -> Conversation:
        """The conversation that finds out what became of a doubtful attempt."""

    def done(self, row: Row, outcome: Outcome) -> Event:
        """What to say of a row that is done."""


def verdict_about(job_id: int, answer: Answer, stage: Stage) -> Verdict:
    """What the answer means for what was asked of that job; a success about another job is none."""
    verdict = classify(answer, stage)
    is_another = isinstance(answer, Reply) and answer.job_id != job_id
    return Verdict.NO_VERDICT if verdict is Verdict.DONE and is_another else verdict


def job_of(row: Row, outcome: Outcome) -> dict[str, Any]:
    """What every event about a finished job says."""
    return {"key": row.key, "attempts": row.attempts, "via": str(outcome.via)}
