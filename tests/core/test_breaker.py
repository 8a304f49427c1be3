"""The breaker, on a clock driven by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batcher.core.breaker import Breaker, is_trouble
from batcher.core.outcome import Fault, FaultKind, Reply


def troubled(times: int, *, threshold: int = 3, now: float = 0.0) -> Breaker:
    """A breaker that has heard of so much trouble in a row."""
    breaker = Breaker(threshold=threshold, backoff_s=1.0, max_backoff_s=10.0)
    for _ in range(times):
        breaker.heard(now, trouble=True)
    return breaker


def test_it_opens_with_the_troubles_in_a_row_that_make_its_threshold() -> None:
    breaker = Breaker(threshold=3, backoff_s=1.0)

    news = [breaker.heard(0.0, trouble=True) for _ in range(3)]

    assert (news, breaker.closed) == ([False, False, True], False)


def test_one_good_answer_starts_the_count_again() -> None:
    breaker = troubled(2)
    breaker.heard(0.0, trouble=False)
    breaker.heard(0.0, trouble=True)
    breaker.heard(0.0, trouble=True)

    assert breaker.closed


def test_closed_it_lets_everybody_start() -> None:
    assert (troubled(2).room(0.0, 7), troubled(2).wait_s(0.0)) == (7, 0.0)


def test_open_it_lets_nobody_start_and_says_how_long() -> None:
    breaker = troubled(3)

    assert (breaker.room(0.6, 7), breaker.wait_s(0.6)) == (0, 0.4)


def test_after_its_pause_it_lets_one_start_and_nobody_beside_it() -> None:
    breaker = troubled(3)

    assert (breaker.room(1.0, 7), breaker.room(1.0, 7)) == (1, 0)


def test_no_trial_is_spent_where_nobody_wants_to_start() -> None:
    breaker = troubled(3)

    assert (breaker.room(1.0, 0), breaker.room(1.0, 1)) == (0, 1)


def test_each_trial_that_fails_doubles_the_pause_up_to_its_limit() -> None:
    breaker, now, pauses = troubled(3), 0.0, []
    for _ in range(6):
        pauses.append(breaker.wait_s(now))
        now += breaker.wait_s(now)
        breaker.room(now, 1)
        breaker.heard(now, trouble=True)

    assert pauses == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


def test_a_trial_that_goes_well_closes_it() -> None:
    breaker = troubled(3)
    breaker.room(1.0, 1)

    news = breaker.heard(1.5, trouble=False)

    assert (news, breaker.closed, breaker.room(1.5, 9)) == (False, True, 9)


def test_once_closed_the_pause_begins_small_again() -> None:
    breaker = troubled(3)
    breaker.room(1.0, 1)
    breaker.heard(1.0, trouble=True)
    breaker.heard(3.0, trouble=False)
    for _ in range(3):
        breaker.heard(5.0, trouble=True)

    assert breaker.wait_s(5.0) == 1.0


def test_trouble_of_those_still_in_flight_does_not_prolong_the_pause() -> None:
    breaker = troubled(3)

    news = [breaker.heard(0.5, trouble=True) for _ in range(10)]

    assert (news, breaker.wait_s(0.5)) == ([False] * 10, 0.5)


def test_a_trial_that_was_never_sent_makes_room_for_another() -> None:
    breaker = troubled(3)
    breaker.room(1.0, 1)

    breaker.forget_trial()

    assert breaker.room(1.0, 7) == 1


def test_an_outage_counts_from_its_first_trouble() -> None:
    breaker = troubled(1, now=10.0)
    breaker.heard(14.0, trouble=True)

    assert breaker.outage_s(20.0) == 10.0


def test_an_outage_is_over_with_the_first_good_answer() -> None:
    breaker = troubled(5)
    breaker.heard(14.0, trouble=False)

    assert breaker.outage_s(20.0) == 0.0


@pytest.mark.parametrize("status", [200, 201, 408, 500, 502, 503, 504, 520, 521, 522, 523, 524])
def test_an_answer_that_is_not_the_vendors_and_leaves_a_doubt_is_trouble(status: int) -> None:
    """A page from the edge, or a stranger at a wrong address: it must not happen to every row."""
    assert is_trouble(Reply(http_status=status))


@pytest.mark.parametrize("status", [200, 201, 400, 408, 500, 503])
def test_what_the_vendor_says_of_one_row_is_no_trouble(status: int) -> None:
    assert not is_trouble(Reply(http_status=status, code=9))


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 422, 429])
def test_an_answer_that_has_a_meaning_of_its_own_is_no_trouble(status: int) -> None:
    assert not is_trouble(Reply(http_status=status))


def test_a_503_that_says_when_to_come_again_is_no_trouble() -> None:
    """The pace waits for it; the breaker need not."""
    assert not is_trouble(Reply(http_status=503, retry_after_s=5.0))


def test_every_fault_is_trouble_but_those_of_our_own_making() -> None:
    ours = {kind for kind in FaultKind if not is_trouble(Fault(kind=kind))}

    assert ours == {FaultKind.STALE_INTENT, FaultKind.WITHHELD, FaultKind.CANCELLED}


steps = st.lists(
    st.tuples(st.sampled_from(["ask", "good", "bad", "forget"]), st.floats(0.0, 5.0)), min_size=1, max_size=80
)


@given(steps=steps, threshold=st.integers(1, 6))
@settings(max_examples=50, deadline=None)
def test_never_two_trials_at_once_and_never_one_before_its_time(steps: list[tuple[str, float]], threshold: int) -> None:
    breaker, now, trials = Breaker(threshold=threshold, backoff_s=0.5, max_backoff_s=4.0), 0.0, 0
    wrong = []
    for step, pause_s in steps:
        now += pause_s
        if step == "ask":
            waits, was_open = breaker.wait_s(now), not breaker.closed
            room = breaker.room(now, 5)
            if was_open:
                trials += room
                if room > 1 or trials > 1 or (room and waits > 0):
                    wrong.append((step, now, room))
            elif room != 5:
                wrong.append((step, now, room))
        elif step == "forget":
            breaker.forget_trial()
            trials = 0
        elif breaker.heard(now, trouble=step == "bad") or breaker.closed:
            trials = 0
        if breaker.wait_s(now) > 4.0:
            wrong.append((step, now, breaker.wait_s(now)))

    assert wrong == []
