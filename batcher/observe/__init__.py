"""
One stream of events, several listeners: the log, the progress shown to people, and the counts that both live on.

A listener is called with every event of ``core.events`` and returns at once. What it cannot write, it leaves: nobody's
letters wait for a log.
"""

from .counts import Counts, Speed
from .fan_out import fan_out
from .log import make_log
from .log_listener import LogListener, log_listener
from .progress import Progress, open_progress
from .standing import Patience
from .stream import on_terminal, steady_stderr

__all__ = [
    "Counts",
    "LogListener",
    "Patience",
    "Progress",
    "Speed",
    "fan_out",
    "log_listener",
    "make_log",
    "on_terminal",
    "open_progress",
    "steady_stderr",
]
