"""The kind that all events are of, and who hears of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """``name`` is ``noun.past_participle``; ``level`` is the log level it deserves when it is shown at all."""

    name: ClassVar[str]
    level: ClassVar[str] = "info"


Observer = Callable[[Event], None]
