"""Stage ``create``: a row becomes a job, and is looked up by its signature where that is in doubt."""

from __future__ import annotations

from batcher.core.classify import Verdict, classify
from batcher.core.events import Event, JobCreated
from batcher.core.outcome import Answer
from batcher.core.reconcile import settle
from batcher.core.row import Doubt, Row
from batcher.core.sending import Deadline, Sending
from batcher.core.states import Stage
from batcher.dispatch.ports import Remote
from batcher.ledger.records import Outcome

from .work import Conversation, Knowledge, job_of


class Creation:
    """See ``work.StageWork``."""

    stage = Stage.CREATE

    async def send(self, remote: Remote, row: Row, send_by: Deadline, sending: Sending) -> Answer:
        return await remote.create(row.parameters, row.signature, send_by, sending)

    def verdict(self, row: Row, answer: Answer) -> Verdict:
        return classify(answer, self.stage)

    def settle(self, doubt: Doubt, known: Knowledge) -> Conversation:
        return settle(doubt, known.patience, known.proof_now, known.now, known.silence_after)

    def done(self, row: Row, outcome: Outcome) -> Event:
        assert outcome.job_id is not None
        return JobCreated(job_id=outcome.job_id, **job_of(row, outcome))
