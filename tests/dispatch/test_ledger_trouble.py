"""The ledger fails at any call: the run ends with that error, leaves nobody behind, and the next run carries on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from batcher.core.errors import Exit, LedgerError
from tests.dispatch.storm import FATES, Weather
from tests.dispatch.test_storm import Storm
from tests.simulation.jumping import play

ONCE = ("start_run", "recover", "release", "books", "doubts", "lag_s", "claim", "known_row", "note_lag", "finish_run")
OFTEN = ("record_intents", "record_outcome", "record_outcomes")
NO_JOB_IS_KNOWN = {"lost_reply": 1.0}
"""A row of an earlier run is asked for only where this one has nothing to show."""


class _Failing:
    """Lets a method of the ledger fail at its ``nth`` call, before or after it did its work, and ever after."""

    def __init__(self, ledger: Any, method: str, nth: int, *, after: bool) -> None:
        self._real = getattr(ledger, method)
        self._left = nth
        self._after = after
        self.failed = False
        setattr(ledger, method, self.call)

    async def call(self, *arguments: Any, **named: Any) -> Any:
        self._left -= 1
        if self._left > 0:
            return await self._real(*arguments, **named)
        self.failed = True
        if self._after:
            await self._real(*arguments, **named)
        raise LedgerError("no space left")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("method", [*ONCE, *OFTEN])
def test_a_ledger_that_fails_ends_the_run_and_harms_no_row(method: str, after: bool) -> None:
    for nth in (1, 2, 3, 5, 8) if method in OFTEN else (1,):
        play(_fail_and_carry_on(method, nth, after=after))


async def _fail_and_carry_on(method: str, nth: int, *, after: bool) -> None:
    storm = Storm(nth)
    await storm.load("known", 1)
    await storm.run()
    await storm.load("c", 20)
    storm.remote.weather = Weather(fates=NO_JOB_IS_KNOWN if method == "known_row" else FATES)
    failing = _Failing(storm.ledger, method, nth, after=after)

    run = asyncio.create_task(storm.run(max_outage_s=3000.0))
    await asyncio.wait({run})

    error = run.exception()
    assert failing.failed
    assert str(error) == "no space left"
    assert asyncio.all_tasks() == {asyncio.current_task()}
    del storm.ledger.__dict__[method]
    storm.remote.clear_up()
    summary = await storm.run()
    await storm.remote.at_rest()
    assert summary.exit_code is Exit.OK
    assert storm.remote.complaints == []
    assert len(storm.remote.ids) == 21
    await storm.ledger.close()
