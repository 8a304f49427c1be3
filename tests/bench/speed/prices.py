"""What each safety costs: the same run with one of them taken away (``stripped/``)."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.bench.speed.bench import Bench
from tests.bench.speed.clients.batcher import Batcher
from tests.bench.speed.figures import middle, ratio
from tests.bench.speed.remote import ROOT, Remote, running_stub
from tests.bench.speed.sheet import Sheet, number, rounded
from tests.bench.speed.usage import ClientFailed, measure

NAME = "prices"
WITHOUT = {
    "nothing": "all of it",
    "ledger": "without a ledger: rows from memory, nothing written",
    "groups": "without group commits: every intent and outcome commits alone",
    "signature": "without signatures: one for all rows",
    "log": "without log, progress and counts",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much of it."""

    rows: int
    at_once: int
    rounds: int


FULL = Plan(rows=8000, at_once=64, rounds=3)
QUICK = Plan(rows=2000, at_once=64, rounds=1)


def prices(bench: Bench) -> list[Sheet]:
    """One sheet."""
    plan = QUICK if bench.quick else FULL
    told: dict[str, list[dict[str, Any]]] = {what: [] for what in WITHOUT}
    with running_stub() as remote:
        for turn in range(plan.rounds):
            bench.say(f"{NAME}: round {turn + 1} of {plan.rounds}")
            for what in WITHOUT if turn % 2 == 0 else reversed(WITHOUT):
                told[what].append(_run(bench, what, remote, plan))
    cpu = {what: [_rate(plan.rows, run, "cpu_s") for run in runs] for what, runs in told.items()}
    wall = {what: [_rate(plan.rows, run, "wall_s") for run in runs] for what, runs in told.items()}
    return [
        Sheet(
            name=NAME,
            title=f"The price of each safety: {plan.rows:,} rows, {plan.at_once} at once, no latency,"
            f" dispatch alone, medians of {plan.rounds} rounds",
            head=("", "jobs / CPU s", "× all of it", "jobs / s", "× all of it"),
            lines=[
                [words, *_cells(cpu[what], cpu["nothing"]), *_cells(wall[what], wall["nothing"])]
                for what, words in WITHOUT.items()
            ],
            raw=told,
        )
    ]


def _run(bench: Bench, what: str, remote: Remote, plan: Plan) -> dict[str, Any]:
    """What the run told of itself; nothing where it failed, which is noted."""
    folder, manifest = bench.desk(), bench.rows.manifest(plan.rows)
    words = (what, str(manifest), remote.base_url, str(plan.at_once))
    command = [sys.executable, "-m", "tests.bench.speed.stripped", *words]
    remote.forget()
    try:
        measure(command, folder, environment={**Batcher.environment, "PYTHONPATH": str(ROOT)})
    except ClientFailed as failure:
        bench.note(f"{Batcher.name} without {what}: {failure}")
        return {}
    told: dict[str, Any] = json.loads((folder / "words.txt").read_text().splitlines()[-1])
    if told["counts"] != {"created": plan.rows}:
        bench.note(f"{Batcher.name} without {what}: {told['counts']} of {plan.rows} rows")
    return told


def _rate(rows: int, told: dict[str, Any], clock: str) -> float | None:
    return rows / told[clock] if told else None


def _cells(rates: Sequence[float | None], of_all: Sequence[float | None]) -> list[str]:
    return [rounded(middle(rates)), number(ratio(rates, of_all), ".2f")]
