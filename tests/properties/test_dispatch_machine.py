"""
The whole dispatch against a world that does its worst, move by move: hypothesis writes the story, and shortens it.

A run that fails is told twice: as the moves that make it happen, and as the history of all steps that were taken
(``tests/simulation`` plays them). What must hold is checked at every step; see ``tests/simulation/audit.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from batcher.core.states import State
from tests.simulation.computer import TROUBLES, Lurking
from tests.simulation.fates import FATES, Looks
from tests.simulation.steps import KINDS
from tests.simulation.world import World

ROWS = 3
MEANWHILE: dict[str, Callable[[World], None]] = {
    "": lambda world: None,
    "two minutes pass": lambda world: world.wait(120.0),
    "ten minutes pass": lambda world: world.wait(600.0),
    "the machine boots again": lambda world: world.reboot(3.0),
    "another machine takes over": lambda world: world.reboot(1e6),
    "rejected rows are put back": lambda world: world.retry(),
}
OUTAGES = {
    "none": (0.0, 0.0),
    "at once": (0.0, 200.0),
    "after a second": (1.0, 200.0),
    "after a minute": (60.0, 100.0),
}
PLANS: tuple[dict[str, Any], ...] = (
    {},
    {"strict_500": True},
    {"wait": False},
    {"wait": False, "strict_500": True},
    {"limit": 1},
    {"concurrency": 1},
    {"send": False},
)
DOUBTFUL = [name for name in FATES if name.startswith(("created;", "created soon", "created long", "lost"))]
posts = st.tuples(st.integers(1, ROWS), st.sampled_from(list(FATES)) | st.sampled_from(DOUBTFUL))
fates = st.just([]) | st.lists(posts, min_size=1, max_size=4) | st.lists(posts, min_size=3, max_size=6)
troubles = st.lists(
    st.tuples(st.sampled_from(list(KINDS)), st.integers(1, 3), st.just("crash") | st.sampled_from(TROUBLES)), max_size=3
)
looks = st.just(Looks.FAITHFUL) | st.sampled_from(Looks)


class Story(RuleBasedStateMachine):
    """Moves of a remote, a network, a machine and a person, in any order, between and during the runs."""

    @initialize(known=st.booleans(), lag_s=st.sampled_from((0.0, 3.0, 40.0)))
    def begin(self, known: bool, lag_s: float) -> None:
        self.is_broken = False
        self.world = World(rows=ROWS, known=known, lag_s=lag_s)
        self.world.load()

    @rule(
        meanwhile=st.sampled_from(list(MEANWHILE)),
        becomes=fates,
        outage=st.just("none") | st.sampled_from(list(OUTAGES)),
        trouble=troubles,
        looks=looks,
        plan=st.sampled_from(PLANS),
    )
    def run(
        self,
        meanwhile: str,
        becomes: list[tuple[int, str]],
        outage: str,
        trouble: list[tuple[str, int, str]],
        looks: Looks,
        plan: dict[str, Any],
    ) -> None:
        """
        One run. ``becomes`` says what becomes of the next POSTs of rows, ``trouble`` what happens at the n-th step of a
        kind from now on, be it in this run or in a later one.
        """
        for row, fate in becomes:
            self.world.vendor.fates[f"c-{row}"].append(fate)
        self.world.computer.lurking += [Lurking(*each) for each in trouble]
        self.tell(MEANWHILE[meanwhile], self.world)
        self.world.outage(*OUTAGES[outage])
        self.tell(self.world.run, looks=looks, **plan)

    @precondition(lambda self: self.doubtful())
    @rule(which=st.integers(0, ROWS - 1), trouble=st.just({}) | st.just({2: "crash"}))
    def resolve(self, which: int, trouble: dict[int, str]) -> None:
        """A person settles a row."""
        doubtful = self.doubtful()
        self.tell(self.world.resolve, doubtful[which % len(doubtful)], trouble)

    def doubtful(self) -> list[int]:
        """Rows that a person may settle."""
        entries = self.world.entries()
        return [number for number, row in entries.items() if row.state in {State.IN_DOUBT, State.HELD}]

    def tell(self, verb: Any, *arguments: Any, **named: Any) -> None:
        """Does it, and notes it when that went wrong."""
        try:
            verb(*arguments, **named)
        except BaseException:
            self.is_broken = True
            raise

    def teardown(self) -> None:
        """However it went: when the remote behaves again, one more run brings every row to rest."""
        if not hasattr(self, "world"):
            return
        with self.world:
            try:
                if not self.is_broken:
                    self.world.end_well()
            finally:
                note(self.world.history())


@pytest.mark.timeout(600)  # to shorten a story that fails takes minutes
def test_no_story_makes_a_job_twice_or_loses_a_row() -> None:
    run_state_machine_as_test(
        Story,
        settings=settings(
            max_examples=60,
            stateful_step_count=5,
            deadline=None,
            derandomize=True,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_no_story_of_very_many_makes_a_job_twice_or_loses_a_row() -> None:
    """By hand; what it finds stays in .hypothesis, so that it is the first story of the next time."""
    run_state_machine_as_test(
        Story,
        settings=settings(
            max_examples=3_000,
            stateful_step_count=12,
            deadline=None,
            print_blob=True,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
