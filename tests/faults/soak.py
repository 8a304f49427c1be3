"""
The kill loop for as long as wanted: campaign after campaign through bad weather and blows.

    python -m tests.faults.soak --minutes 60
    python -m tests.faults.soak --campaign 1234-17       one campaign again, by the seed that a failure names

Prints its figures every minute and at the end, also when it is asked to end before; exit code 1 when something was
wrong. Each campaign lives in a temporary folder that goes with it; the first three with something wrong stay, and are
named.
"""

from __future__ import annotations

import argparse
import itertools
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from tests.faults.ordeal import Figures, Terms, play

_KEPT = 3
_MAIN = ("campaigns", "runs", "rows", "POSTs", "jobs", "created", "rejected", "held")
_WRONG = ("duplicates", "unrecorded", "lost", "blind")

Say = Callable[[str], None]


def soak(*, minutes: float, seed: int, say: Say, at_once: int = 1, terms: Terms | None = None) -> Figures:
    """
    Begins campaigns until the time is over, so many at once; those that have begun by then are played out.

    On SIGTERM and Ctrl-C they are broken off, and what was seen until then is told.
    """
    place, began = Path(tempfile.mkdtemp(prefix="batcher-soak-")), time.monotonic()
    total, said, kept = Figures(), 0, 0
    names = (f"{seed}-{number}" for number in itertools.count(1))
    terms = terms or Terms()
    say(f"soak: seed {seed}, {minutes:g} minutes, {at_once} at once, {terms}")
    over = Event()
    with ThreadPoolExecutor(at_once) as pool, _asked_to_end(over):
        playing: set[Future[Figures]] = set()
        while playing or (_minutes(began) < minutes and not over.is_set()):
            while len(playing) < at_once and _minutes(began) < minutes and not over.is_set():
                name = next(names)
                playing.add(pool.submit(play, place / name, name, terms, over))
            done, playing = wait(playing, timeout=1.0, return_when=FIRST_COMPLETED)
            for figures in (future.result() for future in done):
                total.add(figures)
                kept += bool(figures.wrong)
                _tell(figures, place, kept, say)
            if _minutes(began) >= said + 1:
                said = int(_minutes(began))
                say(f"{said} min: {line(total)}")
    if not total.wrong:
        shutil.rmtree(place, ignore_errors=True)
    say(table(total, _minutes(began)))
    return total


def _tell(figures: Figures, place: Path, count: int, say: Say) -> None:
    """What is wrong with a campaign; of the first few everything, and their folders stay."""
    if figures.wrong and count <= _KEPT:
        say("\n".join(f"WRONG {words}" for words in figures.wrong[:5]))
        say(f"its folder: {place / figures.seed}")
    elif figures.wrong:
        say(f"WRONG again, seed {figures.seed}")
        shutil.rmtree(place / figures.seed, ignore_errors=True)


@contextmanager
def _asked_to_end(over: Event) -> Iterator[None]:
    """SIGTERM and SIGINT set ``over``, while inside."""
    before = [(number, signal.signal(number, lambda *_: over.set())) for number in (signal.SIGTERM, signal.SIGINT)]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _minutes(began: float) -> float:
    return (time.monotonic() - began) / 60


def line(figures: Figures) -> str:
    """The figures that matter, in one line."""
    shown = [f"{figures.counts[name]} {name}" for name in (*_MAIN, *_WRONG)]
    return ", ".join([*shown, f"{sum(figures.blows.values())} blows", f"{len(figures.wrong)} wrong"])


def table(figures: Figures, minutes: float) -> str:
    """All figures, a group a paragraph."""
    groups = {
        f"after {minutes:.1f} minutes": {name: figures.counts[name] for name in (*_MAIN, *_WRONG)},
        "blows": dict(figures.blows.most_common()),
        "before them": dict(figures.trouble.most_common()),
        "exit codes": dict(figures.codes.most_common()),
        "the proxy did": dict(sorted(figures.proxy.items())),
        "the emulator's faults": dict(sorted(figures.remote.items())),
        "wrong": {"things": len(figures.wrong)},
    }
    lines = []
    for title, counts in groups.items():
        lines.append(title)
        lines += [f"  {name:32} {count:>9,}" for name, count in counts.items()]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__.splitlines()[1])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--at-once", type=int, default=2, help="campaigns played side by side")
    parser.add_argument("--campaign", help="play this one alone, by its seed")
    given = parser.parse_args(arguments)

    def say(text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    if given.campaign:
        figures = play(Path(tempfile.mkdtemp(prefix="batcher-soak-")) / given.campaign, given.campaign, Terms())
        say("\n".join(figures.wrong) or table(figures, 0.0))
    else:
        figures = soak(minutes=given.minutes, seed=given.seed, say=say, at_once=given.at_once)
    return 1 if figures.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
