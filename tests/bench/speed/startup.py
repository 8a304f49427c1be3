"""What it takes to begin: commands that do little or nothing, and a run of one row."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from tests.bench.speed.bench import Bench
from tests.bench.speed.clients.batcher import Batcher
from tests.bench.speed.figures import middle
from tests.bench.speed.remote import running_stub
from tests.bench.speed.sheet import Sheet, number
from tests.bench.speed.usage import Usage, measure

NAME = "start-up"
_ROUNDS, _QUICK_ROUNDS = 11, 3
_BATCHER = (sys.executable, "-m", "batcher")


def start_up(bench: Bench) -> list[Sheet]:
    """One sheet."""
    rounds = _QUICK_ROUNDS if bench.quick else _ROUNDS
    bench.say(f"{NAME}: {rounds} rounds")
    client, used = Batcher(), dict[str, list[Usage]]()
    with running_stub() as remote:
        for _ in range(rounds):
            errand = bench.errand(remote, rows=1, at_once=16)
            commands: dict[str, Sequence[str]] = {
                "`python -c pass`": (sys.executable, "-c", "pass"),
                "`batcher --help`": (*_BATCHER, "--help"),
                "`batcher run`, one row": client.command(errand),
                "`batcher status`, of it": (*_BATCHER, "status"),
            }
            for name, words in commands.items():
                usage = measure(words, errand.folder, environment=client.environment)
                used.setdefault(name, []).append(usage)
    return [
        Sheet(
            name=NAME,
            title=f"Start-up, medians of {rounds} rounds",
            head=("", "seconds", "CPU s", "peak MiB"),
            lines=[_line(name, usages) for name, usages in used.items()],
            raw={name: [usage.raw() for usage in usages] for name, usages in used.items()},
        )
    ]


def _line(name: str, usages: Sequence[Usage]) -> list[str]:
    wall, cpu = middle(usage.wall_s for usage in usages), middle(usage.cpu_s for usage in usages)
    return [name, number(wall, ".2f"), number(cpu, ".2f"), number(middle(usage.peak_mib for usage in usages))]
