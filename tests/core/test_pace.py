"""How fast attempts may start, on a clock driven by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batcher.core.pace import Pace, parse_rate


@pytest.mark.parametrize(
    ("text", "per_s"),
    [
        ("10", 10.0),
        ("10/s", 10.0),
        ("2.5/sec", 2.5),
        ("1/second", 1.0),
        ("120/min", 2.0),
        ("60/m", 1.0),
        ("90/minute", 1.5),
        ("3600/h", 1.0),
        ("1800/hour", 0.5),
        (" 10 / s ", 10.0),
    ],
)
def test_a_rate_is_a_number_a_unit(text: str, per_s: float) -> None:
    assert per_s == parse_rate(text)


@pytest.mark.parametrize(
    "text",
    ["", "0", "0/s", "0.0/h", "-1", "ten", "10/", "10/day", "/s", "1e3", "inf", "nan", "10/s/s", "١٠", ".5", "9" * 400],
)
def test_what_is_no_rate_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write it like 10/s"):
        parse_rate(text)


def test_without_a_rate_everything_is_granted() -> None:
    assert Pace(None).take(0.0, 1000) == 1000


def test_a_low_rate_starts_one_at_a_time() -> None:
    pace = Pace(2.0)

    granted = [(now, pace.take(now, 100)) for now in (0.0, 0.1, 0.4, 0.5, 0.6, 0.9, 1.0)]

    assert granted == [(0.0, 1), (0.1, 0), (0.4, 0), (0.5, 1), (0.6, 0), (0.9, 0), (1.0, 1)]


def test_a_pause_saves_up_no_permits() -> None:
    pace = Pace(2.0)
    pace.take(0.0, 1)

    after_a_minute = [pace.take(60.0, 100), pace.take(60.1, 100)]

    assert after_a_minute == [1, 0]


def test_a_high_rate_is_granted_in_batches_of_50_ms() -> None:
    pace = Pace(1000.0)

    assert (pace.take(0.0, 1000), pace.take(0.04, 1000), pace.take(0.05, 1000)) == (50, 0, 50)


def test_no_more_is_granted_than_wanted() -> None:
    assert [Pace(1000.0).take(0.0, wanted) for wanted in (-1, 0, 3)] == [0, 0, 3]


def test_the_wait_is_until_the_next_permit() -> None:
    pace = Pace(4.0)
    pace.take(10.0, 1)

    assert (pace.wait_s(10.0), pace.wait_s(11.0)) == (0.25, 0.0)


def test_a_retry_after_holds_everybody() -> None:
    pace = Pace(None)
    pace.hold_until(5.0)

    assert (pace.take(0.0, 7), pace.wait_s(0.0), pace.take(5.0, 7)) == (0, 5.0, 7)


def test_a_shorter_hold_does_not_end_a_longer_one() -> None:
    pace = Pace(None)
    pace.hold_until(5.0)
    pace.hold_until(3.0)

    assert pace.wait_s(0.0) == 5.0


asked = st.lists(st.tuples(st.floats(0.0, 0.5), st.integers(0, 300)), min_size=1, max_size=60)


@given(per_s=st.floats(0.1, 5000.0), asked=asked)
@settings(max_examples=50, deadline=None)
def test_no_window_grants_more_than_the_rate_and_one_batch(per_s: float, asked: list[tuple[float, int]]) -> None:
    pace, now, grants = Pace(per_s), 0.0, []
    for pause_s, wanted in asked:
        now += pause_s
        grants.append((now, pace.take(now, wanted)))
    burst = max(1, int(per_s * 0.05))

    over = [
        (begin, end)
        for first, (begin, _) in enumerate(grants)
        for last, (end, _) in enumerate(grants[first:], first)
        if sum(count for _, count in grants[first : last + 1]) > per_s * (end - begin) + burst + 1e-6
    ]

    assert over == []


@given(per_s=st.floats(0.5, 2000.0))
@settings(max_examples=30, deadline=None)
def test_whoever_waits_as_told_reaches_the_rate(per_s: float) -> None:
    """The rate is not only a limit: a caller who always comes back on time gets it."""
    pace, now, granted = Pace(per_s), 0.0, 0
    while granted < 200:
        granted += pace.take(now, 200 - granted)
        now += max(pace.wait_s(now), 1e-9)

    assert granted / per_s == pytest.approx(now, rel=0.01, abs=1e-3)
