"""The garbage collector is spared while requests are made, and only then."""

from __future__ import annotations

import gc

import pytest

from batcher.cli.collector import sparing_collector


def test_what_was_there_before_is_left_alone_and_the_rest_is_looked_at_seldom() -> None:
    before = gc.get_threshold()
    with sparing_collector():
        inside = (gc.get_freeze_count() > 0, gc.get_threshold()[0] > before[0])

    assert inside == (True, True)
    assert (gc.get_freeze_count(), gc.get_threshold()) == (0, before)


def test_an_error_brings_the_collector_back_as_well() -> None:
    before = gc.get_threshold()
    with pytest.raises(KeyError), sparing_collector():
        raise KeyError

    assert (gc.get_freeze_count(), gc.get_threshold()) == (0, before)
