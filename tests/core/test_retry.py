"""Where a row goes once its attempt has an answer."""

from __future__ import annotations

import pytest

from batcher.core.classify import Verdict
from batcher.core.proof import Trust
from batcher.core.retry import RetryPolicy, free_again, state_after, uses_a_try
from batcher.core.states import State, may_move

SAME_FOR_ALL = {
    Verdict.CREATED: State.DONE,
    Verdict.REJECTED: State.REJECTED,
    Verdict.UNREACHED: State.PENDING,
    Verdict.BAD_CREDENTIALS: State.PENDING,
    Verdict.FORBIDDEN: State.PENDING,
    Verdict.NO_VERDICT: State.IN_DOUBT,
    Verdict.REDIRECTED: State.IN_DOUBT,
}
COUNTED = (Verdict.NOT_MADE, Verdict.NOT_FOUND)
POLICY = RetryPolicy(max_attempts=3)


@pytest.mark.parametrize("trust", list(Trust))
@pytest.mark.parametrize("tries", [1, 3, 100])
@pytest.mark.parametrize(("verdict", "expected"), SAME_FOR_ALL.items())
def test_most_verdicts_lead_to_one_state(verdict: Verdict, expected: State, tries: int, trust: Trust) -> None:
    assert expected is state_after(verdict, tries=tries, trust=trust, policy=POLICY)


@pytest.mark.parametrize("verdict", COUNTED)
@pytest.mark.parametrize(("tries", "expected"), [(1, State.PENDING), (2, State.PENDING), (3, State.FAILED)])
def test_what_made_nothing_is_tried_until_the_tries_are_used_up(verdict: Verdict, tries: int, expected: State) -> None:
    assert expected is state_after(verdict, tries=tries, trust=Trust.UNKNOWN, policy=POLICY)


@pytest.mark.parametrize("trust", [Trust.UNKNOWN, Trust.PROVEN])
def test_a_reported_failure_is_looked_up_first_while_that_may_be_trusted(trust: Trust) -> None:
    assert state_after(Verdict.REPORTED_FAILURE, tries=1, trust=trust, policy=POLICY) is State.IN_DOUBT


@pytest.mark.parametrize(("tries", "expected"), [(1, State.PENDING), (3, State.FAILED)])
def test_where_no_look_up_can_be_trusted_the_remotes_own_word_is_taken(tries: int, expected: State) -> None:
    assert expected is state_after(Verdict.REPORTED_FAILURE, tries=tries, trust=Trust.BROKEN, policy=POLICY)


@pytest.mark.parametrize("trust", list(Trust))
def test_strict_500_never_takes_the_remotes_word(trust: Trust) -> None:
    policy = RetryPolicy(strict_500=True)

    assert state_after(Verdict.REPORTED_FAILURE, tries=1, trust=trust, policy=policy) is State.IN_DOUBT


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("trust", list(Trust))
def test_every_verdict_leads_along_an_arrow_of_the_picture(verdict: Verdict, trust: Trust) -> None:
    states = {state_after(verdict, tries=tries, trust=trust, policy=POLICY) for tries in (1, 3)}

    assert [state for state in states if not may_move(State.SENDING, state)] == []


def test_a_try_is_used_only_where_the_remote_may_have_seen_the_row() -> None:
    unused = {verdict for verdict in Verdict if not uses_a_try(verdict)}

    assert {Verdict.UNREACHED, Verdict.BAD_CREDENTIALS, Verdict.FORBIDDEN} == unused


@pytest.mark.parametrize(("tries", "expected"), [(0, State.PENDING), (2, State.PENDING), (3, State.FAILED)])
def test_a_row_that_made_nothing_fails_with_its_last_try(tries: int, expected: State) -> None:
    assert expected is free_again(tries, POLICY)
