"""What a job's status means for its submission or deletion, and how doubts are settled by it."""

from collections.abc import Sequence

import pytest

from batcher.core.job import JobAnswer, JobStatus, RemoteState
from batcher.core.look import LookAt, Pause, Seen
from batcher.core.outcome import Fault, FaultKind, Reply
from batcher.core.patience import Patience
from batcher.core.proof import Proof, Trust
from batcher.core.reconcile import Absent, Found, Refused, Settled, Untrusted
from batcher.core.row import Doubt, Row
from batcher.core.states import Stage, State
from batcher.core.status import Reading, prove_by_status, read_status, settle_by_status

NOT_FOUND = Reply(http_status=200, code=1, description="Job ID not found")
OUTAGE = Reply(http_status=502)
DRAFTS = {RemoteState.EDITING, RemoteState.PROOFING}
SUBMITTED = {
    RemoteState.ORDERED,
    RemoteState.PROCESSING,
    RemoteState.AWAITING_PRODUCTION,
    RemoteState.IN_PRODUCTION,
    RemoteState.MAILED,
}


def status(state: RemoteState | None, job_id: int = 7) -> JobStatus:
    return JobStatus(job_id=job_id, state=state, words="words")


@pytest.mark.parametrize("state", RemoteState)
def test_a_submission_is_done_once_the_job_is_ordered(state: RemoteState) -> None:
    expected = Reading.DONE if state in SUBMITTED else Reading.UNDONE if state in DRAFTS else Reading.IMPOSSIBLE

    assert read_status(Stage.SUBMIT, status(state)) is expected


@pytest.mark.parametrize("state", RemoteState)
def test_a_deletion_is_done_once_the_job_is_gone(state: RemoteState) -> None:
    gone = {RemoteState.DELETED, RemoteState.CANCELLED}
    expected = Reading.DONE if state in gone else Reading.UNDONE if state in DRAFTS else Reading.IMPOSSIBLE

    assert read_status(Stage.DELETE, status(state)) is expected


@pytest.mark.parametrize("answer", [status(None), OUTAGE, Reply(http_status=403), Fault(kind=FaultKind.TIMEOUT)])
@pytest.mark.parametrize("stage", [Stage.SUBMIT, Stage.DELETE])
def test_what_says_nothing_of_the_job_is_unknown(stage: Stage, answer: JobAnswer) -> None:
    assert read_status(stage, answer) is Reading.UNKNOWN


def test_a_job_that_the_vendor_does_not_find() -> None:
    assert read_status(Stage.SUBMIT, NOT_FOUND) is Reading.IMPOSSIBLE
    assert read_status(Stage.DELETE, NOT_FOUND) is Reading.DONE


def test_a_page_that_is_not_there() -> None:
    assert read_status(Stage.SUBMIT, Reply(http_status=404)) is Reading.UNKNOWN
    assert read_status(Stage.DELETE, Reply(http_status=404)) is Reading.DONE


def settle(
    stage: Stage,
    answers: Sequence[JobAnswer],
    *,
    jobs: tuple[int, ...] = (7,),
    replied: bool = False,
    lag_s: float | None = None,
    trust: Trust = Trust.UNKNOWN,
    silent_s: float = 0.0,
) -> tuple[Settled, float]:
    """How it ends and when, with the last answer repeated; the doubt is open until second 100, --settle is 300."""
    row = Row(number=1, key="k", signature="", parameters={}, state=State.IN_DOUBT, jobs=jobs)
    doubt = Doubt(row=row, attempt=1, open_until=100.0, replied=replied)
    clock, left = [100.0], list(answers)
    conversation = settle_by_status(
        stage,
        doubt,
        Patience(settle_s=300.0),
        lambda: Proof(trust=trust, reason="it did not change", lag_s=lag_s),
        lambda: clock[0],
        lambda moment: silent_s,
    )
    try:
        step = next(conversation)
        while True:
            if isinstance(step, Pause):
                clock[0] += step.seconds
                step = conversation.send(None)
            else:
                assert isinstance(step, LookAt)
                answer = left.pop(0) if len(left) > 1 else left[0]
                step = conversation.send(Seen(answer=answer, asked_at=clock[0], answered_at=clock[0]))
    except StopIteration as end:
        return end.value, clock[0]


def test_done_is_believed_at_once() -> None:
    assert settle(Stage.SUBMIT, [status(RemoteState.ORDERED)]) == (Found((7,)), 100.0)


