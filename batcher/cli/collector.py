"""Python's garbage collector while a command reads many rows, or has many requests in flight."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_SELDOM: Final = (50_000, 50, 100)
"""
Hardly anything that a command makes is garbage in a ring, and each round goes through all that is alive: a thousand
requests with their connections, again and again. Without this such a run takes half as much time again.
"""


@contextmanager
def sparing_collector() -> Iterator[None]:
    """While inside, the collector leaves alone what was there before, and comes seldom."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
