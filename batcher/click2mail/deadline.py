"""
Until when an intent may be sent, told by two clocks.

The monotonic clock stands still while a machine sleeps and the boot-time clock goes on; either may be slewed.
Whichever says "late" first is believed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

# Linux only. Elsewhere the monotonic clock has to do.
_BOOT_CLOCK: Final[int] = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def boot_time_s() -> float:
    """Seconds on the clock that goes on while the machine sleeps."""
    return time.clock_gettime(_BOOT_CLOCK)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """The clocks of this machine; tests drive their own by hand."""

    monotonic: Callable[[], float] = time.monotonic
    boot: Callable[[], float] = boot_time_s
    wall: Callable[[], datetime] = _utc_now


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """The last moment at which a send may begin, on either clock."""

    monotonic: float
    boot: float

    @classmethod
    def after(cls, window_s: float, clocks: Clocks) -> Deadline:
        return cls(monotonic=clocks.monotonic() + window_s, boot=clocks.boot() + window_s)

    def has_passed(self, clocks: Clocks) -> bool:
        return clocks.monotonic() > self.monotonic or clocks.boot() > self.boot
