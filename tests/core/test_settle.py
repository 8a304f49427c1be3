"""How a doubt ends: the conversation, driven by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from batcher.core.look import Look, Pause, Seen
from batcher.core.outcome import Fault, FaultKind, Listing, LookUpAnswer, Reply
from batcher.core.patience import Patience
from batcher.core.proof import Proof, Trust
from batcher.core.reconcile import Absent, AwaitProof, Found, Settled, Untrusted, settle
from batcher.core.row import Doubt, Row
from batcher.core.silence import Silence
from batcher.core.states import State

NOTHING = Listing(job_ids=())
PROVEN = Proof(trust=Trust.PROVEN, lag_s=2.0)
UNKNOWN = Proof(trust=Trust.UNKNOWN, reason="nobody knows")
BROKEN = Proof(trust=Trust.BROKEN, reason="it lies")
OUTAGE = Reply(http_status=503)
ASKED_FROM = 1000.0


def doubt(*, replied: bool = False, open_until: float = ASKED_FROM) -> Doubt:
    row = Row(number=1, key="k1", signature="t-1", parameters={}, state=State.IN_DOUBT)
    return Doubt(row=row, attempt=1, open_until=open_until, replied=replied)


class Conversation:
    """
    ``answer`` gives what a look finds at a time, ``proof`` what the run knows then.

    ``looks`` are the times of the looks; a time is noted in ``awaited`` when the proof is waited for, which takes 5
    seconds.
    """

    def __init__(
        self,
        about: Doubt,
        answer: Callable[[float], LookUpAnswer],
        proof: Callable[[float], Proof] = lambda now: PROVEN,
        *,
        settle_s: float = 300.0,
        answer_takes_s: float = 0.0,
    ) -> None:
        self.time = ASKED_FROM
        self.looks: list[float] = []
        self.awaited: list[float] = []
        self._takes_s = answer_takes_s
        self._silence = Silence()
        conversation = settle(
            about, Patience(settle_s=settle_s), lambda: proof(self.time), lambda: self.time, self._silence.after
        )
        self.end: Settled
        seen: Seen | None = None
        try:
            step = next(conversation)
            while True:
                seen = self._take(step, answer)
                step = conversation.send(seen)
        except StopIteration as end:
            self.end = end.value

    def _take(self, step: Look | Pause | AwaitProof, answer: Callable[[float], LookUpAnswer]) -> Seen | None:
        match step:
            case Look(signature="t-1"):
                asked_at = self.time
                self.looks.append(asked_at)
                self.time += self._takes_s
                seen = Seen(answer=answer(asked_at), asked_at=asked_at, answered_at=self.time)
                self._silence.note(seen)
                return seen
            case Pause(seconds=seconds):
                assert 0 < seconds <= 30.0
                self.time += seconds
                return None
            case AwaitProof():
                self.awaited.append(self.time)
                self.time += 5.0
                return None
            case _:
                raise AssertionError(step)


def nothing(now: float) -> LookUpAnswer:
    return NOTHING


def test_a_job_that_is_there_is_found_at_the_first_look() -> None:
    held = Conversation(doubt(), lambda now: Listing(job_ids=(7,)))

    assert (Found((7,)), [ASKED_FROM]) == (held.end, held.looks)


def test_a_job_that_appears_later_is_found() -> None:
    held = Conversation(doubt(), lambda now: Listing(job_ids=(7,)) if now > ASKED_FROM + 100 else NOTHING)

    assert Found((7,)) == held.end


def test_of_several_jobs_the_lowest_id_comes_first() -> None:
    assert Found((7, 8, 9)) == Conversation(doubt(), lambda now: Listing(job_ids=(9, 7, 8))).end


def test_after_silence_absent_counts_only_after_the_settling_time_and_the_lag() -> None:
    held = Conversation(doubt(), nothing)

    assert Absent() == held.end
    assert ASKED_FROM + 300 + 5 <= held.looks[-1] < ASKED_FROM + 300 + 5 + 1


def test_after_the_remotes_own_failure_the_lag_is_enough() -> None:
    held = Conversation(doubt(replied=True), nothing)

    assert (Absent(), ASKED_FROM + 5) == (held.end, held.looks[-1])


def test_a_lag_that_was_never_measured_is_taken_for_the_settling_time() -> None:
    held = Conversation(doubt(replied=True), nothing, lambda now: Proof(trust=Trust.PROVEN))

    assert held.looks[-1] == ASKED_FROM + 300


def test_the_time_counts_from_when_the_attempt_was_over() -> None:
    held = Conversation(doubt(replied=True, open_until=ASKED_FROM + 50), nothing)

    assert held.looks[-1] == ASKED_FROM + 55


def test_a_doubt_that_is_old_enough_needs_one_look() -> None:
    held = Conversation(doubt(open_until=0.0), nothing)

    assert (Absent(), [ASKED_FROM]) == (held.end, held.looks)


def test_a_look_that_was_asked_too_early_does_not_count_though_it_was_answered_late() -> None:
    held = Conversation(doubt(replied=True), nothing, answer_takes_s=20.0)

    assert (Absent(), 2) == (held.end, len(held.looks))


def test_it_looks_early_and_often() -> None:
    held = Conversation(doubt(), nothing)

    assert [moment - ASKED_FROM for moment in held.looks[:5]] == [0.0, 0.5, 1.5, 3.5, 7.5]


@pytest.mark.parametrize("answer", [OUTAGE, Fault(kind=FaultKind.TIMEOUT), Reply(http_status=404)])
def test_only_a_list_says_that_there_is_no_job(answer: LookUpAnswer) -> None:
    held = Conversation(doubt(open_until=0.0), lambda now: answer if now < ASKED_FROM + 60 else NOTHING)

    assert Absent() == held.end
    assert held.looks[-1] >= ASKED_FROM + 60


@pytest.mark.parametrize("silence", [OUTAGE, Fault(kind=FaultKind.TIMEOUT)])
def test_settling_counts_only_while_the_remote_answers(silence: LookUpAnswer) -> None:
    """Four minutes of outage are four minutes more: what the remote was at work on may go on when it is back."""
    held = Conversation(doubt(), lambda now: silence if ASKED_FROM + 10 < now < ASKED_FROM + 250 else NOTHING)

    assert Absent() == held.end
    assert held.looks[-1] >= ASKED_FROM + 305 + 200


def test_an_outage_before_the_attempt_was_over_costs_no_time() -> None:
    late = doubt(replied=True, open_until=ASKED_FROM + 100)
    held = Conversation(late, lambda now: OUTAGE if now < ASKED_FROM + 60 else NOTHING)

    assert held.looks[-1] == ASKED_FROM + 105


def test_a_job_that_appears_after_an_outage_is_found() -> None:
    held = Conversation(doubt(), lambda now: OUTAGE if now < ASKED_FROM + 400 else Listing(job_ids=(7,)))

    assert Found((7,)) == held.end


def test_without_a_proof_it_waits_for_one_before_it_looks() -> None:
    held = Conversation(doubt(), lambda now: Listing(job_ids=(7,)), lambda now: PROVEN if now > ASKED_FROM else UNKNOWN)

    assert ([ASKED_FROM], [ASKED_FROM + 5], Found((7,))) == (held.awaited, held.looks, held.end)


def test_a_broken_look_up_is_not_even_asked() -> None:
    held = Conversation(doubt(), nothing, lambda now: BROKEN)

    assert ([], Untrusted("it lies")) == (held.looks, held.end)


def test_a_look_up_that_breaks_while_it_is_asked_is_not_believed() -> None:
    """The job that it lists just then may be any job."""
    held = Conversation(
        doubt(),
        lambda now: Listing(job_ids=(7,)),
        lambda now: PROVEN if now == ASKED_FROM else BROKEN,
        answer_takes_s=1.0,
    )

    assert Untrusted("it lies", saw_jobs=True) == held.end


def test_what_a_look_up_listed_before_it_broke_forbids_to_take_the_remotes_word() -> None:
    held = Conversation(
        doubt(replied=True),
        lambda now: Listing(job_ids=(7,)),
        lambda now: PROVEN if now == ASKED_FROM else BROKEN,
        answer_takes_s=1.0,
    )

    assert Untrusted("it lies", saw_jobs=True) == held.end


def test_a_look_that_was_asked_before_the_proof_is_not_believed() -> None:
    """Hope was given up, one last look is on its way, and a proof comes after all: the next look counts."""
    held = Conversation(
        doubt(open_until=0.0),
        lambda now: NOTHING if now < ASKED_FROM + 6 else Listing(job_ids=(7,)),
        lambda now: UNKNOWN if now < ASKED_FROM + 6 else PROVEN,
        answer_takes_s=1.0,
    )

    assert Found((7,)) == held.end


def test_a_lag_that_turns_out_longer_while_it_looks_counts_at_once() -> None:
    held = Conversation(
        doubt(replied=True),
        nothing,
        lambda now: Proof(trust=Trust.PROVEN, lag_s=1.0 if now < ASKED_FROM + 3.1 else 20.0),
        answer_takes_s=0.2,
    )

    assert held.looks[-1] >= ASKED_FROM + 41


def test_silence_counts_from_the_last_answer_and_never_twice() -> None:
    """The remote may have fallen silent right after it answered, long before the next look shows it."""
    silence = Silence()
    for asked_at, answered_at, answer in (
        (10.0, 10.1, NOTHING),
        (5.0, 15.0, OUTAGE),  # asked before the last answer, and given up on after it
        (16.0, 17.0, OUTAGE),
        (20.0, 20.1, NOTHING),
        (21.0, 21.1, NOTHING),
        (30.0, 31.0, OUTAGE),
        (40.0, 40.1, Reply(http_status=404)),
    ):
        silence.note(Seen(answer=answer, asked_at=asked_at, answered_at=answered_at))

    assert [silence.after(moment) for moment in (0.0, 12.0, 25.0, 35.0, 50.0)] == [29.0, 27.0, 15.0, 5.0, 0.0]


def test_silence_before_any_answer_counts_from_the_first_look_that_failed() -> None:
    silence = Silence()
    for asked_at, answer in ((10.0, OUTAGE), (15.0, OUTAGE), (20.0, NOTHING)):
        silence.note(Seen(answer=answer, asked_at=asked_at, answered_at=asked_at + 0.1))

    assert [silence.after(moment) for moment in (0.0, 12.0)] == [10.0, 8.0]


def test_a_look_up_that_breaks_in_between_leaves_the_doubt() -> None:
    held = Conversation(doubt(), nothing, lambda now: PROVEN if now < ASKED_FROM + 100 else BROKEN)

    assert Untrusted("it lies") == held.end


@pytest.mark.parametrize(("answer", "saw_jobs"), [(Listing(job_ids=(7,)), True), (NOTHING, False), (OUTAGE, False)])
def test_where_nothing_can_prove_it_one_look_tells_whether_it_lists_jobs(answer: LookUpAnswer, saw_jobs: bool) -> None:
    """What it lists is not believed, but forbids to take the remote's word that nothing was made."""
    held = Conversation(doubt(), lambda now: answer, lambda now: UNKNOWN)

    assert ([ASKED_FROM + 5], Untrusted("nobody knows", saw_jobs=saw_jobs)) == (held.looks, held.end)
