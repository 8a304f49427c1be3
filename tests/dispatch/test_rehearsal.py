"""One draft made, found and taken away again, by a clock driven by hand; and what is said of it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from batcher.core.errors import Exit
from batcher.core.job import Cost, CostAnswer, JobAnswer, JobStatus, RemoteState
from batcher.core.outcome import Answer, Fault, FaultKind, Listing, LookUpAnswer, Reply
from batcher.core.patience import Patience
from batcher.core.sending import Deadline, Sending
from batcher.core.tally import StopReason
from batcher.dispatch.checkup import Check, Level
from batcher.dispatch.checkup.rehearsal import Orders, rehearse
from batcher.dispatch.checkup.rehearsed import Rehearsed, checks_of
from batcher.dispatch.stop import Stop
from tests.scripted import HandClock, ScriptedRemote, Step, failure_500, silence

OURS, UNUSED = "doctor-ours", "doctor-unused"
EDITING, NO_SUCH_JOB = 9, Reply(http_status=200, code=1, description="Job ID not found")
TAKEN = Reply(http_status=201, code=0, job_id=5001, description="Success")
REFUSED = Reply(http_status=400, code=9, description="Job with Id 5001 is in impermissible state")
AWAY = Fault(kind=FaultKind.TIMEOUT, detail="no answer")
OK, WARNED, FAILED, SKIPPED = Level.OK, Level.WARNING, Level.FAILED, Level.SKIPPED


class Account(ScriptedRemote):
    """The scripted remote with jobs that can be read and deleted. ``calls`` holds what was asked, in order."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__(clock)
        self.calls: list[str] = []
        self.times: list[float] = []
        self.deleted: set[int] = set()
        self.deletions: deque[Answer | None] = deque()
        self.states: deque[JobAnswer | None] = deque()
        self.send_by: Deadline | None = None

    def _note(self, call: str) -> None:
        self.calls.append(call)
        self.times.append(self.clock.time)

    async def create(
        self, parameters: Mapping[str, str], signature: str, send_by: Deadline, sending: Sending
    ) -> Answer:
        self._note(f"create {signature}")
        self.send_by = send_by
        return await super().create(parameters, signature, send_by, sending)

    async def find(self, signature: str) -> LookUpAnswer:
        self._note(f"find {signature}")
        return await super().find(signature)

    async def status(self, job_id: int) -> JobAnswer:
        self._note(f"status {job_id}")
        scripted = self.states.popleft() if self.states else None
        if scripted is not None:
            return scripted
        if job_id in self.deleted:
            return NO_SUCH_JOB
        return JobStatus(job_id=job_id, state=RemoteState.EDITING, words="Editing")

    async def cost(self, job_id: int, billing_type: str) -> CostAnswer:
        self._note(f"cost {job_id} {billing_type}")
        return Cost(micros=790_000, pieces=1)

    async def delete(self, job_id: int, send_by: Deadline) -> Answer:
        self._note(f"delete {job_id}")
        scripted = self.deletions.popleft() if self.deletions else None
        if scripted is not None:
            return scripted
        self.deleted.add(job_id)
        return replace(TAKEN, job_id=job_id)


@dataclass
class Stage:
    """What one rehearsal is played on."""

    clock: HandClock = field(default_factory=HandClock)
    stop: Stop = field(default_factory=Stop)
    told: list[str] = field(default_factory=list)
    orders: Orders = field(
        default_factory=lambda: Orders(
            parameters={"documentId": "1"},
            signature=OURS,
            unused=UNUSED,
            patience=Patience(settle_s=60.0),
            send_window_s=10.0,
            drain_timeout_s=25.0,
        )
    )

    def __post_init__(self) -> None:
        self.remote = Account(self.clock)

    def tell(self, line: str) -> None:
        self.told.append(line)
        self.remote.calls.append("told")

    async def play(self, **changes: Any) -> Rehearsed:
        return await rehearse(self.remote, self.clock, replace(self.orders, **changes), self.stop, self.tell)

    async def ask_to_stop_at(self, seconds: float, *, hurry_at: float | None = None) -> None:
        await self.clock.sleep(seconds)
        self.stop.request(StopReason.SIGINT)
        if hurry_at is not None:
            await self.clock.sleep(hurry_at - seconds)
            self.stop.hurry()


@pytest.fixture
def stage() -> Stage:
    return Stage()


