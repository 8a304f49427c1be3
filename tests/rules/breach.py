"""A small change of the source that breaks one sentence of the rules, and the tests that must go red for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Edit:
    """``old`` stands exactly once in ``file``; ``new`` takes its place."""

    file: str
    old: str
    new: str

    def is_possible(self, root: Path) -> bool:
        return (root / self.file).read_text(encoding="utf-8").count(self.old) == 1

    def make(self, root: Path) -> None:
        path = root / self.file
        path.write_text(path.read_text(encoding="utf-8").replace(self.old, self.new), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Breach:
    """
    One rule broken. ``says`` is the sentence it goes against; ``tests`` are arguments of pytest.

    Add one by adding a line to the list of its rule. Keep ``old`` as short as it can be while it stands only once.
    """

    rule: int
    says: str
    edits: tuple[Edit, ...]
    tests: str


def breach(rule: int, says: str, file: str, old: str, new: str, tests: str) -> Breach:
    """A breach of one edit; ``file`` is named from ``batcher/`` on, ``tests`` from ``tests/`` on."""
    paths = " ".join(f"tests/{argument}" if "/" in argument else argument for argument in tests.split())
    return Breach(rule, says, (Edit(f"batcher/{file}", old, new),), paths)
