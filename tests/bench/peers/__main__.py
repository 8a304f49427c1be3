"""``python -m tests.bench.peers``: runs them all and prints the tables."""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from tests.bench.peers import table
from tests.bench.peers.aiohttp_retry import AiohttpRetry
from tests.bench.peers.batcher import Batcher
from tests.bench.peers.contest import play
from tests.bench.peers.contestant import Contestant
from tests.bench.peers.curl import Curl, CurlOnce
from tests.bench.peers.parallel import Parallel
from tests.bench.peers.reqstorm import Reqstorm
from tests.bench.peers.scenario import SCENARIOS, Limits, Scenario

CONTESTANTS: tuple[Contestant, ...] = (Curl(), CurlOnce(), Parallel(), AiohttpRetry(), Reqstorm(), Batcher())


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, and print as it goes."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.peers", description="Usual tools at a bad remote.")
    parser.add_argument("--scenario", choices=[each.name for each in SCENARIOS], help="this one only")
    parser.add_argument("--only", metavar="WORD", default="", help="only tools with this word in their name")
    asked = parser.parse_args(arguments)
    scenarios = [each for each in SCENARIOS if asked.scenario in (None, each.name)]
    compare([each for each in CONTESTANTS if asked.only in each.name], scenarios)
    return 0


def compare(contestants: Sequence[Contestant], scenarios: Sequence[Scenario]) -> None:
    """Print a table a scenario, then what the tools are."""
    limits = Limits()
    _print(
        f"Printed on {datetime.now(UTC).date()} on {platform.system()}, Python {platform.python_version()}. "
        f"Each tool: {limits.at_once} requests at once, {limits.timeout_s} s and {limits.attempts} tries a row."
    )
    for scenario in scenarios:
        _print(f"\n**{scenario.title}.**\n\n{table.heading()}")
        for contestant in contestants:
            _print(table.line(contestant, None if contestant.missing() else play(contestant, scenario)))
    _print(f"\n{table.uses(contestants)}")


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
