"""A remote that holds drafts, submits and deletes them by script, and counts what it charged."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from batcher.core.job import Balance, BalanceAnswer, Cost, CostAnswer, JobAnswer, JobStatus, RemoteState
from batcher.core.outcome import Answer, Fault, FaultKind, Reply
from batcher.core.sending import Deadline, Sending
from batcher.core.states import Stage
from batcher.dispatch.run import RunSummary, run_campaign
from batcher.dispatch.stages.deletion import Deletion
from batcher.dispatch.stages.submission import Submission
from batcher.dispatch.stages.work import StageWork
from batcher.dispatch.stop import Stop
from tests.scripted import HandClock, ScriptedRemote

from .conftest import Box

COST_MICROS = 790_000
PAYMENT = {"billingType": "User Credit"}
NO_CREDIT = Reply(http_status=400, code=9, description="Not sufficient credit balance. Please buy more credit.")


@dataclass(frozen=True, slots=True)
class Act:
    """One scripted POST: whether and when the remote does it, and what it answers; None: what is true."""

    answer: Answer | None = None
    does: bool = True
    before_s: float = 0.0
    after_s: float = 0.0


LOST_AFTER = Act(Fault(kind=FaultKind.TIMEOUT, detail="no answer"))
LOST_BEFORE = Act(Fault(kind=FaultKind.TIMEOUT, detail="no answer"), does=False)
FAILED_AFTER = Act(Reply(http_status=500, code=9, description="contact support"))
FAILED_BEFORE = Act(Reply(http_status=500, code=9, description="contact support"), does=False)
EDGE_PAGE_AFTER = Act(Reply(http_status=524))
THROTTLED = Act(Reply(http_status=429), does=False)


def acts_late(after_s: float) -> Act:
    """No answer, and the remote does it so much later."""
    return Act(Fault(kind=FaultKind.TIMEOUT, detail="no answer"), before_s=after_s)


class DraftRemote(ScriptedRemote):
    """``states`` holds every job; ``charged`` counts submissions by job, ``asked_to`` the POSTs in their order."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__(clock)
        self.states: dict[int, RemoteState] = {}
        self.changed_at: dict[int, float] = {}
        self.status_lag_s = 0.0
        self.charged: Counter[int] = Counter()
        self.credit_micros = 10**12
        self.acts: dict[int, deque[Act]] = defaultdict(deque)
        self.asked_to: list[tuple[str, int]] = []
        self.status_of: Callable[[int], JobAnswer | None] = lambda job_id: None
        self.late: set[asyncio.Task[None]] = set()

    def make_job(self, signature: str) -> int:
        job_id = super().make_job(signature)
        self.states[job_id] = RemoteState.EDITING
        return job_id

    async def submit(self, job_id: int, payment: Mapping[str, str], send_by: Deadline, sending: Sending) -> Answer:
        assert payment == PAYMENT
        return await self._post("submit", job_id, send_by, sending)

    async def delete(self, job_id: int, send_by: Deadline, sending: Sending) -> Answer:
        return await self._post("delete", job_id, send_by, sending)

    async def _post(self, verb: str, job_id: int, send_by: Deadline, sending: Sending) -> Answer:
        if send_by.has_passed(monotonic=self.clock.monotonic(), boot=self.clock.boottime()):
            return Fault(kind=FaultKind.STALE_INTENT, detail="too late")
        assert job_id > 0
        self.asked_to.append((verb, job_id))
        act = self.acts[job_id].popleft() if self.acts[job_id] else Act()
        sending.started = not (isinstance(act.answer, Fault) and act.answer.reached_nothing)
        if act.before_s:
            task = asyncio.create_task(self._do_later(verb, job_id, act.before_s))
            self.late.add(task)
            answer = act.answer
        else:
            answer = self._do(verb, job_id) if act.does else None
            answer = act.answer or answer
        await self.clock.sleep(act.after_s)
        assert answer is not None
        return answer

    async def _do_later(self, verb: str, job_id: int, after_s: float) -> None:
        await self.clock.sleep(after_s)
        self._do(verb, job_id)

    def _do(self, verb: str, job_id: int) -> Answer:
        if self.states[job_id] is not RemoteState.EDITING:
            words = f"Job with Id {job_id} is in impermissible state"
            return Reply(http_status=400, code=9, description=words)
        if verb == "submit":
            if self.credit_micros < COST_MICROS:
                return NO_CREDIT
            self.credit_micros -= COST_MICROS
            self.charged[job_id] += 1
        self.states[job_id] = RemoteState.ORDERED if verb == "submit" else RemoteState.DELETED
        self.changed_at[job_id] = self.clock.time
        return Reply(http_status=201, code=0, job_id=job_id, description="Success", cost_micros=COST_MICROS)

    async def status(self, job_id: int) -> JobAnswer:
        await asyncio.sleep(0)
        scripted = self.status_of(job_id)
        if scripted is not None:
            return scripted
        is_seen = self.changed_at.get(job_id, 0.0) + self.status_lag_s <= self.clock.time
        state = self.states[job_id] if is_seen else RemoteState.EDITING
        return JobStatus(job_id=job_id, state=state, words=state.value)

    async def cost(self, job_id: int, billing_type: str) -> CostAnswer:
        return Cost(micros=COST_MICROS, pieces=1)

    async def balance(self) -> BalanceAnswer:
        return Balance(micros=self.credit_micros)


async def create(box: Box, rows: int) -> DraftRemote:
    """A campaign whose jobs are created: row n has job 5000 + n."""
    remote = DraftRemote(box.clock)
    box.remote = remote
    await box.load(rows)
    await box.run(concurrency=1)
    assert len(remote.states) == rows
    return remote


async def begin(box: Box, stage: Stage, through: int = 10**6) -> int:
    assert box.campaign is not None
    return await box.ledger.begin_stage(box.campaign, stage, through=through)


async def work_on(box: Box, work: StageWork, **changes: Any) -> RunSummary:
    """One pass of a later stage, doubts of earlier ones included."""
    from dataclasses import replace

    assert box.campaign is not None
    box.stop = Stop()
    return await run_campaign(
        ledger=box.ledger,
        remote=box.remote,
        clock=box.clock,
        emit=box.events.append,
        campaign=box.campaign,
        plan=replace(box.plan, **changes, retry=replace(box.plan.retry, strict_500=True)),
        stop=box.stop,
        work=work,
    )


async def submit(box: Box, **changes: Any) -> RunSummary:
    """Begins the stage for all created rows, and submits them."""
    await begin(box, Stage.SUBMIT)
    return await work_on(box, Submission(PAYMENT), **changes)


async def delete(box: Box, **changes: Any) -> RunSummary:
    """Begins the stage for all drafts, and deletes them."""
    await begin(box, Stage.DELETE)
    return await work_on(box, Deletion(), **changes)
