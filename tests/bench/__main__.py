"""``python -m tests.bench``: how fast it is, as tables on stdout; see ``tests/bench/speed/__init__.py``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.speed.bench import Bench
from tests.bench.speed.clients import CLIENTS
from tests.bench.speed.clients.batcher import Batcher
from tests.bench.speed.clients.client import MEMORY
from tests.bench.speed.efficiency import efficiency
from tests.bench.speed.machine import facts
from tests.bench.speed.million import million
from tests.bench.speed.prices import prices
from tests.bench.speed.rows import Rows
from tests.bench.speed.sheet import Sheet
from tests.bench.speed.startup import start_up
from tests.bench.speed.throughput import throughput

PARTS: dict[str, Callable[[Bench], list[Sheet]]] = {
    "throughput": throughput,
    "efficiency": efficiency,
    "million": million,
    "prices": prices,
    "start-up": start_up,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints as it goes, and says with its exit code only whether batcher came to its end each time."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="How fast batcher is, beside others.")
    parser.add_argument("--quick", action="store_true", help="a taste of every part, in less than a minute")
    parser.add_argument("--no-million", dest="million", action="store_false", help="no more than 100,000 rows")
    parser.add_argument("--only", action="append", choices=PARTS, metavar="PART", help=f"one of: {', '.join(PARTS)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all raw figures there")
    given = sys.argv[1:] if arguments is None else arguments
    asked = parser.parse_args(given)
    fast = MEMORY if MEMORY.is_dir() else None
    with TemporaryDirectory(prefix="bench-") as folder, TemporaryDirectory(prefix="bench-", dir=fast) as memory:
        bench = Bench(
            folder=Path(folder), memory=Path(memory), quick=asked.quick, million=asked.million, rows=Rows(Path(folder))
        )
        machine = {"command": " ".join([parser.prog, *given]), **facts(Path(folder), CLIENTS)}
        sheets = _measure(bench, asked.only or PARTS, machine)
        if asked.json is not None:
            figures = {sheet.name: {"head": sheet.head, "lines": sheet.lines, "raw": sheet.raw} for sheet in sheets}
            asked.json.write_text(json.dumps({"machine": machine, "parts": figures, "failed": bench.failed}, indent=1))
        bench.say("tidying up")
    return 1 if any(failure.startswith(Batcher.name) for failure in bench.failed) else 0


def _measure(bench: Bench, parts: Iterable[str], machine: Mapping[str, str]) -> list[Sheet]:
    """Prints each part as soon as it is there."""
    _print("; ".join(f"{name}: {fact}" for name, fact in machine.items()) + "\n")
    sheets: list[Sheet] = []
    for name in parts:
        for sheet in PARTS[name](bench):
            _print(sheet.markdown())
            sheets.append(sheet)
    for failure in bench.failed:
        _print(f"- failed: {failure}")
    return sheets


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
