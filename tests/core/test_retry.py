"""Where a row goes once its attempt has an answer."""

from __future__ import annotations

import pytest

from batcher.core.classify import Verdict
from batcher.core.proof import Trust
from batcher.core.reconcile import Absent, Found, Settled, Untrusted
from batcher.core.retry import (
    Ending,
    OnDoubt,
    RetryPolicy,
    free_again,
    is_looked_up,
    is_unchecked,
    state_after,
    state_once_settled,
    uses_a_try,
)
from batcher.core.row import Doubt, Row
from batcher.core.states import State, may_move

SAME_FOR_ALL = {
    Verdict.DONE: State.DONE,
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

    assert {Verdict.UNREACHED, Verdict.BAD_CREDENTIALS, Verdict.FORBIDDEN, Verdict.PAYMENT_REFUSED} == unused


@pytest.mark.parametrize(("tries", "expected"), [(0, State.PENDING), (2, State.PENDING), (3, State.FAILED)])
def test_a_row_that_made_nothing_fails_with_its_last_try(tries: int, expected: State) -> None:
    assert expected is free_again(tries, POLICY)


def doubt(*, replied: bool = False, state: State = State.IN_DOUBT, tries: int = 1) -> Doubt:
    row = Row(number=1, key="k1", signature="t-1", parameters={}, state=state, tries=tries)
    return Doubt(row=row, attempt=1, open_until=0.0, replied=replied)


UNSEEN = Untrusted("nobody knows")
HELD = Ending(state=State.HELD, error="no look-up can be trusted: nobody knows")
GOES_ON = Ending(state=State.PENDING, unchecked=True)


@pytest.mark.parametrize("on_doubt", list(OnDoubt))
@pytest.mark.parametrize(("settled", "state"), [(Found((7,)), State.DONE), (Absent(), State.PENDING)])
def test_what_a_trusted_look_up_says_is_done(settled: Settled, state: State, on_doubt: OnDoubt) -> None:
    assert Ending(state=state) == state_once_settled(doubt(), settled, RetryPolicy(on_doubt=on_doubt))


@pytest.mark.parametrize(
    ("on_doubt", "expected"), [(OnDoubt.CHECK, HELD), (OnDoubt.HOLD, HELD), (OnDoubt.RESEND, GOES_ON)]
)
def test_silence_without_a_look_up_is_held_unless_resend_is_asked_for(on_doubt: OnDoubt, expected: Ending) -> None:
    assert expected == state_once_settled(doubt(), UNSEEN, RetryPolicy(on_doubt=on_doubt))


@pytest.mark.parametrize(("strict", "expected"), [(False, GOES_ON), (True, HELD)])
def test_a_reported_failure_without_a_look_up_is_believed_unless_strict(strict: bool, expected: Ending) -> None:
    assert expected == state_once_settled(doubt(replied=True), UNSEEN, RetryPolicy(strict_500=strict))


@pytest.mark.parametrize("on_doubt", list(OnDoubt))
def test_what_any_look_up_has_listed_is_never_sent_again(on_doubt: OnDoubt) -> None:
    saw = Untrusted("nobody knows", saw_jobs=True)

    assert state_once_settled(doubt(replied=True), saw, RetryPolicy(on_doubt=on_doubt)) == HELD


def test_a_row_that_was_held_is_pending_however_often_it_was_tried() -> None:
    held = doubt(state=State.HELD, tries=99)

    assert state_once_settled(held, Absent(), POLICY).state is State.PENDING
    assert state_once_settled(held, UNSEEN, RetryPolicy(on_doubt=OnDoubt.RESEND)) == GOES_ON
    assert state_once_settled(held, UNSEEN, POLICY) == HELD


def test_a_row_whose_tries_are_used_up_has_failed() -> None:
    assert state_once_settled(doubt(tries=3), Absent(), POLICY).state is State.FAILED


def test_only_hold_leaves_silence_without_a_look() -> None:
    asked = {
        (on_doubt, replied): is_looked_up(doubt(replied=replied), RetryPolicy(on_doubt=on_doubt))
        for on_doubt in OnDoubt
        for replied in (True, False)
    }

    assert [case for case, is_asked in asked.items() if not is_asked] == [(OnDoubt.HOLD, False)]


def test_only_a_reported_failure_that_is_not_in_doubt_went_on_unchecked() -> None:
    cases = [(verdict, state) for verdict in Verdict for state in State if is_unchecked(verdict, state)]

    assert {verdict for verdict, _ in cases} == {Verdict.REPORTED_FAILURE}
    assert State.IN_DOUBT not in {state for _, state in cases}
