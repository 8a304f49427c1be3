"""The breaker, on a clock driven by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batcher.core.breaker import Breaker, Phase, is_there, is_trouble
from batcher.core.outcome import Fault, FaultKind, Reply


def troubled(times: int, *, threshold: int = 3, now: float = 0.0) -> Breaker:
    """A breaker that has heard of so much trouble in a row."""
    breaker = Breaker(threshold=threshold, backoff_s=1.0, max_backoff_s=10.0)
    for _ in range(times):
        breaker.heard(now, trouble=True, turn=0)
    return breaker


def trying(now: float = 1.0) -> Breaker:
    """A breaker whose pause is over, and whose probe was answered: one row is on its way."""
    breaker = troubled(3)
    breaker.begin_probe()
    breaker.probed(now, there=True)
    breaker.room(1)
    return breaker


def test_it_opens_with_the_troubles_in_a_row_that_make_its_threshold() -> None:
    breaker = Breaker(threshold=3, backoff_s=1.0)

    news = [breaker.heard(0.0, trouble=True, turn=0) for _ in range(3)]

    assert (news, breaker.closed) == ([False, False, True], False)


def test_one_good_answer_starts_the_count_again() -> None:
    breaker = troubled(2)
    breaker.heard(0.0, trouble=False, turn=0)
    breaker.heard(0.0, trouble=True, turn=0)
    breaker.heard(0.0, trouble=True, turn=0)

    assert breaker.closed


def test_closed_it_lets_everybody_start() -> None:
    breaker = troubled(2)

    assert (breaker.room(7), breaker.wait_s(0.0), breaker.may_probe(0.0)) == (7, 0.0, False)


def test_open_it_lets_nobody_start_and_says_how_long() -> None:
    breaker = troubled(3)

    assert (breaker.room(7), breaker.may_probe(0.6), breaker.wait_s(0.6)) == (0, False, 0.4)


def test_after_its_pause_it_asks_before_it_lets_anybody_start() -> None:
    breaker = troubled(3)

    assert (breaker.may_probe(1.0), breaker.room(7)) == (True, 0)


def test_while_it_asks_nobody_starts_and_nobody_asks_again() -> None:
    breaker = troubled(3)
    breaker.begin_probe()

    assert (breaker.may_probe(1.0), breaker.room(7), breaker.may_go(1)) == (False, 0, False)


def test_a_probe_that_is_answered_lets_one_start_and_nobody_beside_it() -> None:
    breaker = troubled(3)
    breaker.begin_probe()
    breaker.probed(1.0, there=True)

    assert (breaker.room(7), breaker.room(7)) == (1, 0)


def test_no_trial_is_spent_where_nobody_wants_to_start() -> None:
    breaker = troubled(3)
    breaker.begin_probe()
    breaker.probed(1.0, there=True)

    assert (breaker.room(0), breaker.room(1)) == (0, 1)


@pytest.mark.parametrize("fails", ["probe", "trial"])
def test_each_probe_or_trial_that_fails_doubles_the_pause_up_to_its_limit(fails: str) -> None:
    breaker, now, pauses = troubled(3), 0.0, []
    for _ in range(6):
        pauses.append(breaker.wait_s(now))
        now += breaker.wait_s(now)
        breaker.begin_probe()
        breaker.probed(now, there=fails == "trial")
        if fails == "trial":
            breaker.room(1)
            breaker.heard(now, trouble=True, turn=breaker.turn)

    assert pauses == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


def test_a_trial_that_goes_well_closes_it() -> None:
    breaker = trying()

    news = breaker.heard(1.5, trouble=False, turn=breaker.turn)

    assert (news, breaker.closed, breaker.room(9)) == (False, True, 9)


def test_once_closed_the_pause_begins_small_again() -> None:
    breaker = trying()
    breaker.heard(1.0, trouble=True, turn=breaker.turn)
    breaker.begin_probe()
    breaker.probed(3.0, there=True)
    breaker.room(1)
    breaker.heard(3.0, trouble=False, turn=breaker.turn)
    for _ in range(3):
        breaker.heard(5.0, trouble=True, turn=breaker.turn)

    assert breaker.wait_s(5.0) == 1.0


def test_those_still_in_flight_neither_prolong_the_pause_nor_end_it() -> None:
    breaker = troubled(3)

    news = [breaker.heard(0.5, trouble=trouble, turn=0) for trouble in (True, False, True, True, True)]

    assert (news, breaker.phase, breaker.wait_s(0.5)) == ([False] * 5, Phase.PAUSED, 0.5)


@pytest.mark.parametrize("trouble", [True, False])
def test_an_answer_from_before_the_pause_is_no_answer_to_the_trial(trouble: bool) -> None:
    """A row that hung since before is no word about the remote as it is now."""
    breaker = trying()

    breaker.heard(1.2, trouble=trouble, turn=breaker.turn - 1)

    assert breaker.phase is Phase.TRYING


def test_trouble_from_before_the_pause_does_not_open_it_anew() -> None:
    breaker = trying()
    breaker.heard(1.0, trouble=False, turn=breaker.turn)

    for _ in range(10):
        breaker.heard(1.2, trouble=True, turn=breaker.turn - 1)

    assert breaker.closed


def test_who_was_let_start_before_the_pause_and_has_not_may_not_go_beside_the_trial() -> None:
    breaker = trying()

    assert (breaker.may_go(breaker.turn - 1), breaker.may_go(breaker.turn)) == (False, True)


def test_a_trial_that_was_never_sent_makes_room_for_another_without_a_new_probe() -> None:
    breaker = trying()

    breaker.forget_trial(breaker.turn)

    assert (breaker.may_probe(1.0), breaker.room(7)) == (False, 1)


def test_a_row_from_before_the_pause_that_was_never_sent_is_no_trial() -> None:
    breaker = trying()

    breaker.forget_trial(breaker.turn - 1)

    assert breaker.room(7) == 0


def test_an_outage_counts_from_its_first_trouble() -> None:
    breaker = troubled(1, now=10.0)
    breaker.heard(14.0, trouble=True, turn=0)

    assert breaker.outage_s(20.0) == 10.0


def test_an_answered_probe_alone_does_not_end_an_outage() -> None:
    breaker = troubled(3)
    breaker.begin_probe()
    breaker.probed(1.0, there=True)

    assert breaker.outage_s(20.0) == 20.0


def test_an_outage_is_over_with_the_first_good_answer() -> None:
    breaker = trying()
    breaker.heard(14.0, trouble=False, turn=breaker.turn)

    assert breaker.outage_s(20.0) == 0.0


@pytest.mark.parametrize("status", [200, 201, 302, 408, 500, 502, 503, 504, 520, 521, 522, 523, 524])
def test_an_answer_that_is_not_the_vendors_and_leaves_a_doubt_is_trouble(status: int) -> None:
    """A page from the edge, or a stranger at a wrong address: it must not happen to every row."""
    assert is_trouble(Reply(http_status=status))


@pytest.mark.parametrize("status", [200, 201, 400, 408, 500, 503])
def test_what_the_vendor_says_of_one_row_is_no_trouble(status: int) -> None:
    assert not is_trouble(Reply(http_status=status, code=9))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 429])
def test_an_answer_that_has_a_meaning_of_its_own_is_no_trouble(status: int) -> None:
    assert not is_trouble(Reply(http_status=status))


def test_a_503_that_says_when_to_come_again_is_no_trouble() -> None:
    """The pace waits for it; the breaker need not."""
    assert not is_trouble(Reply(http_status=503, retry_after_s=5.0))


def test_every_fault_is_trouble_but_those_of_our_own_making() -> None:
    ours = {kind for kind in FaultKind if not is_trouble(Fault(kind=kind))}

    assert ours == {FaultKind.STALE_INTENT, FaultKind.WITHHELD, FaultKind.CANCELLED}


def test_somebody_is_there_who_answers_the_probe_whatever_it_says() -> None:
    """Not every account may ask for its credit."""
    there = {status for status in range(200, 600) if is_there(Reply(http_status=status))}

    assert there == set(range(200, 300)) | set(range(400, 500)) - {408, 429}


@pytest.mark.parametrize("kind", FaultKind)
def test_nobody_is_there_where_the_probe_meets_a_fault(kind: FaultKind) -> None:
    assert not is_there(Fault(kind=kind, http_status=200))


class Watched:
    """A breaker, and what must hold of it whatever happens; ``wrong`` is when it did not."""

    def __init__(self, threshold: int) -> None:
        self.breaker = Breaker(threshold=threshold, backoff_s=0.5, max_backoff_s=4.0)
        self.now = 0.0
        self.is_asked = self.is_answered = False
        self.trials = 0
        self.wrong: list[str] = []

    def step(self, step: str, pause_s: float) -> None:
        self.now += pause_s
        if step == "want":
            self._want()
        elif step == "forget":
            self.breaker.forget_trial(self.breaker.turn)
            self.trials = 0
        elif step in {"there", "away"} and self.is_asked:
            self.breaker.probed(self.now, there=step == "there")
            self.is_asked, self.is_answered = False, step == "there"
        elif step in {"good", "bad"} and (self.trials or self.breaker.closed):
            turn = self.breaker.turn
            self.breaker.heard(self.now, trouble=step == "bad", turn=turn)
            if self.breaker.turn != turn or self.breaker.closed:
                self.trials, self.is_answered = 0, False
        elif step in {"old good", "old bad"}:
            before = (self.breaker.phase, self.breaker.open_until)
            self.breaker.heard(self.now, trouble=step == "old bad", turn=self.breaker.turn - 1)
            self._expect(before == (self.breaker.phase, self.breaker.open_until), "moved by an old answer")
        self._expect(self.breaker.wait_s(self.now) <= 4.0, "waits too long")

    def _want(self) -> None:
        is_early, was_closed = self.breaker.wait_s(self.now) > 0, self.breaker.closed
        if self.breaker.may_probe(self.now):
            self._expect(not (is_early or self.is_asked or self.trials), "asked too early, or twice")
            self.breaker.begin_probe()
            self.is_asked = True
        elif (room := self.breaker.room(5)) and not was_closed:
            self.trials += room
            self._expect(self.trials == 1 and self.is_answered and not is_early, "tried too early, or twice")

    def _expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.wrong.append(f"{self.now}: {otherwise}")


steps = st.lists(
    st.tuples(
        st.sampled_from(["want", "there", "away", "good", "bad", "old good", "old bad", "forget"]), st.floats(0.0, 5.0)
    ),
    min_size=1,
    max_size=120,
)


@given(steps=steps, threshold=st.integers(1, 6))
@settings(max_examples=100, deadline=None)
def test_never_a_trial_without_a_probe_nor_two_at_once_nor_one_before_its_time(
    steps: list[tuple[str, float]], threshold: int
) -> None:
    watched = Watched(threshold)
    for step, pause_s in steps:
        watched.step(step, pause_s)

    assert watched.wrong == []
