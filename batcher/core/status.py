"""
How a doubt about a submit or a delete is settled: by the status of the very job.

Nothing is looked up here that could be confused with another job, so what a status says is believed as far as it is
understood. "Nothing has happened yet" still counts only after the time in which the remote can be at work on the
request, like "absent" does for a job that is created. API reference, "Check job status".
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from enum import IntEnum
from typing import Final

from .job import DRAFT, UNDER_WAY, JobAnswer, JobStatus, RemoteState
from .look import FIRST_PAUSE_S, LONGEST_PAUSE_S, LookAt, Pause, Seen
from .outcome import Fault, Reply, in_words
from .patience import Patience
from .proof import Proof, Trust
from .reconcile import Absent, Found, Refused, Settled, Untrusted
from .row import Doubt
from .silence import answers
from .states import Stage

_NO_PAGE: Final = frozenset({404, 410})
_LOOKS_IN_VAIN: Final = 3
"""So often a status may say nothing that is understood, after its time, before a person is asked."""


class Reading(IntEnum):
    """What a job's status means for what was asked of it; of several jobs the worst counts."""

    DONE = 0
    UNDONE = 1
    IMPOSSIBLE = 2
    UNKNOWN = 3


def read_status(stage: Stage, answer: JobAnswer) -> Reading:
    """What the answer about one job means for its submission or its deletion."""
    table = _SUBMIT if stage is Stage.SUBMIT else _DELETE
    if isinstance(answer, JobStatus):
        return Reading.UNKNOWN if answer.state is None else table[answer.state]
    if stage is Stage.SUBMIT:
        return Reading.IMPOSSIBLE if says_not_found(answer) else Reading.UNKNOWN
    # A page that is not there may be anybody's; to take a draft for deleted that is none costs nothing.
    return Reading.DONE if says_not_found(answer) or answer.http_status in _NO_PAGE else Reading.UNKNOWN


def prove_by_status(
    stage: Stage, job_id: int, sent_at: float, patience: Patience
) -> Generator[LookAt | Pause, Seen | None, Proof]:
    """
    Measures, on a job that the remote has just said yes to, how late its status changes; ``sent_at`` in boot time.

    A status that does not change within ``patience.proof_s`` breaks the proof; one that is not answered shows nothing.
    """
    waited_s, pause_s = 0.0, FIRST_PAUSE_S
    while True:
        seen = yield LookAt(job_id)
        assert seen is not None
        if read_status(stage, _job_answer(seen)) is Reading.DONE:
            return Proof(trust=Trust.PROVEN, lag_s=max(0.0, seen.answered_at - sent_at))
        if waited_s >= patience.proof_s(is_new=True):
            if not answers(seen.answer):
                return Proof(trust=Trust.UNKNOWN, reason="no status is answered")
            return Proof(trust=Trust.BROKEN, reason=f"the remote said yes, and job {_words([seen])}")
        yield Pause(pause_s)
        waited_s, pause_s = waited_s + pause_s, min(pause_s * 2, LONGEST_PAUSE_S)


def says_not_found(answer: Reply | Fault) -> bool:
    """Whether the vendor itself says that there is no such job."""
    return isinstance(answer, Reply) and bool(answer.code) and "not found" in answer.description.lower()


_SUBMIT: Final = {
    **dict.fromkeys(RemoteState, Reading.IMPOSSIBLE),
    **dict.fromkeys(UNDER_WAY, Reading.DONE),
    **dict.fromkeys(DRAFT, Reading.UNDONE),
}
_DELETE: Final = {
    **dict.fromkeys(RemoteState, Reading.IMPOSSIBLE),
    **dict.fromkeys(DRAFT, Reading.UNDONE),
    RemoteState.DELETED: Reading.DONE,
    RemoteState.CANCELLED: Reading.DONE,
}


def settle_by_status(
    stage: Stage,
    doubt: Doubt,
    patience: Patience,
    proof_now: Callable[[], Proof],
    now: Callable[[], float],
    silence_after: Callable[[float], float],
) -> Generator[LookAt | Pause, Seen | None, Settled]:
    """
    Finds out whether a doubtful row's jobs were submitted, or deleted; arguments as those of ``reconcile.settle``.

    "Done" ends the doubt at once. ``proof_now().lag_s`` is how late a status was seen to change; a broken proof means
    that it did not change at all when it had to.
    """
    pause_s, overdue_s, in_vain = FIRST_PAUSE_S, FIRST_PAUSE_S, 0
    while proof_now().trust is not Trust.BROKEN:
        seen: list[Seen] = []
        for job_id in doubt.row.jobs:
            one = yield LookAt(job_id)
            assert one is not None
            seen.append(one)
        reading = max(read_status(stage, _job_answer(each)) for each in seen)
        counts_from = patience.absent_counts_from(doubt, proof_now().lag_s) + silence_after(doubt.open_until)
        is_time = min(each.asked_at for each in seen) >= counts_from
        if reading is Reading.DONE:
            return Found(doubt.row.jobs)
        if reading is Reading.UNDONE and is_time:
            return Absent()
        if reading is Reading.IMPOSSIBLE and is_time:
            return Refused(f"job {_words(seen)}")
        in_vain += is_time and all(answers(each.answer) for each in seen)
        if in_vain >= _LOOKS_IN_VAIN:
            return Untrusted(f"its status is not understood: {_words(seen)}")
        left_s = counts_from - now()
        if left_s > 0:
            yield Pause(min(pause_s, left_s))
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
        else:
            # The next answer will end the doubt, so it is asked for soon, however long the pauses were by now.
            yield Pause(overdue_s)
            overdue_s = min(overdue_s * 2, LONGEST_PAUSE_S)
    return Untrusted(proof_now().reason)


def _job_answer(seen: Seen) -> JobAnswer:
    assert isinstance(seen.answer, JobStatus | Reply | Fault)
    return seen.answer


def _words(seen: Sequence[Seen]) -> str:
    """The last answer, for people."""
    answer = _job_answer(seen[-1])
    if isinstance(answer, JobStatus):
        return f"{answer.job_id} is {answer.words or 'in a state without a name'}"
    return in_words(answer)
