"""What a run has come to so far, counted from its events: what progress shows."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Final

from batcher.core.events import (
    DoubtResolved,
    Event,
    JobCreated,
    JobDeleted,
    JobFailed,
    JobHeld,
    JobInDoubt,
    JobRejected,
    JobSubmitted,
    ManifestRead,
    RetryScheduled,
    RunStarted,
    StatesRead,
)
from batcher.core.states import Stage, State, shown_state

_DONE_WORDS: Final = {stage: shown_state(stage, State.DONE) for stage in Stage}


class Counts:
    """
    A listener that counts rows by what became of them in this run; ``retries`` counts attempts.

    ``read`` is how far the manifest was read; ``asked`` of ``to_ask`` jobs were asked where they stand, None where that
    is not done. ``total`` is what the run set out to do: rows to create, submit or
    delete, and doubts of earlier runs to settle; None before it began. ``done`` are those that it did, and
    ``done_word`` says what it did. ``in_doubt`` goes down again when a doubt is settled, the others only go up, until
    another stage begins.
    """

    def __init__(self) -> None:
        self.read = 0
        self.asked = 0
        self.to_ask: int | None = None
        self.total: int | None = None
        self.done = 0
        self.done_word = _DONE_WORDS[Stage.CREATE]
        self.rejected = 0
        self.failed = 0
        self.held = 0
        self.in_doubt = 0
        self.retries = 0
        self._takes: dict[type[Event], Callable[[Any], None]] = {
            ManifestRead: self._read,
            StatesRead: self._ask,
            RunStarted: self._start,
            JobCreated: self._do,
            JobSubmitted: self._do,
            JobDeleted: self._do,
            JobRejected: self._reject,
            JobFailed: self._fail,
            JobHeld: self._hold,
            JobInDoubt: self._doubt,
            DoubtResolved: self._resolve,
            RetryScheduled: self._retry,
        }

    def __call__(self, event: Event) -> None:
        take = self._takes.get(type(event))
        if take is not None:
            take(event)

    @property
    def finished(self) -> int:
        """Rows that this run is done with; those in doubt are not among them."""
        return self.done + self.rejected + self.failed + self.held

    @property
    def left(self) -> int:
        """Rows that the run is not done with."""
        return max(0, (self.total or 0) - self.finished)

    def _read(self, event: ManifestRead) -> None:
        self.read = event.rows

    def _ask(self, event: StatesRead) -> None:
        self.asked, self.to_ask = event.jobs, event.total

    def _start(self, event: RunStarted) -> None:
        stage = Stage(event.stage)
        if _DONE_WORDS[stage] != self.done_word:
            self.done = self.rejected = self.failed = self.held = self.retries = 0
        self.done_word = _DONE_WORDS[stage]
        self.total = event.to_send + event.in_doubt
        self.in_doubt = event.in_doubt

    def _do(self, event: JobCreated | JobSubmitted | JobDeleted) -> None:
        self.done += 1

    def _reject(self, event: JobRejected) -> None:
        self.rejected += 1

    def _fail(self, event: JobFailed) -> None:
        self.failed += 1

    def _hold(self, event: JobHeld) -> None:
        self.held += 1

    def _doubt(self, event: JobInDoubt) -> None:
        self.in_doubt += 1

    def _resolve(self, event: DoubtResolved) -> None:
        self.in_doubt -= 1

    def _retry(self, event: RetryScheduled) -> None:
        self.retries += 1


class Speed:
    """Rows a second over the last ``window_s`` seconds, from looks at a counter; also from looks further apart."""

    def __init__(self, window_s: float = 10.0) -> None:
        self._window_s: Final = window_s
        self._looks: deque[tuple[float, int]] = deque()

    def per_s(self, now: float, finished: int) -> float:
        """Takes in a look at the counter. 0 at the first one."""
        looks = self._looks
        looks.append((now, finished))
        # The oldest look kept is the youngest that is at least a window old.
        while len(looks) > 2 and now - looks[1][0] >= self._window_s:
            looks.popleft()
        began, before = looks[0]
        return (finished - before) / (now - began) if now > began else 0.0
