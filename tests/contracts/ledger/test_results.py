"""The results: one line a row, with what its last attempt was answered."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from batcher.core.states import State
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import (
    Campaign,
    Result,
    Via,
)
from tests.contracts.conftest import Backend, readable
from tests.ledger.builders import (
    BOOT,
    NOW,
    bring,
    intents,
    load,
    outcome,
    send,
    start_run,
)

from .asking import correct, correction


def results_of(backend: Backend, campaign: Campaign, states: Sequence[str] | None = None) -> list[Result]:
    with closing(backend.read()) as reader:
        return list(reader.results(campaign, states))


@readable
async def test_results_are_in_manifest_order_each_with_its_own_row(ledger: Ledger, backend: Backend) -> None:
    campaign = await load(ledger, 40)
    await send(ledger, campaign, *range(1, 41))
    for number in (*range(40, 20, -1), *range(1, 21)):
        await ledger.record_outcome(outcome(campaign, number, State.DONE, description=f"d{number}"))
    seen = [
        (r.row_number, r.key, r.job_id, r.description, r.kept["note"], r.parameters["documentId"])
        for r in results_of(backend, campaign)
    ]

    assert seen == [(n, f"k{n}", 5000 + n, f"d{n}", f"n{n}", str(1000 + n)) for n in range(1, 41)]


@readable
async def test_a_created_row_has_all_that_was_answered(ledger: Ledger, backend: Backend) -> None:
    campaign = await load(ledger, 1)
    await send(ledger, campaign, 1)
    await ledger.record_outcome(
        outcome(
            campaign,
            1,
            State.DONE,
            http_status=201,
            return_code=0,
            description="Created",
            finished_at="later",
            duration_ms=12,
            extra_job_ids=(8, 9),
        )
    )

    assert results_of(backend, campaign) == [
        Result(
            row_number=1,
            key="k1",
            state="created",
            job_id=5001,
            http_status=201,
            return_code=0,
            description="Created",
            attempts=1,
            first_sent_at=NOW,
            completed_at="later",
            duration_ms=12,
            error_type=None,
            error=None,
            cost_micros=None,
            remote_state=None,
            kept={"note": "n1"},
            parameters_json='{"documentId": "1001", "addressId": "500"}',
            extra_job_ids=(8, 9),
        )
    ]


@readable
async def test_a_row_that_was_never_sent_has_no_answer(ledger: Ledger, backend: Backend) -> None:
    (result,) = results_of(backend, await load(ledger, 1))

    assert (result.state, result.attempts, result.http_status, result.description, result.first_sent_at) == (
        "pending",
        0,
        None,
        "",
        None,
    )


@readable
async def test_results_tell_of_the_last_attempt(ledger: Ledger, backend: Backend) -> None:
    campaign = await load(ledger, 1)
    await send(ledger, campaign, 1)
    await ledger.record_outcome(outcome(campaign, 1, State.PENDING, http_status=429, error="first", error_type="x"))
    await send(ledger, campaign, 1, attempt=2)
    await ledger.record_outcome(
        outcome(campaign, 1, State.REJECTED, attempt=2, http_status=400, error="second", error_type="rejected")
    )
    (result,) = results_of(backend, campaign)

    assert (result.attempts, result.http_status, result.error, result.error_type) == (2, 400, "second", "rejected")


@readable
async def test_only_attempts_that_left_count_and_tell_when_a_row_was_first_sent(
    ledger: Ledger, backend: Backend
) -> None:
    campaign = await load(ledger, 1)
    for attempt, sent in ((1, False), (2, True), (3, True)):
        await ledger.record_intents(intents(campaign, {1: attempt}, recorded_at=f"at {attempt}"))
        await ledger.record_outcome(outcome(campaign, 1, State.PENDING, attempt=attempt, sent=sent))
    (result,) = results_of(backend, campaign)

    assert (result.first_sent_at, result.attempts) == ("at 2", 2)


@readable
async def test_a_row_that_never_left_was_never_sent(ledger: Ledger, backend: Backend) -> None:
    campaign = await load(ledger, 1)
    await send(ledger, campaign, 1)
    await ledger.record_outcome(outcome(campaign, 1, State.PENDING, sent=False))
    (result,) = results_of(backend, campaign)

    assert (result.attempts, result.first_sent_at) == (0, None)


@readable
async def test_a_job_found_by_look_up_keeps_what_was_replied(ledger: Ledger, backend: Backend) -> None:
    campaign = await load(ledger, 1)
    await send(ledger, campaign, 1)
    await ledger.record_outcome(
        outcome(campaign, 1, State.IN_DOUBT, http_status=500, return_code=9, description="custom", error="e")
    )
    await ledger.record_outcome(outcome(campaign, 1, State.DONE, old=State.IN_DOUBT, via=Via.LOOK_UP))
    (result,) = results_of(backend, campaign)

    assert (result.state, result.job_id, result.http_status, result.return_code, result.description, result.error) == (
        "created",
        5001,
        500,
        9,
        "custom",
        None,
    )


@readable
async def test_a_lost_outcome_is_still_written_down(ledger: Ledger, backend: Backend) -> None:
    campaign = await load(ledger, 1)
    await bring(ledger, campaign, 1, State.FAILED)
    await ledger.record_outcome(outcome(campaign, 1, State.REJECTED, http_status=418, error="late"))
    (result,) = results_of(backend, campaign)

    assert (result.state, result.http_status, result.error) == ("failed", 418, "late")


@readable
async def test_a_row_whose_process_died_says_so(ledger: Ledger, backend: Backend) -> None:
    campaign = await load(ledger, 1)
    await send(ledger, campaign, 1)
    await ledger.recover(campaign, await start_run(ledger, campaign), boot_id=BOOT, boot_now=1.0)
    (result,) = results_of(backend, campaign)

    assert (result.state, result.error_type, result.error) == (
        "in_doubt",
        "process_died",
        "the run that sent it ended without an answer",
    )


@readable
async def test_results_can_be_asked_for_by_state(ledger: Ledger, backend: Backend) -> None:
    campaign = await load(ledger, 5)
    for number, state in ((1, State.DONE), (3, State.REJECTED), (4, State.FAILED)):
        await bring(ledger, campaign, number, state)
    asked: list[list[str] | None] = [["created"], ["rejected", "failed"], [], None]

    assert [[result.row_number for result in results_of(backend, campaign, states)] for states in asked] == [
        [1],
        [3, 4],
        [],
        [1, 2, 3, 4, 5],
    ]


@readable
async def test_corrected_rows_show_what_was_corrected(ledger: Ledger, backend: Backend) -> None:
    campaign = await load(ledger, 1)
    await bring(ledger, campaign, 1, State.REJECTED)
    await correct(ledger, campaign, correction(1, "k1"))
    (result,) = results_of(backend, campaign)

    assert (result.parameters, result.kept) == ({"documentId": "77"}, {})
