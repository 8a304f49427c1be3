"""One timer ends every wait at its own moment."""

import asyncio
from collections.abc import Callable

from batcher.click2mail.time_limit import TimeLimit


class HandLoop:
    """A loop whose time passes when a test says so; ``timers`` are the moments for which one is set."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._timers: list[tuple[asyncio.TimerHandle, Callable[[], None]]] = []

    def time(self) -> float:
        return self.now_s

    def call_at(self, when: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        self._timers.append((asyncio.TimerHandle(when, callback, (), self), callback))
        return self._timers[-1][0]

    def get_debug(self) -> bool:
        return False

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None: ...

    @property
    def timers(self) -> list[float]:
        return [handle.when() for handle, _ in self._timers if not handle.cancelled()]

    def pass_until(self, moment: float) -> None:
        self.now_s = moment
        due = [timer for timer in self._timers if timer[0].when() <= moment and not timer[0].cancelled()]
        self._timers = [timer for timer in self._timers if timer not in due]
        for _, callback in due:
            callback()


class Wait:
    def __init__(self) -> None:
        self.error: BaseException | None = None

    def set_exception(self, exc: BaseException) -> None:
        self.error = exc


def ended(*waits: Wait) -> list[bool]:
    return [isinstance(wait.error, TimeoutError) for wait in waits]


def test_each_wait_ends_at_its_moment() -> None:
    loop, early, late = HandLoop(), Wait(), Wait()
    limit = TimeLimit(loop)
    limit.begin(early, 10.0)
    limit.begin(late, 12.0)

    at_each = []
    for moment in (9.9, 10.0, 11.9, 12.0):
        loop.pass_until(moment)
        at_each.append(ended(early, late))
    assert at_each == [[False, False], [True, False], [True, False], [True, True]]
    assert loop.timers == []


def test_a_wait_that_began_later_and_ends_earlier_is_not_forgotten() -> None:
    """Its connection took long to open, and that counts."""
    loop, first, second = HandLoop(), Wait(), Wait()
    limit = TimeLimit(loop)
    limit.begin(first, 12.0)
    limit.begin(second, 10.0)
    loop.pass_until(10.0)

    assert ended(first, second) == [False, True]
    assert loop.timers == [12.0]


def test_a_wait_that_is_over_is_left_alone() -> None:
    loop, over, other = HandLoop(), Wait(), Wait()
    limit = TimeLimit(loop)
    limit.begin(over, 10.0)
    limit.begin(other, 20.0)
    limit.end(over)
    loop.pass_until(10.0)

    assert ended(over, other) == [False, False]
    assert loop.timers == [20.0]


def test_many_waits_cost_one_timer() -> None:
    loop = HandLoop()
    limit = TimeLimit(loop)
    for number in range(100):
        wait = Wait()
        limit.begin(wait, 10.0 + number)
        limit.end(wait)

    assert loop.timers == [10.0]
