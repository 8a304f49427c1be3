"""Stage ``delete``: a draft goes, with the jobs that its row should not have. In doubt, their status tells."""

from __future__ import annotations

from batcher.core.classify import Verdict
from batcher.core.events import Event, JobDeleted
from batcher.core.outcome import Answer
from batcher.core.row import Doubt, Row
from batcher.core.sending import Deadline, Sending
from batcher.core.states import Stage
from batcher.core.status import settle_by_status
from batcher.dispatch.ports import Remote
from batcher.ledger.records import Outcome

from .work import Conversation, Knowledge, job_of, verdict_about


class Deletion:
    """
    See ``work.StageWork``.

    An attempt is one POST a job of the row, all within one send window, the row's own job last. The first answer that
    is no success is the attempt's: deleting a job twice does no harm, so the next attempt begins anew.
    """

    stage = Stage.DELETE

    async def send(self, remote: Remote, row: Row, send_by: Deadline, sending: Sending) -> Answer:
        moved_on: Answer | None = None
        *extra, own = reversed(row.jobs)
        for job_id in extra:
            answer = await remote.delete(job_id, send_by, sending)
            verdict = verdict_about(job_id, answer, self.stage)
            if verdict is Verdict.OTHER_STATE:
                moved_on = answer  # probably deleted already: their status will tell, for all of them
            elif verdict is not Verdict.DONE:
                return answer
        answer = await remote.delete(own, send_by, sending)
        is_done = verdict_about(own, answer, self.stage) is Verdict.DONE
        return moved_on if is_done and moved_on is not None else answer

    def verdict(self, row: Row, answer: Answer) -> Verdict:
        return verdict_about(row.jobs[0], answer, self.stage)

    def settle(self, doubt: Doubt, known: Knowledge) -> Conversation:
        return settle_by_status(self.stage, doubt, known.patience, known.proof_now, known.now, known.silence_after)

    def done(self, row: Row, outcome: Outcome) -> Event:
        return JobDeleted(job_id=row.jobs[0], extra=row.jobs[1:], **job_of(row, outcome))
