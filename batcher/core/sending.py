"""The window in which an attempt may begin, and whether it has begun."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """
    The last moment at which a request may begin to be written, on two clocks.

    The monotonic clock stands still while a machine sleeps and the boot-time clock goes on; either may be slewed.
    Whichever says "late" first is believed.
    """

    monotonic: float
    boot: float

    def has_passed(self, *, monotonic: float, boot: float) -> bool:
        return monotonic > self.monotonic or boot > self.boot


@dataclass(slots=True)
class Sending:
    """
    What is known of one attempt while it is under way.

    ``started`` turns true just before the first byte may leave. Where it is false after the attempt ended or was
    cancelled, not a byte has left and none will.
    """

    started: bool = False
