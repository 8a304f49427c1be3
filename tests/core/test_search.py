"""Looking for a job whose reply was lost: until it is listed, or the time is over."""

from __future__ import annotations

import pytest

from batcher.core.look import Look, Seen
from batcher.core.outcome import Fault, FaultKind, Listing, LookUpAnswer
from batcher.core.search import search

NOTHING = Listing(job_ids=())
FOUND = Listing(job_ids=(7, 8))
SILENCE = Fault(kind=FaultKind.TIMEOUT)


def searched(answers: list[LookUpAnswer], limit_s: float = 20.0) -> tuple[list[float], Listing | None]:
    """The pauses made, and what came of it; the last answer is given for good."""
    conversation, pauses, given = search("s", limit_s), [], iter(answers)
    step, answer = next(conversation), answers[0]
    while True:
        seen = None
        if isinstance(step, Look):
            assert step.signature == "s"
            answer = next(given, answer)
            seen = Seen(answer=answer, asked_at=0.0, answered_at=0.0)
        else:
            pauses.append(step.seconds)
        try:
            step = conversation.send(seen)
        except StopIteration as end:
            found: Listing | None = end.value
            return pauses, found


def test_what_is_listed_ends_it() -> None:
    assert searched([NOTHING, SILENCE, FOUND]) == ([0.5, 1.0], FOUND)


@pytest.mark.parametrize(("answers", "found"), [([NOTHING], NOTHING), ([NOTHING, SILENCE], NOTHING), ([SILENCE], None)])
def test_it_ends_with_its_time(answers: list[LookUpAnswer], found: Listing | None) -> None:
    pauses, ended_with = searched(answers)

    assert (sum(pauses), ended_with) == (20.0, found)


def test_no_pause_is_longer_than_half_a_minute() -> None:
    pauses, _ = searched([NOTHING], 300.0)

    assert (max(pauses), sum(pauses)) == (30.0, 300.0)


def test_without_time_it_looks_once() -> None:
    assert searched([NOTHING], 0.0) == ([], NOTHING)
