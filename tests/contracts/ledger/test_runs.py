"""Counts, and runs from their beginning to their end."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

from batcher.core.errors import Exit
from batcher.core.states import Stage, State
from batcher.ledger.protocol import Ledger
from tests.contracts.conftest import Backend, readable
from tests.ledger.builders import (
    bring,
    load,
    send,
    start_run,
)

from .asking import withdraw


async def test_counts_are_by_shown_state_in_the_order_in_which_they_are_shown(ledger: Ledger) -> None:
    campaign = await load(ledger, 8)
    for number, state in enumerate((State.HELD, State.IN_DOUBT, State.FAILED, State.REJECTED, State.DONE), 1):
        await bring(ledger, campaign, number, state)
    await send(ledger, campaign, 6)
    await withdraw(ledger, campaign, 8, 7)
    rows, counts = await ledger.counts(campaign)

    assert (rows, list(counts.items())) == (
        8,
        [
            ("pending", 1),
            ("sending", 1),
            ("created", 1),
            ("rejected", 1),
            ("failed", 1),
            ("in_doubt", 1),
            ("held", 1),
            ("withdrawn", 1),
        ],
    )


async def test_runs_are_numbered(ledger: Ledger) -> None:
    campaign = await load(ledger, 1)

    assert len({await start_run(ledger, campaign) for _ in range(3)}) == 3


@readable
async def test_a_run_is_noted_from_its_beginning_to_its_end(ledger: Ledger, backend: Backend) -> None:
    campaign = await load(ledger, 1)
    run_id = await start_run(ledger, campaign)
    with closing(backend.read()) as reader:
        during = reader.overview(campaign).last_run
        await ledger.finish_run(run_id, now="later", exit_code=Exit.FAILED, stopped_by="outage")
        after = reader.overview(campaign).last_run
    assert during is not None
    assert after is not None

    assert (during.run_id, during.finished_at, during.exit_code) == (run_id, None, None)
    assert (after.run_id, after.finished_at, after.exit_code, after.stopped_by) == (run_id, "later", 5, "outage")


async def test_the_books_are_of_all_rows_and_of_one_stage(ledger: Ledger) -> None:
    """A row that has gone on from being created was created."""
    campaign = await load(ledger, 4)
    await bring(ledger, campaign, 1, State.DONE)
    await bring(ledger, campaign, 2, State.DONE)
    await bring(ledger, campaign, 3, State.REJECTED)
    await ledger.begin_stage(campaign, Stage.SUBMIT, through=1)
    create, submit = [await ledger.books(campaign, stage) for stage in (Stage.CREATE, Stage.SUBMIT)]

    assert (create.rows, create.counts) == await ledger.counts(campaign)
    assert create.judged == {State.DONE: 2, State.REJECTED: 1, State.PENDING: 1}
    assert submit == replace(create, judged={State.PENDING: 1})
