"""
The crash table of ``batcher/ARCHITECTURE.md``, proven: each process of each story dies at each of its steps.

After every crash the next run brings all rows to rest: nothing is sent that may be a job already, and what is none is
sent once more. At the crashes that the table names, the ledger holds what its second column says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from batcher.core.states import State
from tests.simulation.fates import Looks
from tests.simulation.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What becomes of row 1 of two, what look-ups are worth in its run, and whether a person settles it then."""

    fate: str = "created"
    looks: Looks = Looks.FAITHFUL
    is_resolved: bool = False

    @property
    def processes(self) -> tuple[str, ...]:
        return ("load", "run", "resolve") if self.is_resolved else ("load", "run")


STORIES = {
    "created": Story(),
    "reply lost after creation": Story(fate="created; its reply is lost"),
    "reply too late": Story(fate="created; its reply never comes"),
    "request lost before creation": Story(fate="lost; nothing is made"),
    "created long after the connection broke": Story(fate="created long after the connection broke"),
    "500 before creation": Story(fate="500 of the remote; nothing is made"),
    "500 after creation": Story(fate="created; the remote says 500"),
    "429": Story(fate="429"),
    "not reached": Story(fate="not reached"),
    "rejected": Story(fate="rejected"),
    "held, and resolved as made": Story(fate="created; its reply is lost", looks=Looks.REFUSED, is_resolved=True),
    "held, and resolved as not made": Story(fate="lost; nothing is made", looks=Looks.REFUSED, is_resolved=True),
    "reply lost, and nobody answers look-ups": Story(fate="created; its reply is lost", looks=Looks.SILENT),
    "500 that nobody can look up": Story(fate="500 of the remote; nothing is made", looks=Looks.REFUSED),
}


@dataclass(frozen=True, slots=True)
class Gap:
    """A line of the table: at which steps a crash falls into it, and where row 1 is then (None: not in the ledger)."""

    steps: str
    on_disk: State | None


TABLE = {
    "reading the manifest · committing the load": Gap("load: commit: c-1 new", None),
    "load · start of the run": Gap("load: committed: c-1 new|run: commit: start_run", State.PENDING),
    "start of the run · first claim": Gap("run: committed: start_run|run: read: claim", State.PENDING),
    "claim · commit of the intent": Gap("run: commit: c-1 pending → sending", State.PENDING),
    "intent · first byte": Gap("run: committed: c-1 pending → sending|run: POST c-1: nothing sent", State.SENDING),
    "first byte · last byte": Gap("run: POST c-1: the first byte", State.SENDING),
    "last byte · the remote makes the job": Gap("run: POST c-1: sent whole", State.SENDING),
    "the remote makes the job · its reply": Gap("run: the remote makes job 5002 of c-1", State.SENDING),
    "reply · commit of the outcome": Gap("run: POST c-1: answered|run: commit: c-1 sending → ", State.SENDING),
    "outcome `created` · next row": Gap("run: committed: c-1 sending → done", State.DONE),
    "outcome `pending` (429, not reached) · its retry": Gap("run: committed: c-1 sending → pending", State.PENDING),
    "outcome `in_doubt` · first look-up": Gap("run: committed: c-1 sending → in_doubt", State.IN_DOUBT),
    "look-up says found · its commit": Gap("run: commit: c-1 in_doubt → done", State.IN_DOUBT),
    "look-up says absent · its commit": Gap("run: commit: c-1 in_doubt → pending", State.IN_DOUBT),
    "commit of `pending` after that · next intent": Gap("run: committed: c-1 in_doubt → pending", State.PENDING),
    "look-up cannot be trusted · commit of `held`": Gap("run: commit: c-1 in_doubt → held", State.IN_DOUBT),
    "person's `resolve` · its commit": Gap("resolve: commit: c-1 held → ", State.HELD),
    "a look without an answer · its commit": Gap("run: commit: put_off", State.IN_DOUBT),
    "last outcome · second look": Gap("run: commit: note_second_look", State.DONE),
    "second look · end of the run": Gap("run: commit: finish_run", None),
}
AT_REST = "second look · end of the run"
ELSEWHERE = {"end of the run · results renamed", "results · failed file"}
"""Proven in ``tests/cli/test_outputs_crash.py``: these are files, and no rows."""


@cache
def steps_of(name: str) -> Mapping[str, tuple[str, ...]]:
    """The steps of each process of a story in which nothing dies."""
    with World(rows=2) as world:
        return {process: tuple(_play(world, STORIES[name], process)) for process in STORIES[name].processes}


def crashes(name: str) -> Iterator[tuple[str, int]]:
    """
    Every step of a story at which something can die.

    Up to the first byte of row 1 all stories are the same one, and the first of them tells it.
    """
    told = name != next(iter(STORIES))
    for process, steps in steps_of(name).items():
        for number, step in enumerate(steps, start=1):
            told = told and not step.startswith("POST c-1: the first byte")
            if not told:
                yield process, number


def die(name: str, process: str, number: int) -> World:
    """The story up to the crash of a process at that step."""
    story, world = STORIES[name], World(rows=2)
    for earlier in story.processes[: story.processes.index(process)]:
        _play(world, story, earlier)
    _play(world, story, process, {number: "crash"})
    assert world.computer.crashed
    return world


def _play(world: World, story: Story, process: str, trouble: Mapping[int, str] | None = None) -> list[str]:
    match process:
        case "load":
            world.load(trouble=trouble or {})
        case "run":
            world.vendor.fates["c-1"].append(story.fate)
            world.run(trouble or {}, looks=story.looks, concurrency=1)
        case "resolve":
            world.resolve(1, trouble or {})
    return world.computer.steps


@pytest.mark.parametrize("name", STORIES)
def test_wherever_it_dies_the_next_run_sends_what_is_no_job_and_nothing_else(name: str) -> None:
    for process, number in crashes(name):
        with die(name, process, number) as world:
            is_settled = State.REJECTED in {row.state for row in world.entries().values()}
            jobs = [bool(world.vendor.ids(f"c-{row}")) or world.vendor.is_at_work_on(f"c-{row}") for row in (1, 2)]
            posts = [world.audit.posts[f"c-{row}"] for row in (1, 2)]

            world.end_well()

            again = [world.audit.posts[f"c-{row}"] - before for row, before in zip((1, 2), posts, strict=True)]
            assert again == [int(not (jobs[0] or is_settled)), int(not jobs[1])]
            assert world.audit.excused == {}


@pytest.mark.parametrize("gap", TABLE, ids=lambda gap: gap.replace(" · ", " - ").replace("`", ""))
def test_what_is_on_disk_when_it_dies_between(gap: str) -> None:
    pattern, seen = re.compile(TABLE[gap].steps), 0
    for name in STORIES:
        for process, number in crashes(name):
            if pattern.match(f"{process}: {steps_of(name)[process][number - 1]}"):
                with die(name, process, number) as world:
                    entries = world.entries()
                    if gap == AT_REST:
                        assert not {row.state for row in entries.values()} & {State.PENDING, State.SENDING}
                    else:
                        assert (entries[1].state if entries else None) is TABLE[gap].on_disk
                    seen += 1

    assert seen > 0


def test_the_table_of_the_architecture_is_the_one_that_is_proven() -> None:
    text = Path("batcher/ARCHITECTURE.md").read_text(encoding="utf-8")
    table = text.partition("| Dies between |")[2].partition("\n\n")[0]
    lines = [line.split("|")[1].strip() for line in table.splitlines()[2:]]

    assert {*TABLE, *ELSEWHERE} == set(lines)
