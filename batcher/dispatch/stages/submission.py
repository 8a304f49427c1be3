"""Stage ``submit``: a draft is ordered, and paid for. In doubt, the job's own status tells."""

from __future__ import annotations

from collections.abc import Mapping

from batcher.core.classify import Verdict
from batcher.core.events import Event, JobSubmitted
from batcher.core.outcome import Answer
from batcher.core.row import Doubt, Row
from batcher.core.sending import Deadline, Sending
from batcher.core.states import Stage
from batcher.core.status import settle_by_status
from batcher.dispatch.ports import Remote
from batcher.ledger.records import Outcome

from .work import Conversation, Knowledge, job_of, verdict_about


class Submission:
    """See ``work.StageWork``. ``payment`` is ``billingType`` and what belongs to it; it is neither kept nor shown."""

    stage = Stage.SUBMIT

    def __init__(self, payment: Mapping[str, str]) -> None:
        self._payment = payment

    async def send(self, remote: Remote, row: Row, send_by: Deadline, sending: Sending) -> Answer:
        (job_id,) = row.jobs
        return await remote.submit(job_id, self._payment, send_by, sending)

    def verdict(self, row: Row, answer: Answer) -> Verdict:
        return verdict_about(row.jobs[0], answer, self.stage)

    def settle(self, doubt: Doubt, known: Knowledge) -> Conversation:
        return settle_by_status(self.stage, doubt, known.patience, known.proof_now, known.now, known.silence_after)

    def done(self, row: Row, outcome: Outcome) -> Event:
        return JobSubmitted(job_id=row.jobs[0], cost_micros=outcome.cost_micros, **job_of(row, outcome))
