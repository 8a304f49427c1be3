"""Figures out of measurements: slopes, medians and ratios."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope:
    """
    What one row more costs, and what none costs.

    Attributes:
        rate: Rows a second.
        start_s: Seconds for no rows at all: where the line between the two sizes begins.
    """

    rate: float
    start_s: float


def slope_of(small_rows: int, small_s: float, large_rows: int, large_s: float) -> Slope | None:
    """The line through two sizes; None where the larger took no longer, so that there was nothing but noise."""
    rows, seconds = large_rows - small_rows, large_s - small_s
    if rows <= 0 or seconds <= 0:
        return None
    return Slope(rate=rows / seconds, start_s=small_s - small_rows * seconds / rows)


def middle(values: Iterable[float | None]) -> float | None:
    """The median of what is known; None where nothing is."""
    known = [value for value in values if value is not None]
    return median(known) if known else None


def ratio(values: Sequence[float | None], base: Sequence[float | None]) -> float | None:
    """
    The median of the ratios of the rounds.

    Both have one value a round: what was measured together is compared, so that a slow minute slows both.
    """
    pairs = zip(values, base, strict=False)
    return middle(None if value is None or not other else value / other for value, other in pairs)
