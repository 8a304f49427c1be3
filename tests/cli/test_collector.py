"""The garbage collector is spared while a command works, and only then."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from batcher.cli.collector import sparing_collector

USUAL = (701, 11, 12)


@pytest.fixture(autouse=True)
def usual_collector() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(*USUAL)
    yield
    gc.set_threshold(*before)


def test_what_was_there_before_is_left_alone_and_the_rest_is_looked_at_seldom() -> None:
    with sparing_collector():
        inside = (gc.get_freeze_count() > 0, gc.get_threshold()[0] > USUAL[0])

    assert inside == (True, True)
    assert (gc.get_freeze_count(), gc.get_threshold()) == (0, USUAL)


def test_an_error_brings_the_collector_back_as_well() -> None:
    with pytest.raises(KeyError), sparing_collector():
        raise KeyError

    assert (gc.get_freeze_count(), gc.get_threshold()) == (0, USUAL)
