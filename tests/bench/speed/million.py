"""
What a row costs in each phase of a campaign, few rows or a million, and how much memory it takes.

From every figure that of the same command with one row is taken away, so that start-up does not count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.bench.speed.bench import Bench
from tests.bench.speed.clients.batcher import Batcher
from tests.bench.speed.phases import PHASES, Phase, by_the_clock
from tests.bench.speed.remote import Remote, running_stub
from tests.bench.speed.sheet import Sheet, number, rounded
from tests.bench.speed.usage import ClientFailed, Usage, measure

NAME = "million"
_AT_ONCE = 64
_QUICK, _MANY, _MILLION = (5_000,), (10_000, 100_000), 1_000_000
_ROWS_A_SECOND = 500
"""Slower than anything here; what takes longer is stuck."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a phase took with so many rows. ``parts``: seconds, by name."""

    rows: int
    usage: Usage
    seconds: float
    parts: Mapping[str, float]

    def raw(self) -> dict[str, Any]:
        """As it stands in the JSON file."""
        return {"rows": self.rows, **self.usage.raw(), "seconds": self.seconds, "parts": self.parts}


def million(bench: Bench) -> list[Sheet]:
    """One sheet."""
    sizes = _QUICK if bench.quick else (*_MANY, _MILLION) if bench.million else _MANY
    phases = [phase for phase in PHASES if phase.is_quick or not bench.quick]
    taken: dict[str, list[Taken]] = {phase.name: [] for phase in phases}
    with running_stub() as remote:
        for rows in (1, *sizes):
            _live(bench, remote, rows, [phase for phase in phases if phase.missing() is None], taken)
    return [
        Sheet(
            name=NAME,
            title=f"A campaign of {sizes[-1]:,} rows, phase by phase, {_AT_ONCE} at once, no latency",
            head=("", *(f"CPU µs a row, {rows:,}" for rows in sizes), "seconds", "rows / s", "peak MiB"),
            lines=[line for phase in phases for line in _lines(phase, taken[phase.name], sizes)],
            raw={name: [each.raw() for each in these] for name, these in taken.items()},
        )
    ]


def cpu_us_a_row(one: Taken, many: Taken) -> float:
    """Microseconds of CPU that each row more than the first costs."""
    return (many.usage.cpu_s - one.usage.cpu_s) / (many.rows - one.rows) * 1e6


def _live(bench: Bench, remote: Remote, rows: int, phases: Sequence[Phase], taken: dict[str, list[Taken]]) -> None:
    """All phases of one campaign; after one that fails, none of its others is tried."""
    errand = bench.errand(remote, rows=rows, at_once=_AT_ONCE)
    remote.forget()
    for phase in phases:
        bench.say(f"{NAME}: {rows:,} rows, {phase.name}")
        limit_s = 120 + rows // _ROWS_A_SECOND
        try:
            usage = measure(phase.command(errand), errand.folder, environment=Batcher.environment, limit_s=limit_s)
        except ClientFailed as failure:
            bench.note(f"{Batcher.name}: {phase.name}, {rows:,} rows: {failure}")
            return
        words = (errand.folder / "words.txt").read_text()
        parts = {name: clock(usage, words) for name, clock in phase.parts.items()}
        taken[phase.name].append(Taken(rows=rows, usage=usage, seconds=phase.seconds(usage, words), parts=parts))


def _lines(phase: Phase, taken: Sequence[Taken], sizes: Sequence[int]) -> list[list[str]]:
    if (how := phase.missing()) is not None:
        return [[phase.name, f"not installed: `{how}`", *[""] * (len(sizes) + 2)]]
    by_rows = {each.rows: each for each in taken}
    one, most = by_rows.get(1), by_rows.get(sizes[-1])
    if one is None or most is None:
        return [[phase.name, *["–"] * (len(sizes) + 3)]]
    costs = [rounded(cpu_us_a_row(one, by_rows[rows])) for rows in sizes]
    seconds = most.seconds - one.seconds
    peak = number(most.usage.peak_mib)
    none = [""] * len(sizes)
    whole = [phase.name, *(costs if phase.seconds is by_the_clock else none), *_pace(most.rows, seconds), peak]
    parts = {name: most.parts[name] - one.parts[name] for name in phase.parts}
    return [whole, *([name, *none, *_pace(most.rows, took), ""] for name, took in parts.items())]


def _pace(rows: int, seconds: float) -> list[str]:
    """A rate that is too quick to be told from start-up has no figure."""
    return [number(seconds, ".2f"), rounded(rows / seconds) if seconds > 0.02 else "–"]
