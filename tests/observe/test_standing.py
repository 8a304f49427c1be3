"""What a run says that it waits for."""

import pytest

from batcher.core.events import BreakerClosed, BreakerOpened, DrainStarted, Event, PaceChanged
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
    assert words_after(started(to_create=3), in_doubt(), created()) is None


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
    assert words_after(started(), PaceChanged(reason="HTTP 429", wait_s=6.0), seconds=seconds) == words


def test_only_doubts_are_left():
    """Why a run at 99 % does not end, and how long that may take."""
    said = words_after(started(to_create=2), created(), in_doubt())

    assert said == "looking up 1 row in doubt; not found counts after 5:00 (--settle)"


def test_a_run_that_was_asked_to_stop():
    """And how to leave at once."""
    said = words_after(started(), OUTAGE, DrainStarted(reason="sigint", in_flight=16))

    assert said == "stopping, waiting for what is in flight (16) for 0:25 at most; Ctrl-C again stops at once"
