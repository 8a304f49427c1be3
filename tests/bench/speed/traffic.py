"""What the stub saw of a run: when creates came, from the first to the last."""

from __future__ import annotations

from collections.abc import Sequence

RAMP, TAIL = 0.1, 0.9
"""Between these parts of all creates a run is in its steady state."""


def traffic_of(arrivals: Sequence[float], last_answer: float) -> dict[str, float | None]:
    """
    The moments that matter, in seconds of the machine's monotonic clock.

    Args:
        arrivals: Of every create, in order.
        last_answer: When the last of them was answered; 0 where that took no time.
    """
    count = len(arrivals)
    marks = {"first": 0, "ramp_ends": int(count * RAMP), "tail_begins": int(count * TAIL), "last": count - 1}
    moments = {name: arrivals[mark] if count else None for name, mark in marks.items()}
    return {"creates": count, **moments, "answered": last_answer or moments["last"]}
