"""The comparison with other tools still works, and batcher is at zero in it."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench.peers import table
from tests.bench.peers.__main__ import CONTESTANTS
from tests.bench.peers.batcher import Batcher
from tests.bench.peers.contest import play
from tests.bench.peers.curl import Curl
from tests.bench.peers.scenario import Limits, Scenario
from tests.bench.peers.score import Job, Score, score

README = Path(__file__).resolve().parents[2] / "README.md"
QUICK = Limits(timeout_s=1)
TROUBLE = Scenario(
    name="quick",
    title="Four kinds of trouble in ten rows",
    rows=10,
    first_tries={
        2: 'do = "slow"\nseconds = 2',
        4: 'do = "error_500_after"',
        6: 'do = "reset_after"',
        8: 'do = "error_500"',
    },
    limits=QUICK,
)
KILLED = Scenario(
    name="quick kill",
    title="Killed with replies under way",
    rows=10,
    first_tries={},
    slow_calls=range(2, 6),
    kill_at=5,
    limits=QUICK,
)


def test_batcher_makes_each_row_once_and_knows_its_job_in_spite_of_trouble():
    """Ten rows, and one try more for the row that the 500 made nothing of."""
    result = play(Batcher(), TROUBLE)

    assert result.score == Score(asked=11, made=10, duplicates=0, lost=0, unrecorded=0)
    assert (result.ends, result.summary) == (("exit 0",), "“rows 10, created 10”")


def test_batcher_makes_each_row_once_and_knows_its_job_in_spite_of_a_kill():
    """The second run looks up what the first one left in doubt, and sends the rest."""
    result = play(Batcher(), KILLED)

    # A request that the kill cut in half counts as asked, and makes nothing.
    assert replace(result.score, asked=0) == Score(asked=0, made=10, duplicates=0, lost=0, unrecorded=0)
    assert result.ends == ("killed", "exit 0")


def test_what_exists_is_counted_against_rows_and_record():
    """Row 1001 has two jobs too many, 1003 has none, and the record knows one of four jobs."""
    jobs = [Job(id=str(number), document=document) for number, document in enumerate(["1001", "1001", "1002", "1001"])]

    counted = score(asked=5, documents=["1001", "1002", "1003"], jobs=jobs, known={"2", "77"})

    assert counted == Score(asked=5, made=4, duplicates=2, lost=1, unrecorded=3)


def test_a_tool_that_is_not_installed_has_a_line_that_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch):
    """The others are compared all the same."""
    monkeypatch.setenv("PATH", "/nowhere")

    line = table.line(Curl(), None)

    assert line == "| `curl --parallel --retry` |  |  |  |  |  | not installed: `apt-get install curl` |"


def test_readme_shows_every_tool_of_the_comparison():
    """In each table, and in the list of what it is made for."""
    section = README.read_text(encoding="utf-8").split("\n## Beside other tools\n", 1)[1].split("\n## ", 1)[0]

    assert {each.name: section.count(f"| {each.name} |") for each in CONTESTANTS} == {
        each.name: 3 for each in CONTESTANTS
    }
