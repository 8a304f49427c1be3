"""Reading while a run writes, and what one campaign is at a glance."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from batcher.core.errors import Exit
from batcher.core.states import State
from batcher.ledger.records import RunInfo
from batcher.ledger.sqlite import SqliteLedger, SqliteReader
from tests.ledger.builders import NOW, bring, load, outcome, send, start_run


@pytest.fixture
def reader(ledger: SqliteLedger, path: Path) -> Iterator[SqliteReader]:
    with closing(SqliteReader(path)) as opened:
        yield opened


async def test_it_sees_each_commit_as_soon_as_it_is_made(ledger: SqliteLedger, reader: SqliteReader) -> None:
    campaign = await load(ledger, 2)
    before = reader.overview(campaign).counts
    await bring(ledger, campaign, 1, State.DONE)

    assert (before, reader.overview(campaign).counts) == ({"pending": 2}, {"pending": 1, "created": 1})


async def test_results_are_of_one_moment_though_a_run_goes_on(ledger: SqliteLedger, reader: SqliteReader) -> None:
    campaign = await load(ledger, 50)
    results = reader.results(campaign)
    first = next(results)
    for number in range(1, 51):
        await bring(ledger, campaign, number, State.DONE)

    assert [first.state, *(result.state for result in results)] == ["pending"] * 50


async def test_it_reads_while_rows_are_written_all_the_time(ledger: SqliteLedger, reader: SqliteReader) -> None:
    campaign = await load(ledger, 200)
    writes = asyncio.gather(*(bring(ledger, campaign, number, State.DONE) for number in range(1, 201)))
    sums = set()
    while not writes.done():
        overview = reader.overview(campaign)
        sums.add((overview.rows, sum(overview.counts.values())))
        await asyncio.sleep(0)
    await writes

    assert sums == {(200, 200)}


async def test_questions_may_be_asked_in_the_middle_of_results(ledger: SqliteLedger, reader: SqliteReader) -> None:
    campaign = await load(ledger, 30)
    numbers = []
    for result in reader.results(campaign):
        numbers.append(result.row_number)
        reader.overview(campaign)

    assert numbers == list(range(1, 31))


async def test_results_that_nobody_reads_to_the_end_leave_the_reader_usable(
    ledger: SqliteLedger, reader: SqliteReader
) -> None:
    campaign = await load(ledger, 30)
    results = reader.results(campaign)
    next(results)
    results.close()

    assert reader.overview(campaign).rows == 30


async def test_a_campaign_that_is_not_there_is_none(ledger: SqliteLedger, reader: SqliteReader) -> None:
    assert (reader.campaign("c"), reader.overviews()) == (None, [])


async def test_campaigns_come_in_the_order_in_which_they_were_made(ledger: SqliteLedger, reader: SqliteReader) -> None:
    for name in ("zebra", "ant", "mole"):
        await load(ledger, 1, name)

    assert [overview.campaign.name for overview in reader.overviews()] == ["zebra", "ant", "mole"]


async def test_the_last_run_is_shown_while_it_runs(ledger: SqliteLedger, reader: SqliteReader) -> None:
    campaign = await load(ledger, 1)
    run_id = await start_run(ledger, campaign)

    assert reader.overview(campaign).last_run == RunInfo(
        run_id=run_id, started_at=NOW, finished_at=None, exit_code=None, stopped_by=None, host="here", pid=4711
    )


async def test_the_last_run_is_shown_with_how_it_ended(ledger: SqliteLedger, reader: SqliteReader) -> None:
    campaign = await load(ledger, 1)
    await start_run(ledger, campaign)
    run_id = await start_run(ledger, campaign)
    await ledger.finish_run(run_id, now="later", exit_code=Exit.STOPPED, stopped_by="limit")

    assert reader.overview(campaign).last_run == RunInfo(
        run_id=run_id, started_at=NOW, finished_at="later", exit_code=10, stopped_by="limit", host="here", pid=4711
    )


async def test_the_pace_counts_what_was_created_in_the_last_minute(ledger: SqliteLedger, reader: SqliteReader) -> None:
    campaign = await load(ledger, 3)
    for number, age_s in ((1, 5), (2, 50), (3, 70)):
        at = f"{datetime.now(UTC) - timedelta(seconds=age_s):%Y-%m-%dT%H:%M:%S}.123Z"
        await send(ledger, campaign, number)
        await ledger.record_outcome(outcome(campaign, number, State.DONE, finished_at=at))

    assert reader.overview(campaign).created_last_minute == 2