def said(seen: Rehearsed, *, own_signatures: bool = False) -> dict[str, Check]:
    checks = checks_of(seen, row="row 1 of m.csv", jobs_url="http://r/molpro/jobs", own_signatures=own_signatures)
    return {check.name: check for check in checks}


def levels(seen: Rehearsed) -> list[tuple[str, Level]]:
    return [(name, check.level) for name, check in said(seen).items()]


async def test_a_draft_is_made_found_and_taken_away(stage: Stage) -> None:
    seen = await stage.play()

    assert levels(seen) == [("draft", OK), ("look-up", OK), ("clean-up", OK)]
    assert stage.remote.calls == [
        f"find {UNUSED}",
        "told",
        f"create {OURS}",
        "told",
        f"find {UNUSED}",
        f"find {OURS}",
        "status 5001",
        "cost 5001 User Credit",
        "delete 5001",
        "status 5001",
    ]
    assert OURS in stage.told[0]
    assert "5001" in stage.told[1]


async def test_what_is_said_of_it(stage: Stage) -> None:
    stage.remote.lag_s = 1.0
    checks = said(await stage.play())

    assert checks["draft"].what == "row 1 of m.csv became job 5001 (Editing), 0.79 USD to submit"
    assert checks["draft"].facts == {"signature": OURS, "job_id": 5001, "state": "Editing", "cost_usd": 0.79}
    assert checks["look-up"].what == "can be trusted here: lag 1.5 s from the request to its first sight"
    assert checks["look-up"].facts == {"trusted": True, "lag_s": 1.5}
    assert checks["clean-up"].what == "job 5001 is deleted again"


async def test_rows_that_carry_their_own_signatures_are_not_found_all_the_same(stage: Stage) -> None:
    check = said(await stage.play(), own_signatures=True)["look-up"]

    assert (check.level, "--keep-app-signature" in check.what) == (WARNED, True)


# A look-up that cannot be trusted


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Listing(job_ids=(1, 2)), "a signature that was never used found 2 jobs"),
        (Reply(http_status=404), "the look-up is answered with HTTP 404 and no list"),
        (AWAY, "the look-up is not answered"),
    ],
    ids=["lists anything", "is missing", "is silent"],
)
async def test_where_the_control_fails_no_draft_is_made(stage: Stage, answer: LookUpAnswer, reason: str) -> None:
    stage.remote.lookup = lambda signature: answer
    seen = await stage.play()

    assert levels(seen) == [("draft", SKIPPED), ("look-up", WARNED)]
    assert reason in said(seen)["look-up"].what
    assert (stage.remote.posts, stage.told) == ([], [])


async def test_a_draft_that_is_not_found_is_taken_away(stage: Stage) -> None:
    stage.remote.lookup = lambda signature: Listing(job_ids=())
    seen = await stage.play()
    check = said(seen)["look-up"]

    assert levels(seen) == [("draft", OK), ("look-up", WARNED), ("clean-up", OK)]
    assert "a job that exists is not found by its signature; rows whose replies are lost would be held" in check.what
    assert ("--on-doubt" in str(check.next_step), check.facts["trusted"]) == (True, False)
    assert 60.0 <= stage.clock.time - 1000.0 < 140.0


async def test_another_job_than_ours_is_believed_as_little(stage: Stage) -> None:
    stage.remote.lookup = lambda signature: Listing(job_ids=(5001, 77) if signature == OURS else ())
    seen = await stage.play()

    assert "found 2 jobs" in said(seen)["look-up"].what
    assert stage.remote.deleted == {5001}


# A POST that does not end well


@pytest.mark.parametrize(
    ("step", "kind"),
    [(silence(creates=True), "timeout"), (failure_500(creates=True), "HTTP 500")],
    ids=["silence", "reported failure"],
)
async def test_after_a_lost_reply_the_draft_is_named_and_not_touched(stage: Stage, step: Step, kind: str) -> None:
    """Only a look-up names it, and that is not proven: it might be somebody's letter."""
    stage.remote.lag_s = 3.0
    stage.remote.scripts[OURS].append(step)
    seen = await stage.play()
    check = said(seen)["draft"]

    assert levels(seen) == [("draft", WARNED), ("look-up", SKIPPED)]
    assert all(part in check.what for part in (kind, OURS, "job 5001", "proves nothing by itself"))
    assert "POST http://r/molpro/jobs/5001/delete" in str(check.next_step)
    assert (stage.remote.deleted, len(stage.remote.posts)) == (set(), 1)


