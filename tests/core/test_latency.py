"""When answers count as slow."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from batcher.core.latency import Latency


def judged(latency: Latency, *seconds: float, is_steady: bool = True) -> bool:
    """What is said after these latencies, each noted ten times."""
    for each in seconds * 10:
        latency.note(each)
    return latency.has_grown(is_steady=is_steady)


def used_to(seconds: float) -> Latency:
    """A latency that has settled."""
    latency = Latency()
    judged(latency, *[seconds] * 10)
    return latency


def test_the_first_answers_are_what_is_usual() -> None:
    assert not judged(Latency(), *[20.0] * 10)


def test_few_answers_are_no_ground_for_a_judgement() -> None:
    latency = used_to(0.3)

    assert not judged(latency, 5.0, 5.0)


def test_few_answers_are_kept_until_there_are_more() -> None:
    latency = used_to(0.3)
    judged(latency, 5.0, 5.0)

    assert judged(latency, 5.0, 5.0)


def test_latency_that_trebles_has_grown() -> None:
    assert judged(used_to(0.3), *[0.9] * 4)


def test_a_few_milliseconds_more_are_nobodys_trouble() -> None:
    """Ten times as long, and still quick."""
    assert not judged(used_to(0.003), *[0.03, 0.08, 0.1] * 2)


def test_half_as_much_again_is_nobodys_trouble() -> None:
    assert not judged(used_to(2.0), *[3.0] * 4)


def test_a_single_answer_that_took_very_long_is_nobodys_trouble() -> None:
    latency = used_to(0.3)
    latency.note(120.0)

    assert not judged(latency, *[0.3] * 4)


def test_scatter_is_nobodys_trouble() -> None:
    """A factor of two up or down is an ordinary answer; five thousand batches of it are an ordinary night."""
    dice, latency, grown = random.Random(7), Latency(), 0
    for _ in range(5000):
        for _ in range(32):
            latency.note(0.3 * 2 ** dice.gauss(0, 1))
        grown += latency.has_grown(is_steady=True)

    assert grown <= 5


def test_what_shrinking_does_not_help_is_not_our_making() -> None:
    """The remote has become slower for reasons of its own: it is asked for less once, not ever less."""
    latency = used_to(0.3)

    assert [judged(latency, *[1.5] * 4) for _ in range(5)] == [True, False, False, False, False]


def test_as_long_as_shrinking_helps_it_goes_on() -> None:
    latency = used_to(0.3)

    assert [judged(latency, *[seconds] * 4) for seconds in (2.4, 1.7, 1.2, 0.85, 0.6)] == [True] * 4 + [False]


def test_what_was_measured_while_the_number_grew_is_not_held_against_shrinking() -> None:
    """It was quicker then because there were fewer at first, not because shrinking did not help."""
    latency = used_to(0.3)
    judged(latency, *[1.0] * 4, is_steady=False)

    assert judged(latency, *[1.2] * 4)


def test_what_was_slow_for_long_becomes_usual() -> None:
    """Below the mark it is nobody's trouble; and in the end no later growth is measured by the old days."""
    latency = used_to(0.3)
    for _ in range(2000):
        judged(latency, *[0.6] * 4)

    assert not judged(latency, *[1.1] * 4)


def test_what_is_quicker_is_usual_at_once() -> None:
    latency = used_to(2.0)
    judged(latency, *[0.3] * 4)

    assert judged(latency, *[1.5] * 4)


def test_what_is_forgotten_counts_no_more() -> None:
    latency = used_to(0.3)
    for _ in range(30):
        latency.note(50.0)
    latency.forget()

    assert not judged(latency, *[0.3] * 4)


@given(seconds=st.lists(st.floats(0.0, 1e6), max_size=300))
@settings(max_examples=50, deadline=None)
def test_the_lowest_mean_lies_among_the_latencies(seconds: list[float]) -> None:
    latency = Latency()
    for each in seconds:
        latency.note(each)
        latency.has_grown(is_steady=True)

    noted = [max(0.001, each) for each in seconds]
    assert len(seconds) < 32 or min(noted) * 0.999 <= latency.lowest_s <= max(noted) * 1.001
