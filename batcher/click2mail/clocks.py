"""The clocks that a send window is judged by, at the place where the first byte is written."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from batcher.core.sending import Deadline

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

    def deadline(self, window_s: float) -> Deadline:
        """The end of a send window that begins now."""
        return Deadline(monotonic=self.monotonic() + window_s, boot=self.boot() + window_s)

    def is_past(self, deadline: Deadline) -> bool:
        return deadline.has_passed(monotonic=self.monotonic(), boot=self.boot())