async def test_after_a_lost_reply_nothing_may_be_seen(stage: Stage) -> None:
    stage.remote.scripts[OURS].append(silence(creates=False))
    check = said(await stage.play())["draft"]

    assert (check.level, f"nothing was seen under its signature {OURS}" in check.what) == (WARNED, True)
    assert stage.clock.time == 1060.0
    assert len(stage.remote.posts) == 1


@pytest.mark.parametrize(
    ("answer", "level", "code"),
    [
        (Reply(http_status=200, code=1, description="DocumentId not found"), FAILED, Exit.USAGE),
        (Reply(http_status=403), FAILED, Exit.USAGE),
        (Reply(http_status=401), FAILED, Exit.REFUSED),
        (Reply(http_status=404), FAILED, Exit.USAGE),
        (Reply(http_status=302), FAILED, Exit.USAGE),
        (Reply(http_status=429), WARNED, Exit.OK),
        (Fault(kind=FaultKind.CONNECT, detail="refused"), WARNED, Exit.OK),
    ],
)
async def test_what_made_nothing_leaves_nothing_to_look_for(
    stage: Stage, answer: Answer, level: Level, code: Exit
) -> None:
    stage.remote.scripts[OURS].append(Step(answer))
    seen = await stage.play()
    check = said(seen)["draft"]

    assert (check.level, check.exit_code, levels(seen)[1:]) == (level, code, [("look-up", SKIPPED)])
    assert check.next_step is not None
    assert stage.remote.calls[-1] == f"create {OURS}"


async def test_the_post_has_a_window(stage: Stage) -> None:
    await stage.play(send_window_s=4.0)

    assert stage.remote.send_by == Deadline(monotonic=1004.0, boot=1004.0)


# A draft that does not go away


@pytest.mark.parametrize(
    ("deletions", "states", "level", "says"),
    [
        ([AWAY, None], [None, None, None], OK, "is deleted again"),
        ([AWAY], [None, NO_SUCH_JOB], OK, "is deleted again"),
        ([AWAY], [AWAY, NO_SUCH_JOB, AWAY, AWAY], WARNED, "by the remote's word"),
        ([], [None, JobStatus(job_id=5001, state=RemoteState.DELETED, words="Deleted")], OK, "is deleted again"),
        ([], [None, Reply(http_status=404)], OK, "is deleted again"),
        ([REFUSED] * 3, [], WARNED, "could not be deleted: HTTP 400, code 9"),
        ([AWAY] * 3, [None, *[AWAY] * 3], WARNED, "could not be deleted: timeout"),
        ([TAKEN] * 3, [], WARNED, "could not be deleted: deleted, and Editing afterwards"),
        ([], [None, *[Reply(http_status=401)] * 3], WARNED, "by the remote's word, which could not be checked: HTTP"),
    ],
    ids=[
        "a lost reply, then well",
        "a lost reply, and gone",
        "gone is not believed where it never was shown",
        "shown as deleted",
        "a plain 404",
        "refused",
        "never answered",
        "taken and still there",
        "taken and not shown",
    ],
)
async def test_whether_it_is_gone_is_looked_at(
    stage: Stage, deletions: list[Answer | None], states: list[JobAnswer | None], level: Level, says: str
) -> None:
    stage.remote.deletions.extend(deletions)
    stage.remote.states.extend(states)
    check = said(await stage.play())["clean-up"]

    assert (check.level, says in check.what) == (level, True), check.what
    assert "job 5001" in check.what
    assert level is OK or "POST http://r/molpro/jobs/5001/delete" in str(check.next_step)


async def test_a_bug_in_the_middle_leaves_no_draft(stage: Stage) -> None:
    def broken(signature: str) -> LookUpAnswer | None:
        if signature == OURS:
            raise RuntimeError("a bug")
        return None

    stage.remote.lookup = broken
    with pytest.raises(RuntimeError, match="a bug"):
        await stage.play()

    assert stage.remote.deleted == {5001}


# Somebody asks to stop


async def both(stage: Stage, asking: Callable[[], Any]) -> Rehearsed:
    seen, _ = await asyncio.gather(stage.play(), asking())
    return seen


async def test_a_stop_before_the_post_makes_none(stage: Stage) -> None:
    stage.remote.lookup = lambda signature: AWAY
    seen = await both(stage, lambda: stage.ask_to_stop_at(2.0))

    assert levels(seen) == [("draft", SKIPPED), ("look-up", SKIPPED)]
    assert stage.clock.time < 1010.0
    assert stage.remote.posts == []


