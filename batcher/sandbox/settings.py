"""What can be set about the emulator, checked once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from batcher.sandbox.fault_plan import FaultPlan

_LAST_PORT = 65_535
# Far past what anybody means, and small enough that no sum and no date overflows.
_MOST = 1e12
_MOST_SECONDS_OFF = 1e9
LookupMode = Literal["works", "ignores_query", "empty", "missing"]
DeletedJobs = Literal["unknown", "shown"]


class SandboxError(Exception):
    """The emulator cannot start as asked. The message is one line for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxSettings:
    """
    How one emulator behaves.

    Attributes:
        port: 0 takes a free one.
        latency: Seconds a reply takes, or a range such as ``"0.05-0.2"``, drawn evenly.
        faults: A fault plan, the file of one, or None for a remote that never fails.
        seed: Of everything drawn by chance. A plan that is handed over has its own.
        require_auth: ``"user:password"`` that alone is let in. None lets in any, but never nobody.
        state: File that keeps the world over a restart. None keeps it in memory.
        lag: Seconds from a job's creation to its first appearance in a listing.
        lookup_mode: What a look-up by signature is worth: ``works``; ``ignores_query`` lists the newest jobs
            whatever was asked; ``empty`` finds nothing ever; ``missing`` knows no such page.
        strict: Only what was uploaded here exists, and only products that are listed. Otherwise documents and
            address lists from id 100 on exist already, as those of a campaign prepared elsewhere would, but no
            listing shows them; and of every product there is more than the listing has.
        list_delay: Seconds an address list takes to become usable: from its upload, or, where it was made
            elsewhere, from the first question for it.
        credit: Prepaid dollars. Where ``state`` knows a balance, as it does once it moved, that one stands.
        speed: How many times faster than the vendor a submitted job moves on; ``production`` has the times.
        deleted_jobs: What the status of a deleted job is: ``unknown`` like a job that never was, or ``shown``.
        clock_off: Seconds by which the emulator's clock is wrong: ahead, or behind when negative.
        exit_with_parent: Stop when standard input ends, so that no emulator outlives who started it.
    """

    host: str = "127.0.0.1"
    port: int = 0
    latency: float | str = 0.0
    faults: Path | FaultPlan | None = None
    seed: int = 0
    require_auth: str | None = None
    state: Path | None = None
    lag: float = 0.0
    lookup_mode: LookupMode = "works"
    strict: bool = False
    list_delay: float = 0.0
    credit: float = 1_000_000.0
    # An hour in a second: a job awaits production at once, and is in the mail within half a minute.
    speed: float = 3600.0
    deleted_jobs: DeletedJobs = "unknown"
    clock_off: float = 0.0
    exit_with_parent: bool = False

    def __post_init__(self) -> None:
        """
        Refuse what cannot be meant.

        Raises:
            SandboxError: Names the setting and what it may be.
        """
        latency_range(self.latency)
        if not 0 <= self.port <= _LAST_PORT:
            raise SandboxError(f"port must be 0 to {_LAST_PORT}, not {self.port}; 0 takes a free one")
        if self.lookup_mode not in get_args(LookupMode):
            raise SandboxError(f"lookup mode {self.lookup_mode!r} is none of {', '.join(get_args(LookupMode))}")
        if self.require_auth is not None and ":" not in self.require_auth:
            raise SandboxError("the required credentials must have the form user:password")
        if self.deleted_jobs not in get_args(DeletedJobs):
            raise SandboxError(f"deleted jobs {self.deleted_jobs!r} is none of {', '.join(get_args(DeletedJobs))}")
        numbers = {"lag": self.lag, "list delay": self.list_delay, "credit": self.credit, "speed": self.speed}
        for name, value in numbers.items():
            if not 0 <= value <= _MOST:
                raise SandboxError(f"{name} must be a number from 0 to {_MOST:.0f}, not {value}")
        if not abs(self.clock_off) <= _MOST_SECONDS_OFF:
            raise SandboxError(f"clock off must be within {_MOST_SECONDS_OFF:.0f} seconds, not {self.clock_off}")


def latency_range(latency: float | str) -> tuple[float, float]:
    """
    Lowest and highest seconds a reply may take.

    Raises:
        SandboxError: Neither a number of seconds nor two of them in order.
    """
    low, _, high = str(latency).partition("-")
    try:
        least, most = float(low), float(high or low)
    except ValueError:
        least, most = math.nan, math.nan
    if not (0 <= least <= most < math.inf):
        raise SandboxError(f"latency must be seconds such as 0.1, or a range such as 0.05-0.2, not {latency!r}")
    return least, most
