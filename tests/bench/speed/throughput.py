"""
Jobs a second: of the client's CPU and by the clock, at a remote that answers at once.

A figure is the slope between two sizes, so that start-up cancels; start-up stands in a column of its own. Rounds are
interleaved: everybody has a turn before anybody has a second one, in the opposite order every other time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.speed.bench import Bench, Run
from tests.bench.speed.clients import CLIENTS, QUICK_CLIENTS
from tests.bench.speed.clients.client import Client
from tests.bench.speed.clients.curl import Curl, CurlKept, CurlKeptInMemory
from tests.bench.speed.clients.loop import BARE
from tests.bench.speed.clients.wrk import Wrk
from tests.bench.speed.figures import Slope, middle, ratio, slope_of
from tests.bench.speed.remote import running_stub
from tests.bench.speed.sheet import Sheet, number, rounded, spread

NAME = "throughput"
_HEAD = (
    *("", "jobs / CPU s", "least–most", "× bare aiohttp", "× curl kept", "× in memory", "× thrown away"),
    *("jobs / s", "start-up, CPU s", "peak MiB"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much of it. ``sizes``: rows of the smaller and the larger run."""

    at_once: tuple[int, ...]
    sizes: tuple[int, int]
    rounds: int
    clients: Sequence[Client]


FULL = Plan(at_once=(16, 64, 256, 1000), sizes=(4000, 16000), rounds=3, clients=CLIENTS)
QUICK = Plan(at_once=(64,), sizes=(1500, 4500), rounds=2, clients=QUICK_CLIENTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One client at one concurrency, by rounds; None where a round gave nothing."""

    cpu: list[Slope | None]
    wall: list[Slope | None]
    peak_mib: float | None

    @property
    def rates(self) -> list[float | None]:
        return [None if slope is None else slope.rate for slope in self.cpu]


def throughput(bench: Bench) -> list[Sheet]:
    """A sheet for each number of requests at once."""
    plan = QUICK if bench.quick else FULL
    there = [client for client in plan.clients if client.missing() is None]
    runs: list[Run] = []
    with running_stub() as remote:
        for turn in range(plan.rounds):
            for at_once in plan.at_once:
                bench.say(f"{NAME}: round {turn + 1} of {plan.rounds}, {at_once} at once")
                for client in there if turn % 2 == 0 else reversed(there):
                    for size in plan.sizes:
                        rows = max(int(size * client.share), at_once)
                        run = bench.run(client, remote, rows=rows, at_once=at_once, number=turn)
                        runs += [] if run is None else [run]
    return [_sheet(at_once, plan, [run for run in runs if run.at_once == at_once]) for at_once in plan.at_once]


def standing(runs: Sequence[Run], rounds: int) -> Standing:
    """What the runs of one client at one concurrency come to."""
    cpu, wall = [], []
    for turn in range(rounds):
        pair = sorted((run for run in runs if run.round == turn), key=lambda run: run.traffic["creates"])
        if len(pair) < 2:
            cpu.append(None)
            wall.append(None)
            continue
        small, large = pair
        few, many = int(small.traffic["creates"]), int(large.traffic["creates"])
        cpu.append(slope_of(few, small.usage.cpu_s, many, large.usage.cpu_s))
        wall.append(slope_of(few, small.usage.wall_s, many, large.usage.wall_s))
    return Standing(cpu=cpu, wall=wall, peak_mib=max((run.usage.peak_mib for run in runs), default=None))


def _sheet(at_once: int, plan: Plan, runs: list[Run]) -> Sheet:
    by_name = {
        client.name: standing([run for run in runs if run.client == client.name], plan.rounds)
        for client in plan.clients
    }
    nobody = Standing(cpu=[], wall=[], peak_mib=None)
    bases = [by_name.get(name, nobody).rates for name in (BARE.name, CurlKept.name, CurlKeptInMemory.name, Curl.name)]
    lines = [_line(client, by_name[client.name], bases) for client in plan.clients]
    few, many = plan.sizes
    return Sheet(
        name=f"{NAME}-{at_once}",
        title=f"{at_once} requests at once, no latency; slope between {few:,} and {many:,} rows,"
        f" medians of {plan.rounds} rounds",
        head=_HEAD,
        lines=lines,
        notes=[*_odd(runs), *_fewer(runs), _headroom(runs)],
        raw=[run.raw() for run in runs],
    )


def _line(client: Client, found: Standing, bases: Sequence[Sequence[float | None]]) -> list[str]:
    if (how := client.missing()) is not None:
        return [client.name, f"not installed: `{how}`", *[""] * (len(_HEAD) - 2)]
    return [
        client.name,
        rounded(middle(found.rates)),
        spread(found.rates),
        *(number(ratio(found.rates, base), ".2f") for base in bases),
        rounded(middle(None if slope is None else slope.rate for slope in found.wall)),
        number(middle(None if slope is None else slope.start_s for slope in found.cpu), ".2f"),
        number(found.peak_mib),
    ]


def _odd(runs: Sequence[Run]) -> list[str]:
    """Who posted other than what it was given."""
    return [
        f"{run.client} posted {int(run.traffic['creates']):,} times for {run.rows:,} rows"
        for run in runs
        if run.client != Wrk.name and run.traffic["creates"] != run.rows
    ]


def _fewer(runs: Sequence[Run]) -> list[str]:
    """Who did not have as many requests under way as it was told; more than the connections is not possible."""
    most: dict[str, float] = {}
    for run in runs:
        most[run.client] = max(most.get(run.client, 0), run.traffic["connections"])
    told = max((run.at_once for run in runs), default=0)
    return [f"{name} opened {int(count)} connections at most" for name, count in most.items() if count < 0.9 * told]


def _headroom(runs: Sequence[Run]) -> str:
    """How much faster the stub is than those who ask it; wrk asks as fast as it can be asked."""
    stub = {run.client: run.traffic["creates"] / run.traffic["cpu_s"] for run in runs if run.traffic["cpu_s"]}
    asked = [run.traffic["creates"] / run.usage.cpu_s for run in runs if run.client != Wrk.name and run.usage.cpu_s]
    best = stub.get(Wrk.name) or max(stub.values(), default=0.0)
    if not asked or not best:
        return "the stub was not measured"
    return (
        f"the stub answers {rounded(best)} jobs / CPU s of its own core,"
        f" {best / max(asked):.1f} × what the fastest of these clients asks"
    )