async def test_a_stop_while_the_post_waits_for_its_turn_makes_none(stage: Stage) -> None:
    stage.orders = replace(stage.orders, rate_per_s=0.01)
    seen = await both(stage, lambda: stage.ask_to_stop_at(2.0))

    assert (said(seen)["draft"].what, stage.clock.time) == (
        "none was made: withheld: stopped before it was sent",
        1002.0,
    )
    assert stage.remote.posts == []


async def test_a_stop_during_the_post_waits_for_its_reply(stage: Stage) -> None:
    stage.remote.scripts[OURS].append(Step(before_s=5.0))
    seen = await both(stage, lambda: stage.ask_to_stop_at(2.0))

    assert levels(seen) == [("draft", OK), ("look-up", SKIPPED), ("clean-up", OK)]
    assert stage.remote.calls[-3:] == ["told", "delete 5001", "status 5001"]


async def test_a_reply_that_does_not_come_is_waited_for_as_long_as_a_drain(stage: Stage) -> None:
    stage.remote.scripts[OURS].append(Step(before_s=500.0))
    seen = await both(stage, lambda: stage.ask_to_stop_at(2.0))
    check = said(seen)["draft"]

    assert (check.level, OURS in check.what) == (WARNED, True)
    assert (seen.answer, stage.clock.time) == (
        Fault(kind=FaultKind.CANCELLED, detail="stopped before the reply came"),
        1027.0,
    )


async def test_asked_twice_during_the_post_it_does_not_wait(stage: Stage) -> None:
    stage.remote.scripts[OURS].append(Step(before_s=500.0))
    seen = await both(stage, lambda: stage.ask_to_stop_at(2.0, hurry_at=3.0))

    assert (said(seen)["draft"].level, stage.clock.time) == (WARNED, 1003.0)


async def test_a_post_that_was_given_up_before_a_byte_left_made_nothing(stage: Stage) -> None:
    stage.remote.scripts[OURS].append(Step(before_s=500.0, sent=False))
    seen = await both(stage, lambda: stage.ask_to_stop_at(2.0, hurry_at=3.0))

    assert (seen.is_lost, said(seen)["draft"].what) == (False, "none was made: withheld: stopped before the reply came")


async def test_a_stop_while_it_is_looked_for_takes_it_away(stage: Stage) -> None:
    stage.remote.lookup = lambda signature: Listing(job_ids=())
    seen = await both(stage, lambda: stage.ask_to_stop_at(2.0))

    assert levels(seen) == [("draft", OK), ("look-up", SKIPPED), ("clean-up", OK)]
    assert stage.clock.time == 1002.0


async def test_asked_twice_it_names_what_it_leaves(stage: Stage) -> None:
    stage.remote.lookup = lambda signature: Listing(job_ids=())
    stage.remote.deletions.extend([AWAY] * 3)
    seen = await both(stage, lambda: stage.ask_to_stop_at(2.0, hurry_at=2.5))
    check = said(seen)["clean-up"]

    assert (check.level, check.what) == (WARNED, "job 5001 was not seen to be gone, because you asked twice to stop")
    assert "jobs/5001/delete" in str(check.next_step)


async def test_a_caller_that_goes_away_leaves_no_draft(stage: Stage) -> None:
    stage.remote.lookup = lambda signature: Listing(job_ids=())
    playing = asyncio.create_task(stage.play())
    await stage.clock.sleep(2.0)
    playing.cancel()
    await asyncio.gather(playing, return_exceptions=True)

    assert stage.remote.deleted == {5001}


# Pace


async def test_the_rate_holds_for_what_it_asks(stage: Stage) -> None:
    await stage.play(rate_per_s=0.5)

    assert stage.remote.times == [1000.0, 1002.0, 1004.0, 1006.0, 1008.0, *[1010.0] * 3]
    assert stage.remote.calls[-3:] == ["cost 5001 User Credit", "delete 5001", "status 5001"]


async def test_a_wish_of_the_remote_is_heard(stage: Stage) -> None:
    wishes = deque([Reply(http_status=429, retry_after_s=30.0)])
    stage.remote.lookup = lambda signature: wishes.popleft() if wishes else None
    seen = await stage.play()

    assert said(seen)["look-up"].level is OK
    assert stage.remote.times[1] == 1030.0
