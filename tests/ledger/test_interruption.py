"""A load is broken off within moments of being asked to stop, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from batcher.core.errors import LoadInterrupted
from batcher.ledger.sqlite import SqliteLedger
from tests.ledger.builders import creation, load, manifest

LONG = "WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n LIMIT 10000000) "
READS = LONG + "SELECT count(*) FROM n"
WRITES = LONG + "INSERT INTO temp.incoming SELECT i, i, 'k', x'', '{}', '{}', NULL FROM n"
WRITES_THE_LEDGER = LONG + "INSERT INTO spec SELECT 1, i, i, x'', '{}', '{}', 0 FROM n"


def after_some_asking() -> Callable[[], bool]:
    asked = count()
    return lambda: next(asked) > 3


@pytest.mark.parametrize("statement", [READS, WRITES, WRITES_THE_LEDGER], ids=["reads", "writes", "writes the ledger"])
async def test_a_long_statement_is_broken_off(ledger: SqliteLedger, statement: str) -> None:
    def work(staging: Any) -> None:
        staging.add(manifest(3))
        staging.create(**creation())
        staging._db.execute(statement).fetchall()

    with pytest.raises(LoadInterrupted, match="nothing was loaded or sent"):
        await ledger.load(work, after_some_asking())

    assert await ledger.campaign("c") is None
    assert (await ledger.counts(await load(ledger, 3))) == (3, {"pending": 3})


async def test_what_was_done_when_the_word_came_is_not_kept(ledger: SqliteLedger) -> None:
    is_stopped = False

    def work(staging: Any) -> None:
        nonlocal is_stopped
        staging.add(manifest(3))
        staging.create(**creation())
        is_stopped = True

    with pytest.raises(LoadInterrupted):
        await ledger.load(work, lambda: is_stopped)

    assert await ledger.campaign("c") is None


async def test_afterwards_nobody_asks_any_more(ledger: SqliteLedger) -> None:
    asked = 0

    def is_stopped() -> bool:
        nonlocal asked
        asked += 1
        return False

    await ledger.load(lambda staging: staging.add(manifest(3)), is_stopped)
    before = asked
    await ledger._writer.submit(lambda db: db.execute(f"{LONG} SELECT i FROM n LIMIT 100000").fetchall())

    assert asked == before
