"""How many requests go at once: a remote in a box, and no clock but its own."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batcher.core.concurrency import Concurrency
from batcher.core.outcome import Answer, Fault, FaultKind, Reply

CREATED = Reply(http_status=201, code=0, job_id=1)
THROTTLED = Reply(http_status=429)
BUSY = Reply(http_status=503)
FAILED = Reply(http_status=500, code=9, description="custom error")
REJECTED = Reply(http_status=400, code=9)
TIMEOUT = Fault(kind=FaultKind.TIMEOUT)

Remote = Callable[[int, float], tuple[Answer, float]]
"""What a remote answers and after how long, by how many requests it has and the time."""


@dataclass
class World:
    """A remote that is kept as busy as the concurrency allows; ``limits`` are what was allowed, whenever it changed."""

    concurrency: Concurrency
    remote: Remote
    now: float = 0.0
    limits: list[int] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    most_in_flight: int = 0
    _waits: list[tuple[float, int, float, Answer]] = field(default_factory=list)

    def until(self, moment: float) -> World:
        self._fill()
        while self._waits[0][0] <= moment:
            self.now, number, began, answer = heapq.heappop(self._waits)
            self.concurrency.heard(answer, number=number, took_s=self.now - began)
            self.concurrency.end(number)
            self.answers.append(answer)
            if not self.limits or self.limits[-1] != self.concurrency.limit:
                self.limits.append(self.concurrency.limit)
            self._fill()
        return self

    def hang_up(self) -> Concurrency:
        """Ends everything that is under way, unanswered."""
        for _, number, _, _ in self._waits:
            self.concurrency.end(number)
        return self.concurrency

    def _fill(self) -> None:
        while self.concurrency.room:
            number = self.concurrency.start()
            self.most_in_flight = max(self.most_in_flight, self.concurrency.in_flight)
            answer, seconds = self.remote(self.concurrency.in_flight, self.now)
            heapq.heappush(self._waits, (self.now + seconds, number, self.now, answer))


def steady(seconds: float = 1.0, answer: Answer = CREATED) -> Remote:
    return lambda in_flight, now: (answer, seconds)


def overloaded_above(most: int, answer: Answer = THROTTLED) -> Remote:
    """Does not take more than so many at once, and says so at once."""
    return lambda in_flight, now: (answer, 0.01) if in_flight > most else (CREATED, 1.0)


def world(remote: Remote, most: int = 64, *, adapts: bool = True) -> World:
    return World(Concurrency(most=most, adapts=adapts), remote)


def grown(most: int = 64) -> Concurrency:
    """One that has grown to its bound."""
    concurrency = world(steady(), most).until(20).hang_up()
    assert (concurrency.limit, concurrency.in_flight) == (most, 0)
    return concurrency


# Growing


@pytest.mark.parametrize(("most", "first"), [(1, 1), (3, 3), (4, 4), (16, 4), (64, 8), (2000, 44)])
def test_it_begins_with_few(most: int, first: int) -> None:
    assert Concurrency(most=most).limit == first


def test_it_doubles_each_round_trip_up_to_its_bound() -> None:
    seen = world(steady(), 64).until(6.5)

    assert (seen.limits, seen.most_in_flight) == ([8, 16, 32, 64], 64)


def test_a_quick_remote_next_door_gets_all_within_a_few_round_trips_and_keeps_them() -> None:
    """Its answers queue behind each other, so they take ever longer; but it is a matter of milliseconds."""
    dice = random.Random(3)
    seen = world(lambda in_flight, now: (CREATED, 0.0005 * in_flight * 3 ** dice.gauss(0, 1)), 16).until(60)

    assert seen.limits == [4, 8, 16]


def test_rows_that_are_rejected_show_that_the_remote_copes() -> None:
    assert world(steady(answer=REJECTED)).until(4.5).limits[-1] == 64


def test_failures_show_nothing() -> None:
    assert world(steady(answer=FAILED)).until(60).limits == [8]


def test_what_is_not_made_use_of_does_not_grow() -> None:
    """Paced to two at a time, nothing is known of what more would do."""
    concurrency = Concurrency(most=16)
    for _ in range(500):
        numbers = [concurrency.start(), concurrency.start()]
        for number in numbers:
            concurrency.heard(CREATED, number=number, took_s=0.1)
            concurrency.end(number)

    assert concurrency.limit == 4


def test_fixed_it_stays_as_it_is_whatever_happens() -> None:
    dice = random.Random(1)
    fixed = world(lambda in_flight, now: (dice.choice([CREATED, THROTTLED, TIMEOUT]), dice.random() * 99), adapts=False)
    fixed.concurrency.restart()

    assert set(fixed.until(1000).limits) == {64}


# Shrinking


@pytest.mark.parametrize("strain", [THROTTLED, BUSY, Reply(http_status=503, retry_after_s=5.0)])
def test_strain_takes_a_third(strain: Answer) -> None:
    concurrency = grown()
    numbers = [concurrency.start() for _ in range(64)]

    assert concurrency.heard(strain, number=numbers[0], took_s=0.1) == f"HTTP {strain.http_status}"
    assert concurrency.limit == 44


def test_fifty_answers_to_one_burst_are_one_strain() -> None:
    concurrency = grown()
    numbers = [concurrency.start() for _ in range(50)]

    told = [concurrency.heard(THROTTLED, number=number, took_s=0.1) for number in numbers]

    assert (concurrency.limit, told) == (44, ["HTTP 429"] + [None] * 49)


def test_strain_that_lasts_takes_a_third_each_round_trip_down_to_one() -> None:
    troubled = World(grown(), steady(answer=THROTTLED)).until(20)

    assert troubled.limits == [44, 30, 21, 14, 9, 6, 4, 2, 1]


@pytest.mark.parametrize(
    "answer",
    [
        FAILED,
        Reply(http_status=500),
        Reply(http_status=502),
        Reply(http_status=404),
        Reply(http_status=201, code=0, job_id=0),
        Fault(kind=FaultKind.RESET),
        Fault(kind=FaultKind.CONNECT),
        Fault(kind=FaultKind.WITHHELD),
    ],
    ids=str,
)
def test_a_failure_of_a_row_and_a_fault_are_no_strain(answer: Answer) -> None:
    assert World(grown(), steady(30.0, answer)).until(300).limits == [64]


def test_latency_that_grows_with_the_number_in_flight_is_strain() -> None:
    """A remote with room for eight: what is more only queues there."""
    seen = world(lambda in_flight, now: (CREATED, 0.3 * max(1.0, in_flight / 8)), 200).until(60)

    assert max(seen.limits) <= 64
    assert seen.concurrency.limit < 40
    assert min(seen.limits[4:]) >= 8


def test_a_remote_that_becomes_slow_by_itself_is_asked_for_less_once_and_then_for_as_much_again() -> None:
    seen = world(lambda in_flight, now: (CREATED, 0.3 if now < 30 else 2.0), 16).until(28)
    before = list(seen.limits)

    seen.until(300)

    assert (before, min(seen.limits[3:]), seen.concurrency.limit) == ([4, 8, 16], 11, 16)


def test_timeouts_are_answers_that_took_long() -> None:
    seen = world(lambda in_flight, now: (TIMEOUT, 120.0) if now > 30 else (CREATED, 0.3), 16).until(300)

    assert seen.concurrency.limit < 16


def test_one_timeout_among_many_answers_changes_nothing() -> None:
    dice = random.Random(5)
    rare = world(lambda in_flight, now: (TIMEOUT, 120.0) if dice.random() < 0.01 else (CREATED, 0.3), 16).until(2000)

    assert rare.limits == [4, 8, 16]


# The ceiling


def test_it_grows_back_quickly_to_just_below_where_strain_came_and_then_slowly() -> None:
    seen = World(grown(), lambda in_flight, now: (THROTTLED if now < 0.5 else CREATED, 1.0))

    quick = list(seen.until(6.5).limits)

    assert quick == [44, 54, 59, 61, 62, 63]
    assert seen.until(13.5).limits == quick
    assert seen.until(16.5).limits == [*quick, 64]


def test_of_a_remote_that_takes_so_many_nearly_all_are_used_and_few_are_refused() -> None:
    seen = world(overloaded_above(20)).until(2000)

    refused, made = seen.answers.count(THROTTLED), seen.answers.count(CREATED)
    assert made > 0.85 * 20 * 2000
    assert refused < 0.02 * made


def test_a_remote_that_takes_more_again_gets_more_again() -> None:
    seen = world(lambda in_flight, now: overloaded_above(8 if now < 100 else 64)(in_flight, now)).until(100)
    before = seen.concurrency.limit

    assert (before <= 9, seen.until(600).concurrency.limit) == (True, 64)


def test_trouble_with_few_in_flight_is_not_blamed_on_many() -> None:
    """Three were too many, so the next try is with two, however many were allowed."""
    concurrency = grown()
    concurrency.heard(THROTTLED, number=concurrency.start(), took_s=0.1)
    few = [concurrency.start(), concurrency.start()]
    concurrency.heard(THROTTLED, number=few[0], took_s=0.1)

    assert concurrency.limit == 2


# After an outage


def test_after_an_outage_it_begins_with_few_again() -> None:
    concurrency = grown()

    concurrency.restart()

    assert concurrency.limit == 8


def test_what_hangs_since_before_an_outage_takes_nobodys_place() -> None:
    concurrency = grown()
    hanging = [concurrency.start() for _ in range(40)]
    concurrency.restart()

    room = concurrency.room
    for number in hanging:
        concurrency.end(number)

    assert (room, concurrency.room, concurrency.in_flight) == (8, 8, 0)


def test_an_outage_does_not_raise_a_limit_that_was_lower() -> None:
    concurrency = World(Concurrency(most=64), steady(answer=THROTTLED)).until(20).concurrency

    concurrency.restart()

    assert concurrency.limit == 1


# Whatever happens

events = st.lists(
    st.one_of(
        st.just("start"),
        st.just("restart"),
        st.tuples(
            st.sampled_from([CREATED, CREATED, CREATED, THROTTLED, BUSY, FAILED, REJECTED, TIMEOUT]),
            st.floats(0.0, 200.0),
            st.integers(0, 63),
        ),
    ),
    max_size=400,
)


@given(events=events, most=st.integers(1, 64))
@settings(max_examples=100, deadline=None)
def test_the_limit_is_never_below_one_nor_above_its_bound_and_no_more_than_that_start(
    events: list[object], most: int
) -> None:
    concurrency, under_way = Concurrency(most=most), []
    for event in events:
        before = concurrency.limit
        if event == "start" and concurrency.room:
            under_way.append(concurrency.start())
            assert concurrency.in_flight <= concurrency.limit
        elif event == "restart":
            concurrency.restart()
            assert concurrency.limit <= before
        elif isinstance(event, tuple) and under_way:
            answer, seconds, which = event
            number = under_way.pop(which % len(under_way))
            strain = concurrency.heard(answer, number=number, took_s=seconds)
            concurrency.end(number)
            assert concurrency.limit <= before or strain is None
            assert answer not in (THROTTLED, BUSY) or concurrency.limit <= before
        assert 1 <= concurrency.limit <= most
        assert concurrency.in_flight >= 0


@given(most=st.integers(1, 200), answers=st.lists(st.sampled_from([CREATED, THROTTLED]), max_size=300))
@settings(max_examples=50, deadline=None)
def test_more_trouble_never_leaves_more_at_once(most: int, answers: list[Answer]) -> None:
    """The same answers with one more 429 at the end allow no more than without it."""
    calm, troubled = Concurrency(most=most), Concurrency(most=most)
    for concurrency in (calm, troubled):
        for answer in answers:
            number = concurrency.start()
            concurrency.heard(answer, number=number, took_s=0.3)
            concurrency.end(number)
    troubled.heard(THROTTLED, number=troubled.start(), took_s=0.3)

    assert troubled.limit <= calm.limit


@given(rate=st.floats(0.0, 1.0), seed=st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_a_remote_that_stops_complaining_gets_everything_in_the_end(rate: float, seed: int) -> None:
    dice = random.Random(seed)
    seen = world(lambda in_flight, now: (THROTTLED if now < 30 and dice.random() < rate else CREATED, 0.5), 32)

    assert seen.until(300).concurrency.limit == 32
