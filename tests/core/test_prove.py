"""Whether the look-up can be trusted: the conversation, driven by hand."""

from __future__ import annotations

from collections.abc import Callable, Generator

import pytest

from batcher.core.look import Look, Pause, Seen
from batcher.core.outcome import Fault, FaultKind, Listing, LookUpAnswer, Reply
from batcher.core.patience import Patience
from batcher.core.proof import KnownJob, Proof, Trust, prove, sample

UNUSED = "t-unused"
KNOWN = KnownJob(signature="t-1", job_id=7)
NEW = KnownJob(signature="t-1", job_id=7, sent_at=1000.0)
PATIENCE = Patience(settle_s=300.0)
NOTHING = Listing(job_ids=())
THE_JOB = Listing(job_ids=(7,))
SILENCE = Fault(kind=FaultKind.TIMEOUT)


class Conversation:
    """Answers each look by its signature and the time; notes what was looked for and how long it paused."""

    def __init__(
        self,
        answer: Callable[[str, float], LookUpAnswer],
        known: KnownJob | None = KNOWN,
        kept_lag_s: float | None = None,
    ) -> None:
        self.time = 1000.0
        self.looks: list[str] = []
        self.pauses: list[float] = []
        self.proof = self._hold(answer, self._begin(known, kept_lag_s))

    def _begin(self, known: KnownJob | None, kept_lag_s: float | None) -> Generator[Look | Pause, Seen | None, Proof]:
        return prove(UNUSED, known, PATIENCE, kept_lag_s)

    def _hold(
        self,
        answer: Callable[[str, float], LookUpAnswer],
        conversation: Generator[Look | Pause, Seen | None, Proof],
    ) -> Proof:
        step: Look | Pause = next(conversation)
        while True:
            seen = None
            if isinstance(step, Look):
                self.looks.append(step.signature)
                seen = Seen(answer=answer(step.signature, self.time), asked_at=self.time, answered_at=self.time)
            else:
                self.pauses.append(step.seconds)
                self.time += step.seconds
            try:
                step = conversation.send(seen)
            except StopIteration as end:
                proof: Proof = end.value
                return proof


def by_signature(unused: LookUpAnswer, known: LookUpAnswer) -> Callable[[str, float], LookUpAnswer]:
    return lambda signature, _: unused if signature == UNUSED else known


def test_it_is_proven_by_an_unused_signature_and_a_known_job() -> None:
    held = Conversation(by_signature(NOTHING, THE_JOB))

    assert ([UNUSED, "t-1"], Proof(trust=Trust.PROVEN)) == (held.looks, held.proof)


def test_a_signature_never_used_that_finds_jobs_breaks_it() -> None:
    held = Conversation(by_signature(Listing(job_ids=(1, 2)), THE_JOB))

    assert (held.looks, held.proof.trust, held.proof.missed) == ([UNUSED], Trust.BROKEN, False)


def test_an_unused_signature_that_finds_the_control_breaks_it() -> None:
    """A look-up that ignores what it is asked lists every job, the known one among them."""
    assert Conversation(by_signature(THE_JOB, THE_JOB)).proof.trust is Trust.BROKEN


@pytest.mark.parametrize("ids", [(8,), (7, 8), (8, 7), (7, 7)])
def test_a_known_job_that_is_not_found_with_exactly_its_id_breaks_it(ids: tuple[int, ...]) -> None:
    held = Conversation(by_signature(NOTHING, Listing(job_ids=ids)))

    assert (held.proof.trust, held.proof.missed) == (Trust.BROKEN, False)


def test_without_a_known_job_nothing_is_proven() -> None:
    held = Conversation(by_signature(NOTHING, THE_JOB), known=None)

    assert (held.looks, held.proof.trust) == ([UNUSED], Trust.UNKNOWN)


def test_without_a_known_job_it_may_still_be_broken() -> None:
    assert Conversation(by_signature(THE_JOB, THE_JOB), known=None).proof.trust is Trust.BROKEN


def test_a_job_of_this_run_measures_the_lag_from_its_request_to_its_first_sight() -> None:
    known = KnownJob(signature="t-1", job_id=7, sent_at=998.0)
    held = Conversation(lambda s, now: THE_JOB if s == "t-1" and now >= 1003.0 else NOTHING, known)

    assert (Trust.PROVEN, held.time - 998.0) == (held.proof.trust, held.proof.lag_s)


