"""What a run says that it waits for."""

import pytest

from batcher.core.events import BreakerClosed, BreakerOpened, ConcurrencyChanged, DrainStarted, Event, PaceChanged
from batcher.observe.counts import Counts
from batcher.observe.standing import Patience, Standing

from .builders import Clock, created, in_doubt, started

OUTAGE = BreakerOpened(reason="connect: refused", wait_s=8.0, outage_s=7.5)
PATIENCE = Patience(settle_s=300, max_outage_s=900, drain_timeout_s=25)


def words_after(*events: Event, seconds: float = 0.0, patience: Patience = PATIENCE) -> str | None:
    clock, counts = Clock(), Counts()
    standing = Standing(clock, patience)
    for event in events:
        counts(event)
        standing(event)
    clock.go(seconds)
    return standing.words(counts)


def test_a_run_that_works_waits_for_nothing():
    """Doubts are settled beside the work."""
    assert words_after(started(to_send=3), in_doubt(), created()) is None


def test_an_outage_says_since_when_how_long_and_why():
    """The times go on while nothing happens."""
    said = words_after(started(), OUTAGE, seconds=2.5)

    assert said == ("paused, the remote is in trouble for 0:10, gives up at 15:00; next try in 0:06 (connect: refused)")
    assert (words_after(started(), OUTAGE, seconds=9, patience=Patience()) or "").endswith(
        "; trying (connect: refused)"
    )


def test_an_outage_that_is_over_is_no_longer_told():
    """The run goes on."""
    assert words_after(started(), OUTAGE, BreakerClosed(outage_s=9.0)) is None


@pytest.mark.parametrize(("seconds", "words"), [(2, "the remote asks to wait 0:04 (HTTP 429)"), (5.5, None)])
def test_a_pause_that_the_remote_asked_for(seconds: float, words: str | None):
    """What is shorter than a second is not worth a line."""
    pause = PaceChanged(reason="HTTP 429", wait_s=6.0, concurrency=16)

    assert words_after(started(), pause, seconds=seconds) == words


def test_fewer_at_once_is_no_pause_and_ends_none():
    """A slower remote is told in another place."""
    pause = PaceChanged(reason="HTTP 429", wait_s=6.0, concurrency=16)
    fewer = PaceChanged(reason="answers take longer", wait_s=0.0, concurrency=8)

    assert words_after(started(), fewer) is None
    assert words_after(started(), pause, fewer) == "the remote asks to wait 0:06 (HTTP 429)"


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ([], None),
        ([4], None),
        ([4, 8], None),
        ([4, 8, 16, 11], "11 of 16 at once"),
        ([4, 2, 3], "3 of 16 at once"),
        ([4, 8, 16, 11, 16], None),
    ],
)
def test_how_many_at_once_is_told_where_the_remote_holds_them_back(limits: list[int], words: str | None):
    """Not while a run begins with few, nor when it has all again."""
    standing = Standing(Clock())
    for limit in limits:
        standing(ConcurrencyChanged(limit=limit, most=16))

    assert standing.at_once() == words


def test_only_doubts_are_left():
    """Why a run at 99 % does not end, and how long that may take."""
    said = words_after(started(to_send=2), created(), in_doubt())

    assert said == "looking up 1 row in doubt; not found counts after 5:00 (--settle)"


def test_a_run_that_was_asked_to_stop():
    """And how to leave at once."""
    said = words_after(started(), OUTAGE, DrainStarted(reason="sigint", in_flight=16))

    assert said == "stopping, waiting for what is in flight (16) for 0:25 at most; Ctrl-C again stops at once"
