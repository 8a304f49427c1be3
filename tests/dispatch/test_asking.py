"""Questions beside a run: again while nobody answers, at the run's pace, and never against somebody's wish to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest

from batcher.core.events import Event
from batcher.core.outcome import Fault, FaultKind, Reply
from batcher.core.pace import Pace
from batcher.core.tally import StopReason
from batcher.dispatch.asking import Asking
from batcher.dispatch.stop import Stop
from tests.scripted import HandClock

GOOD = Reply(http_status=200, code=0)
AWAY = Reply(http_status=502)
TIMEOUT = Fault(kind=FaultKind.TIMEOUT)


class Table:
    """Who asks, and what is answered: the answers of a question in order, the last one for ever."""

    def __init__(self, *, max_outage_s: float | None = 60.0, rate_per_s: float | None = None) -> None:
        self.clock, self.stop = HandClock(), Stop()
        self.events: list[Event] = []
        self.asked_at: list[float] = []
        self.asking = Asking(
            clock=self.clock,
            emit=self.events.append,
            pace=Pace(rate_per_s),
            stop=self.stop,
            max_outage_s=max_outage_s,
        )

    def question(self, answers: Sequence[Reply | Fault]) -> Callable[[], object]:
        left = list(answers)

        async def ask() -> Reply | Fault:
            self.asked_at.append(self.clock.time)
            return left.pop(0) if len(left) > 1 else left[0]

        return ask

    async def ask(self, *answers: Reply | Fault) -> object:
        return await self.asking.ask(self.question(answers))  # type: ignore[arg-type, type-var]


async def test_a_question_is_asked_until_somebody_answers() -> None:
    table = Table()

    assert await table.ask(*[AWAY] * 6, GOOD) == GOOD
    assert len(table.asked_at) == 7
    assert not table.stop.requested


async def test_an_outage_ends_it() -> None:
    table = Table(max_outage_s=60.0)

    assert await table.ask(TIMEOUT) == TIMEOUT
    assert table.stop.reason is StopReason.OUTAGE
    assert 60.0 <= table.asked_at[-1] - table.asked_at[0] < 100.0


async def test_one_question_that_never_gets_an_answer_holds_up_nobody() -> None:
    table = Table()

    bad, *good = await table.asking.ask_all([table.question([a]) for a in (AWAY, GOOD, GOOD)])  # type: ignore[arg-type, misc]

    assert (bad, good) == (AWAY, [GOOD, GOOD])
    assert not table.stop.requested


async def test_without_an_outage_to_wait_for_three_tries_are_enough() -> None:
    table = Table(max_outage_s=None)

    assert await table.ask(AWAY) == AWAY
    assert len(table.asked_at) == 3
    assert not table.stop.requested


async def test_rejected_credentials_stop_the_run() -> None:
    table = Table()

    await table.ask(Reply(http_status=401))

    assert table.stop.reason is StopReason.CREDENTIALS


@pytest.mark.parametrize("kind", [FaultKind.TLS, FaultKind.DNS])
async def test_a_wrong_address_stops_the_run_in_seconds(kind: FaultKind) -> None:
    table = Table()

    await table.ask(Fault(kind=kind))

    assert table.stop.reason is StopReason.ADDRESS
    assert table.clock.time - table.asked_at[0] < 20.0


async def test_retry_after_holds_for_all() -> None:
    table = Table()

    await table.ask(Reply(http_status=429, retry_after_s=7.0), GOOD)

    assert table.asked_at[1] - table.asked_at[0] >= 7.0
    assert [event.name for event in table.events] == ["pace.changed"]


async def test_the_pace_is_kept() -> None:
    table = Table(rate_per_s=2.0)

    await table.asking.ask_all([table.question([GOOD]) for _ in range(10)])  # type: ignore[arg-type, misc]

    assert table.asked_at[-1] - table.asked_at[0] >= 4.0


async def test_whoever_asks_to_stop_is_heard_in_the_middle_of_a_question() -> None:
    table = Table()

    async def hang() -> Reply:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    asked = asyncio.create_task(table.asking.ask(hang))
    await asyncio.sleep(0)
    table.stop.request(StopReason.SIGINT)

    answer = await asked
    assert isinstance(answer, Fault)
    assert answer.kind is FaultKind.CANCELLED