def test_a_job_of_an_earlier_run_measures_no_lag() -> None:
    assert Conversation(by_signature(NOTHING, THE_JOB)).proof.lag_s is None


def test_a_lag_is_never_negative() -> None:
    known = KnownJob(signature="t-1", job_id=7, sent_at=1001.0)

    assert Conversation(by_signature(NOTHING, THE_JOB), known).proof.lag_s == 0.0


def test_it_looks_early_and_often_and_then_less() -> None:
    held = Conversation(by_signature(NOTHING, NOTHING), known=NEW)

    assert (held.pauses[:4], held.pauses[-1]) == ([0.1, 0.2, 0.4, 0.8], 30.0)


@pytest.mark.parametrize(
    ("known", "kept_lag_s", "patience_s"),
    [(NEW, 1.0, 300.0), (KNOWN, None, 300.0), (KNOWN, 1.0, 20.0), (KNOWN, 40.0, 81.0), (KNOWN, 400.0, 300.0)],
)
def test_a_job_that_is_missed_for_long_breaks_it(known: KnownJob, kept_lag_s: float | None, patience_s: float) -> None:
    """A job of this run gets the settling time; one of an earlier run, which may be seconds old, the lag."""
    held = Conversation(by_signature(NOTHING, NOTHING), known, kept_lag_s)

    assert (held.proof.trust, held.proof.missed) == (Trust.BROKEN, True)
    assert patience_s <= sum(held.pauses) < patience_s + 30.0


@pytest.mark.parametrize("passing", [SILENCE, Reply(http_status=503), Reply(http_status=429)])
def test_trouble_that_passes_breaks_nothing(passing: LookUpAnswer) -> None:
    held = Conversation(lambda s, now: passing if now < 1100.0 else (THE_JOB if s == "t-1" else NOTHING))

    assert held.proof.trust is Trust.PROVEN


@pytest.mark.parametrize("status", [401, 403, 404, 400, 200, 302])
def test_three_answers_without_a_list_break_it(status: int) -> None:
    held = Conversation(lambda signature, now: Reply(http_status=status))

    assert (len(held.looks), held.proof.trust) == (3, Trust.BROKEN)
    assert str(status) in held.proof.reason


def test_silence_proves_nothing_against_a_look_up_without_a_known_job() -> None:
    """A run that begins in an outage must be able to prove the look-up later, from a job of its own."""
    held = Conversation(lambda signature, now: SILENCE, known=None)

    assert (held.proof.trust, held.proof.reason) == (Trust.UNKNOWN, "the look-up is not answered")


@pytest.mark.parametrize("known", [KNOWN, NEW])
def test_silence_is_not_taken_for_missing_a_known_job(known: KnownJob) -> None:
    held = Conversation(lambda signature, now: SILENCE, known)

    assert (
        held.proof.trust,
        held.proof.missed,
        held.proof.reason,
    ) == (Trust.UNKNOWN, False, "the look-up is not answered")


class Sample(Conversation):
    """The same for a later job of the run."""

    def _begin(self, known: KnownJob | None, kept_lag_s: float | None) -> Generator[Look | Pause, Seen | None, Proof]:
        assert known is not None
        return sample(known, PATIENCE)


def test_a_sample_measures_the_lag_once_more() -> None:
    held = Sample(lambda signature, now: THE_JOB if now >= 1005 else NOTHING, NEW)

    assert (held.proof.trust, set(held.looks)) == (Trust.PROVEN, {"t-1"})
    assert held.proof.lag_s == held.time - 1000.0 >= 5


@pytest.mark.parametrize("ids", [(8,), (7, 8)])
def test_a_sample_that_is_not_found_with_exactly_its_id_breaks_the_proof(ids: tuple[int, ...]) -> None:
    assert Sample(lambda signature, now: Listing(job_ids=ids), NEW).proof.trust is Trust.BROKEN


def test_a_sample_that_is_never_found_breaks_the_proof_after_its_time() -> None:
    held = Sample(lambda signature, now: NOTHING, NEW)

    assert (held.proof.trust, held.proof.missed) == (Trust.BROKEN, True)
    assert held.time >= 1000 + PATIENCE.settle_s


@pytest.mark.parametrize("answer", [SILENCE, Reply(http_status=503), Reply(http_status=404)])
def test_a_sample_that_is_not_answered_shows_nothing(answer: LookUpAnswer) -> None:
    assert Sample(lambda signature, now: answer, NEW).proof.trust is Trust.UNKNOWN
