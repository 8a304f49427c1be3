"""The list of breaches keeps up with the source; ``python -m tests.rules`` makes them and runs their tests."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from .breaches import BREACHES

ROOT = Path(__file__).resolve().parents[2]


def test_every_breach_can_be_made() -> None:
    """What it replaces stands in the source exactly once; where the source has changed, so must the breach."""
    assert [(each.says, edit.file) for each in BREACHES for edit in each.edits if not edit.is_possible(ROOT)] == []


def test_every_breach_names_tests_that_are_there() -> None:
    named = {word.partition("[")[0] for each in BREACHES for word in each.tests.split() if "/" in word}

    assert [name for name in sorted(named) if not _is_there(*name.split("::"))] == []


def _is_there(path: str, *names: str) -> bool:
    """A folder or file, and in a file what is named of it."""
    place = ROOT / path
    return place.exists() and all(f" {name}(" in place.read_text(encoding="utf-8") for name in names)


def test_every_rule_is_broken_in_two_ways_at_least() -> None:
    ways = Counter(each.rule for each in BREACHES)

    assert {rule for rule in range(1, 11) if ways[rule] >= 2} == set(range(1, 11))
