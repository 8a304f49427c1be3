"""What an answer about a submitted job says of where it stands."""

from __future__ import annotations

import pytest

from batcher.core.job import AT_REST, DRAFT, JobAnswer, JobStatus, RemoteState
from batcher.core.outcome import Fault, FaultKind, Reply
from batcher.core.tracking import GONE_WRONG, SEEN_STATES, UNSUBMITTED, Sighting, sighting_of


@pytest.mark.parametrize("state", RemoteState)
def test_a_state_is_taken_as_it_is(state: RemoteState) -> None:
    answer = JobStatus(job_id=7, state=state, words="as the remote says it", error="why")

    assert sighting_of(answer) == Sighting(state=state.value, words="why")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (JobStatus(job_id=7, state=None, words="On the moon"), Sighting(state="not_understood", words="On the moon")),
        (JobStatus(job_id=7, state=None), Sighting(state="not_understood", words="a state without a name")),
        (
            Reply(http_status=200, code=1, description="Job ID not found"),
            Sighting(state="not_found", words="HTTP 200, code 1: Job ID not found"),
        ),
        (Reply(http_status=404), Sighting(state=None, words="HTTP 404")),
        (
            Reply(http_status=200, code=9, description="Not now"),
            Sighting(state=None, words="HTTP 200, code 9: Not now"),
        ),
        (Fault(kind=FaultKind.TIMEOUT, detail="late"), Sighting(state=None, words="timeout: late")),
    ],
)
def test_what_names_no_state_is_none_or_says_why(answer: JobAnswer, expected: Sighting) -> None:
    assert sighting_of(answer) == expected


def test_states_that_want_a_person_are_asked_for_again() -> None:
    assert set(UNSUBMITTED) == {state.value for state in DRAFT}
    assert {*UNSUBMITTED, *GONE_WRONG} < set(SEEN_STATES) - {state.value for state in AT_REST}
