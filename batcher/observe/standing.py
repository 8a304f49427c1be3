"""What a run waits for, in words: an outage, a pause that the remote asked for, doubts, its own end; what slows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from batcher.core.events import BreakerClosed, BreakerOpened, ConcurrencyChanged, DrainStarted, Event, PaceChanged

from .counts import Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a run waits for what, in seconds, so that it can be said; None where nobody has said."""

    settle_s: float | None = None
    max_outage_s: float | None = None
    drain_timeout_s: float | None = None


class Standing:
    """A listener that knows why nothing moves. ``clock`` is that of whoever shows it."""

    def __init__(self, clock: Callable[[], float], patience: Patience | None = None) -> None:
        self._clock = clock
        self._patience = patience or Patience()
        self._outage: BreakerOpened | None = None
        self._outage_at = 0.0
        self._paused_until = 0.0
        self._pause_reason = ""
        self._drain: DrainStarted | None = None
        self._at_once: ConcurrencyChanged | None = None
        self._was_lowered = False

    def __call__(self, event: Event) -> None:
        match event:
            case BreakerOpened():
                self._outage, self._outage_at = event, self._clock()
            case BreakerClosed():
                self._outage = None
            case PaceChanged() if event.wait_s > 0:
                self._paused_until, self._pause_reason = self._clock() + event.wait_s, event.reason
            case ConcurrencyChanged():
                self._was_lowered |= self._at_once is not None and event.limit < self._at_once.limit
                self._at_once = event
            case DrainStarted():
                self._drain = event
            case _:
                pass

    def words(self, counts: Counts) -> str | None:
        """What the run waits for; None while it works."""
        now = self._clock()
        if self._drain is not None:
            return _drain_words(self._drain, self._patience.drain_timeout_s)
        if self._outage is not None:
            return _outage_words(self._outage, now - self._outage_at, self._patience.max_outage_s)
        if self._paused_until - now >= 1:
            return f"the remote asks to wait {clock_text(self._paused_until - now)} ({self._pause_reason})"
        if counts.in_doubt and counts.left <= counts.in_doubt:
            return _doubt_words(counts.in_doubt, self._patience.settle_s)
        return None

    def at_once(self) -> str | None:
        """How many requests may be in flight, where the remote does not cope with all that are allowed."""
        now = self._at_once
        return f"{now.limit} of {now.most} at once" if now and self._was_lowered and now.limit < now.most else None


def _outage_words(outage: BreakerOpened, since_s: float, max_outage_s: float | None) -> str:
    away, wait_s = outage.outage_s + since_s, outage.wait_s - since_s
    end = f", gives up at {clock_text(max_outage_s)}" if max_outage_s is not None else ""
    again = f"next try in {clock_text(wait_s)}" if wait_s > 0 else "trying"
    return f"paused, the remote is in trouble for {clock_text(away)}{end}; {again} ({outage.reason})"


def _doubt_words(in_doubt: int, settle_s: float | None) -> str:
    rows = "1 row" if in_doubt == 1 else f"{in_doubt:,} rows"
    settle = "" if settle_s is None else f"; not found counts after {clock_text(settle_s)} (--settle)"
    return f"looking up {rows} in doubt{settle}"


def _drain_words(drain: DrainStarted, timeout_s: float | None) -> str:
    limit = "" if timeout_s is None else f" for {clock_text(timeout_s)} at most"
    again = "; Ctrl-C again stops at once" if drain.reason == "sigint" else ""
    return f"stopping, waiting for what is in flight ({drain.in_flight}){limit}{again}"


def clock_text(seconds: float) -> str:
    """As a clock shows it: ``0:07``, ``12:05``, ``1:02:03``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
