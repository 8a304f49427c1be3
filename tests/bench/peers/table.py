"""The results as Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from tests.bench.peers.contest import Result
from tests.bench.peers.contestant import Contestant

_HEAD = ("", "creates asked", "jobs made", "duplicates", "lost", "unrecorded", "what it told its user")


def heading() -> str:
    """The first two lines of a table."""
    return f"| {' | '.join(_HEAD)} |\n|---|{'--:|' * (len(_HEAD) - 2)}---|"


def line(contestant: Contestant, result: Result | None) -> str:
    """A line of it; without a result, what to install."""
    if result is None:
        return _cells([contestant.name, *[""] * 5, f"not installed: `{contestant.missing()}`"])
    score = result.score
    counts = (score.asked, score.made, score.duplicates, score.lost, score.unrecorded)
    return _cells([contestant.name, *map(str, counts), f"{', then '.join(result.ends)}: {result.summary}"])


def uses(contestants: Iterable[Contestant]) -> str:
    """What each tool is made for, and its version."""
    return "\n".join(
        f"- {each.name} ({'not installed' if each.missing() else each.version()}). {each.made_for}"
        for each in contestants
    )


def _cells(texts: list[str]) -> str:
    return f"| {' | '.join(text.replace('|', '/') for text in texts)} |"
