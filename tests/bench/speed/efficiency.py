"""
How much of what a latency allows is made use of: the rate, as a part of requests at once ÷ latency.

By the stub's clock, from the first create that came to the last that was answered, so that start-up and results do not
count, and with the latency that the stub kept, which is a little longer than the one it was told. Steady state lies
between the first tenth of the creates and the last; what the whole run takes longer than at that rate is ramp and tail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.bench.speed.bench import Bench, Run
from tests.bench.speed.clients.batcher import Batcher
from tests.bench.speed.clients.client import Client
from tests.bench.speed.clients.curl import Curl
from tests.bench.speed.clients.loop import BARE
from tests.bench.speed.figures import middle
from tests.bench.speed.remote import running_stub
from tests.bench.speed.sheet import Sheet, number
from tests.bench.speed.traffic import RAMP, TAIL

NAME = "efficiency"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much of it. ``turns``: by latency in milliseconds, rows for each request that may be under way."""

    turns: Mapping[int, int]
    at_once: tuple[int, ...]
    rounds: int
    clients: Sequence[Client]


FULL = Plan(turns={50: 30, 200: 20}, at_once=(64, 250, 500, 1000), rounds=2, clients=(Batcher(), Curl(), BARE))
QUICK = Plan(turns={200: 10}, at_once=(500,), rounds=1, clients=(Batcher(), Curl()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """
    Of one run.

    Attributes:
        whole: Rate ÷ (requests at once ÷ latency), from the first create to the last answer.
        steady: The same without ramp and tail.
        edges: Ramp and tail together, in latencies.
    """

    whole: float
    steady: float
    edges: float


def use_of(traffic: Mapping[str, float], at_once: int) -> Use:
    """What a run made of its latency; ``traffic`` as in ``traffic.py``."""
    creates, latency_s = traffic["creates"], traffic["latency_s"]
    most = at_once / latency_s
    whole_s = traffic["answered"] - traffic["first"]
    steady = (int(creates * TAIL) - int(creates * RAMP)) / (traffic["tail_begins"] - traffic["ramp_ends"])
    return Use(
        whole=creates / whole_s / most,
        steady=steady / most,
        edges=(whole_s - creates / steady) / latency_s,
    )


def efficiency(bench: Bench) -> list[Sheet]:
    """A sheet for each latency."""
    plan = QUICK if bench.quick else FULL
    there = [client for client in plan.clients if client.missing() is None]
    sheets = []
    for latency_ms, turns in plan.turns.items():
        runs: list[Run] = []
        with running_stub(latency_ms) as remote:
            for turn in range(plan.rounds):
                for at_once in plan.at_once:
                    bench.say(f"{NAME}: {latency_ms} ms, round {turn + 1} of {plan.rounds}, {at_once} at once")
                    for client in there if turn % 2 == 0 else reversed(there):
                        run = bench.run(client, remote, rows=turns * at_once, at_once=at_once, number=turn)
                        runs += [] if run is None else [run]
        sheets.append(_sheet(latency_ms, plan, runs))
    return sheets


def _sheet(latency_ms: int, plan: Plan, runs: Sequence[Run]) -> Sheet:
    lines = [
        [
            client.name,
            *(
                _cell([run for run in runs if run.client == client.name and run.at_once == at_once])
                for at_once in plan.at_once
            ),
        ]
        for client in plan.clients
    ]
    kept_ms = middle(run.traffic["latency_s"] * 1000 for run in runs)
    return Sheet(
        name=f"{NAME}-{latency_ms}",
        title=f"Rate ÷ (requests at once ÷ latency) with {latency_ms} ms: steady state"
        " (whole run; ramp and tail in latencies)",
        head=["", *(f"{at_once} at once" for at_once in plan.at_once)],
        lines=lines,
        notes=[
            f"the stub took {number(kept_ms, '.1f')} ms, and no more than {_busiest(runs):.0%} of its core",
        ],
        raw=[run.raw() for run in runs],
    )


def _cell(runs: Sequence[Run]) -> str:
    uses = [use_of(run.traffic, run.at_once) for run in runs]
    steady, whole = middle(use.steady for use in uses), middle(use.whole for use in uses)
    return f"{number(steady, '.1%')} ({number(whole, '.1%')}; {number(middle(use.edges for use in uses), '.1f')})"


def _busiest(runs: Sequence[Run]) -> float:
    return max((run.traffic["cpu_s"] / (run.traffic["answered"] - run.traffic["first"]) for run in runs), default=0.0)
