"""
Whatever becomes of a POST, and whatever look-ups are worth then: no job twice, and the next run ends well.

One thing is beyond anybody: a failure that the remote reports itself, of a job that it made all the same, where no
look-up can be proven. Without ``--strict-500`` its word is taken.
"""

from __future__ import annotations

import pytest

from batcher.core.states import State
from tests.simulation.fates import FATES, Looks, Makes
from tests.simulation.world import World


@pytest.mark.parametrize("fate", FATES)
@pytest.mark.parametrize("looks", Looks, ids=lambda looks: looks.name.lower())
def test_no_job_is_made_twice_or_lost(fate: str, looks: Looks) -> None:
    is_beyond_us = fate == "created; the remote says 500" and looks not in {Looks.FAITHFUL, Looks.ANOTHERS}
    with World(rows=3) as world:
        world.load()
        world.vendor.fates["c-2"].append(fate)
        world.run(looks=looks)
        world.end_well()

        assert {len(world.vendor.ids(f"c-{number}")) for number in (1, 3)} == {1}
        assert len(world.vendor.ids("c-2")) <= 1 or is_beyond_us
        assert "c-2" not in world.audit.excused or is_beyond_us
        is_rejected = world.entries()[2].state is State.REJECTED
        assert is_rejected == (fate.startswith(("rejected", "forbidden")))


@pytest.mark.parametrize("fate", FATES)
def test_nor_where_no_job_is_known_that_could_prove_the_look_up(fate: str) -> None:
    """The row is the first of its account, and alone."""
    with World(rows=1, known=False) as world:
        world.load()
        world.vendor.fates["c-1"].append(fate)
        world.run(strict_500=True)
        world.end_well()

        assert len(world.vendor.ids("c-1")) == (not fate.startswith(("rejected", "forbidden")))


@pytest.mark.parametrize("begins_after_s", [1.0, 35.0, 66.0, 200.0])
@pytest.mark.parametrize("fate", [name for name, fate in FATES.items() if fate.makes is Makes.LONG_AFTER])
def test_what_the_remote_is_at_work_on_stands_still_with_it(fate: str, begins_after_s: float) -> None:
    """
    Nobody answers for a while, and the job comes that much later: such time is no time in which it would have.

    An outage that begins right after a look is seen only by the next one, half a minute later.
    """
    with World(rows=2) as world:
        world.load()
        world.vendor.fates["c-2"].append(fate)
        world.outage(begins_after_s, 200.0)

        summary = world.run()

        assert summary is not None
        assert summary.counts == {"created": 2}
        assert [len(world.vendor.ids(f"c-{number}")) for number in (1, 2)] == [1, 1]
