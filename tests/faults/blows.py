"""What can be done to a running process from outside, and the ways in which it may end then."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

LONGEST_S = 300.0
"""
A process that has not ended by then hangs. Long, because each look-up that is not answered adds to the time in which a
doubt cannot be settled, and because the machine may be busy with other things.
"""

FINISHED = frozenset({0, 3, 5, 6})
"""Ends that nobody asked for: all created, some rejected, some failed, some in doubt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blow:
    """
    Signals in order, with pauses after them.

    Attributes:
        signals: Each with the seconds before the next.
        codes: Exit codes that it may lead to, besides those of a run that ended before it was hit.
    """

    name: str
    signals: tuple[tuple[signal.Signals, float], ...]
    codes: frozenset[int]

    def strike(self, process: subprocess.Popen[str]) -> None:
        """Sends the signals; a process that is gone is left alone."""
        for number, pause_s in self.signals:
            process.send_signal(number)
            try:
                process.wait(timeout=pause_s)
            except subprocess.TimeoutExpired:
                continue
            return

    def with_code(self, code: int) -> Blow:
        return replace(self, codes=self.codes | {code})

    def may_end_with(self, code: int) -> bool:
        return code in self.codes | FINISHED


# A signal that comes before the command listens for signals, or the third of them, ends it as signals do.
_TERM = frozenset({143, -signal.SIGTERM})
_INT = frozenset({130, -signal.SIGINT})
_KILL = frozenset({-int(signal.SIGKILL)})

PATIENCE = Blow(name="nothing", signals=(), codes=frozenset())
KILL = Blow(name="SIGKILL", signals=((signal.SIGKILL, 0.0),), codes=_KILL)
TERM = Blow(name="SIGTERM", signals=((signal.SIGTERM, 0.0),), codes=_TERM)
INT = Blow(name="SIGINT", signals=((signal.SIGINT, 0.0),), codes=_INT)


def draw(dice: random.Random, *, longest_stop_s: float = 4.0) -> Blow:
    """One blow of any kind."""
    short_s, long_s = dice.uniform(0.0, 0.4), dice.uniform(0.1, longest_stop_s)
    stopped = (signal.SIGSTOP, long_s)
    return dice.choice(
        (
            KILL,
            KILL,
            TERM,
            INT,
            _blow("SIGTERM SIGTERM", _TERM, (signal.SIGTERM, short_s), (signal.SIGTERM, 0.0)),
            _blow("SIGINT SIGINT", _INT, (signal.SIGINT, short_s), (signal.SIGINT, 0.0)),
            _blow("SIGINT SIGTERM", _INT | _TERM, (signal.SIGINT, short_s), (signal.SIGTERM, 0.0)),
            _blow("SIGTERM thrice", _TERM, *[(signal.SIGTERM, short_s / 2)] * 2, (signal.SIGTERM, 0.0)),
            _blow("SIGTERM SIGKILL", _TERM | _KILL, (signal.SIGTERM, short_s), (signal.SIGKILL, 0.0)),
            _blow("SIGSTOP SIGCONT SIGKILL", _KILL, stopped, (signal.SIGCONT, short_s), (signal.SIGKILL, 0.0)),
            _blow("SIGSTOP SIGCONT SIGTERM", _TERM, stopped, (signal.SIGCONT, short_s), (signal.SIGTERM, 0.0)),
            _blow("SIGSTOP SIGKILL", _KILL, stopped, (signal.SIGKILL, 0.0)),
            _blow("SIGSTOP SIGTERM SIGCONT", _TERM, stopped, (signal.SIGTERM, 0.0), (signal.SIGCONT, 0.0)),
            _blow("SIGSTOP SIGCONT", frozenset(), stopped, (signal.SIGCONT, 0.0)),
        )
    )


def _blow(name: str, codes: frozenset[int], *signals: tuple[signal.Signals, float]) -> Blow:
    return Blow(name=name, signals=signals, codes=codes)


def end_of(process: subprocess.Popen[str], *, over: Callable[[], bool] = lambda: False) -> int | None:
    """The exit code; None, and the process killed, when it did not end in time, or all is ``over``."""
    until(lambda: process.poll() is not None or over(), limit_s=LONGEST_S, pause_s=0.02)
    if process.poll() is not None:
        return process.returncode
    process.kill()
    process.wait()
    return None


def until(condition: Callable[[], object], *, limit_s: float = 90.0, pause_s: float = 0.01) -> bool:
    """Waits for what another process brings about; false when it did not come."""
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause_s)
    return True