@pytest.mark.parametrize(
    ("replied", "lag_s", "counts_from"),
    [(True, 0.5, 102.0), (False, 0.5, 402.0), (True, None, 400.0), (False, None, 700.0)],
)
def test_a_draft_may_be_submitted_again_only_after_its_time(
    replied: bool, lag_s: float | None, counts_from: float
) -> None:
    settled, at = settle(Stage.SUBMIT, [status(RemoteState.EDITING)], replied=replied, lag_s=lag_s)

    assert settled == Absent()
    assert at == pytest.approx(counts_from)


def test_time_in_which_nobody_answered_does_not_count() -> None:
    settled, at = settle(Stage.SUBMIT, [status(RemoteState.EDITING)], replied=True, lag_s=0.5, silent_s=77.0)

    assert settled == Absent()
    assert at == pytest.approx(179.0)


def test_a_late_order_is_seen_by_a_later_look() -> None:
    settled, _ = settle(Stage.SUBMIT, [status(RemoteState.EDITING)] * 4 + [status(RemoteState.ORDERED)])

    assert settled == Found((7,))


@pytest.mark.parametrize("state", [RemoteState.CANCELLED, RemoteState.DELETED, RemoteState.ERROR])
def test_a_job_that_cannot_be_submitted_any_more_is_refused(state: RemoteState) -> None:
    settled, at = settle(Stage.SUBMIT, [status(state)], replied=True, lag_s=0.5)

    assert settled == Refused("job 7 is words")
    assert at >= 102.0


def test_of_several_jobs_all_must_be_gone() -> None:
    gone, draft, ordered = (status(RemoteState(name)) for name in ("deleted", "editing", "ordered"))

    assert settle(Stage.DELETE, [gone, gone], jobs=(7, 8))[0] == Found((7, 8))
    assert settle(Stage.DELETE, [gone, draft, gone, gone], jobs=(7, 8))[0] == Found((7, 8))
    assert settle(Stage.DELETE, [draft], jobs=(7, 8), replied=True)[0] == Absent()
    assert isinstance(settle(Stage.DELETE, [ordered], jobs=(7, 8), replied=True)[0], Refused)


@pytest.mark.parametrize("answer", [status(None), Reply(http_status=404)])
def test_what_is_not_understood_is_left_to_a_person(answer: JobAnswer) -> None:
    settled, at = settle(Stage.SUBMIT, [answer], replied=True, lag_s=0.5)

    assert isinstance(settled, Untrusted)
    assert at >= 102.0


def test_no_answer_is_waited_for() -> None:
    settled, at = settle(Stage.SUBMIT, [OUTAGE] * 30 + [status(RemoteState.ORDERED)], replied=True, lag_s=0.5)

    assert settled == Found((7,))
    assert at > 500.0


def test_a_status_that_did_not_change_when_it_had_to_is_not_believed() -> None:
    settled, _ = settle(Stage.SUBMIT, [status(RemoteState.EDITING)], trust=Trust.BROKEN)

    assert settled == Untrusted("it did not change")


def prove(answers: Sequence[JobAnswer]) -> tuple[Proof, float]:
    clock, left = [100.0], list(answers)
    conversation = prove_by_status(Stage.SUBMIT, 7, 99.0, Patience(settle_s=300.0))
    try:
        step = next(conversation)
        while True:
            if isinstance(step, Pause):
                clock[0] += step.seconds
                step = conversation.send(None)
            else:
                answer = left.pop(0) if len(left) > 1 else left[0]
                step = conversation.send(Seen(answer=answer, asked_at=clock[0], answered_at=clock[0]))
    except StopIteration as end:
        return end.value, clock[0]


def test_the_lag_is_from_the_request_to_the_changed_status() -> None:
    proof, _ = prove([status(RemoteState.EDITING), OUTAGE, status(RemoteState.ORDERED)])

    assert proof == Proof(trust=Trust.PROVEN, lag_s=pytest.approx(2.5))


def test_a_status_that_does_not_change_breaks_the_proof() -> None:
    proof, at = prove([status(RemoteState.EDITING)])

    assert proof.trust is Trust.BROKEN
    assert at >= 400.0


def test_a_status_that_is_not_answered_shows_nothing() -> None:
    assert prove([OUTAGE])[0].trust is Trust.UNKNOWN
