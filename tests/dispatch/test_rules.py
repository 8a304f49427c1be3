"""The rules of the state machine, each with a test that fails when the rule is broken."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from batcher.core.errors import Exit, LedgerError
from batcher.core.outcome import Answer, Fault, FaultKind, Listing, Reply
from batcher.core.patience import Patience
from batcher.core.retry import OnDoubt, RetryPolicy
from batcher.core.tally import StopReason
from batcher.dispatch.plan import FailureLimit
from batcher.ledger.records import Intents
from tests.dispatch.conftest import Box
from tests.scripted import ScriptedRemote, Step, failure_500, silence


async def test_no_post_without_a_committed_intent(box: Box) -> None:
    """Rule 1: at the moment of the POST its commit has returned, and the ledger says "sending"."""
    await box.load(20)
    seen: list[str] = []
    committed: set[int] = set()
    create, record = box.remote.create, box.ledger.record_intents

    async def note(intents: Intents) -> frozenset[int]:
        recorded = await record(intents)
        committed.update(recorded)
        return recorded

    async def spy(parameters: object, signature: str, send_by: object, sending: object) -> object:
        number = int(signature.rpartition("-")[2])
        is_committed = number in committed
        states = await box.states()
        seen.append(states[number][0] if is_committed else "not committed")
        return await create(parameters, signature, send_by, sending)  # type: ignore[arg-type]

    box.remote.create = spy  # type: ignore[method-assign, assignment]
    box.ledger.record_intents = note  # type: ignore[method-assign]
    await box.run()

    assert seen == ["sending"] * 20


async def test_an_intent_that_cannot_be_committed_is_not_sent(box: Box) -> None:
    """Rule 1: when the ledger fails, nothing leaves, and the run says so."""
    await box.load(5)

    async def full(intents: object) -> frozenset[int]:
        raise LedgerError("no space left for the ledger")

    box.ledger.record_intents = full  # type: ignore[method-assign, assignment]

    with pytest.raises(LedgerError, match="no space left"):
        await box.run()
    assert box.remote.posts == []


async def test_a_row_that_somebody_else_moved_is_not_sent(box: Box) -> None:
    """Rule 2: an intent that moves nothing is news: the row is left alone and the run stops."""
    await box.load(3)
    claim = box.ledger.claim

    async def claim_then_lose(campaign: object, stage: object, *, after: int, limit: int) -> object:
        rows = await claim(campaign, stage, after=after, limit=limit)  # type: ignore[arg-type]
        await box.ledger._writer.submit(
            lambda db: db.execute("UPDATE row SET state = 'done' WHERE number = 2").rowcount
        )
        return rows

    box.ledger.claim = claim_then_lose  # type: ignore[method-assign, assignment]
    summary = await box.run()

    assert box.signature(2) not in box.remote.posts
    assert summary.exit_code is Exit.LEDGER_BROKEN


@pytest.mark.parametrize("kind", [FaultKind.CONNECT, FaultKind.POOL, FaultKind.STALE_INTENT])
async def test_a_fault_before_sending_is_tried_again_without_a_look_up(box: Box, kind: FaultKind) -> None:
    """Rule 3: nothing was sent, so there is nothing to look up and no try is used up."""
    await box.load(4)
    fault = Fault(kind=kind, detail="not sent")
    box.remote.scripts[box.signature(2)].extend(Step(fault, sent=False) for _ in range(7))

    summary = await box.run()

    assert (summary.exit_code, box.remote.posts.count(box.signature(2))) == (Exit.OK, 8)
    assert box.named("job.in_doubt") == box.named("doubt.resolved") == []


@pytest.mark.parametrize(
    "answer",
    [
        Fault(kind=FaultKind.RESET),
        Fault(kind=FaultKind.CUT),
        Fault(kind=FaultKind.WRITE),
        Fault(kind=FaultKind.UNREADABLE),
        Reply(http_status=502),
        Reply(http_status=503),
        Reply(http_status=524),
        Reply(http_status=500),
        Reply(http_status=408),
        Reply(http_status=201, code=0, job_id=0),
    ],
    ids=str,
)
async def test_after_sending_only_a_look_up_moves_a_row(box: Box, answer: Reply | Fault) -> None:
    """Rule 3: the job exists although the reply does not say so; it is found and never made again."""
    await box.load(6)
    box.remote.scripts[box.signature(5)].append(Step(answer, creates=True))

    summary = await box.run()

    assert (summary.exit_code, summary.counts, box.remote.duplicates) == (Exit.OK, {"created": 6}, {})
    assert box.remote.posts.count(box.signature(5)) == 1


async def test_a_throttled_row_waits_as_long_as_the_remote_asks_and_so_does_everybody(box: Box) -> None:
    """Rule 3: 429 made nothing; its Retry-After is heard by all workers."""
    await box.load(12)
    box.remote.scripts[box.signature(1)].append(Step(Reply(http_status=429, retry_after_s=60.0)))
    starts = _start_times(box)

    summary = await box.run(concurrency=1)

    assert summary.exit_code is Exit.OK
    assert box.named("job.in_doubt") == box.named("doubt.resolved") == []
    assert starts[1] - starts[0] >= 60


async def test_found_is_not_believed_before_the_look_up_is_proven(box: Box) -> None:
    """Rule 4: a remote that lists somebody else's job under any signature must not fool us."""
    await box.load(1)
    box.remote.scripts[box.signature(1)].append(silence(creates=True))
    box.remote.lookup = lambda signature: Listing(job_ids=(777,))

    summary = await box.run()

    assert (summary.exit_code, await box.states()) == (Exit.IN_DOUBT, {1: ("held", None)})


async def test_absent_is_not_believed_before_its_time(box: Box) -> None:
    """Rule 4: a job that the remote is slow to make, and slower to list, is not made twice."""
    await box.load(8)
    box.remote.lag_s = 20.0
    box.remote.scripts[box.signature(3)].append(silence(creates=True))
    box.remote.scripts[box.signature(5)].append(failure_500(creates=True))

    summary = await box.run()

    assert (summary.exit_code, summary.counts, box.remote.duplicates) == (Exit.OK, {"created": 8}, {})


async def test_without_a_proof_a_silent_row_is_held_and_never_sent_again(box: Box) -> None:
    """Rule 4: nothing was created that could prove the look-up."""
    await box.load(1)
    box.remote.scripts[box.signature(1)].append(silence(creates=False))

    first = await box.run()
    second = await box.run()

    assert (first.exit_code, second.exit_code) == (Exit.IN_DOUBT, Exit.IN_DOUBT)
    assert box.remote.posts == [box.signature(1)]
    assert [event.key for event in box.named("job.held")] == ["k1"]  # type: ignore[attr-defined]


async def test_a_held_row_is_not_sent_again_on_the_remotes_word(box: Box) -> None:
    """Rule 4: its own run was told never to take that word; a later run without the flag does not begin to."""
    await box.load(1)
    box.remote.scripts[box.signature(1)].append(failure_500())
    await box.run(retry=RetryPolicy(strict_500=True))

    summary = await box.run()

    assert (summary.exit_code, summary.counts) == (Exit.IN_DOUBT, {"held": 1})
    assert box.remote.posts == [box.signature(1)]


async def test_the_remotes_word_is_not_taken_where_the_look_up_lists_jobs(box: Box) -> None:
    """Rule 6: nothing can prove the look-up, but what it lists forbids to send again."""
    await box.load(1)
    box.remote.scripts[box.signature(1)].append(failure_500(creates=True))

    summary = await box.run()

    assert (summary.exit_code, summary.counts, box.remote.duplicates) == (Exit.IN_DOUBT, {"held": 1}, {})


async def test_a_run_works_on_while_a_row_is_in_doubt(box: Box) -> None:
    """Rule 4: a doubt holds up nobody, and the run stays until it is settled."""
    await box.load(10)
    box.remote.scripts[box.signature(2)].append(silence(creates=False))

    await box.run(concurrency=1)

    created = [event.key for event in box.named("job.created")]  # type: ignore[attr-defined]
    assert created == [*(f"k{number}" for number in (1, *range(3, 11))), "k2"]


async def test_a_held_row_is_settled_by_a_later_run_that_can_prove_the_look_up(box: Box) -> None:
    await box.load(1)
    box.remote.scripts[box.signature(1)].append(silence(creates=True))
    await box.run()
    held = box.campaign
    await box.load(3, name="d")
    await box.run()
    box.campaign = held

    summary = await box.run()

    assert (summary.exit_code, summary.counts) == (Exit.OK, {"created": 1})


async def test_several_jobs_under_one_signature_are_reported_and_the_first_is_adopted(box: Box) -> None:
    await box.load(4)
    box.remote.scripts[box.signature(2)].append(silence(creates=True))
    twice = [box.remote.make_job(box.signature(2))]

    await box.run()
    twice = box.remote.jobs[box.signature(2)]

    assert (await box.states())[2] == ("done", twice[0])
    [event] = box.named("jobs.duplicated")
    assert (event.adopted, event.extra) == (twice[0], (twice[1],))  # type: ignore[attr-defined]
    assert [attempt["extra_job_ids"] for attempt in await box.attempts(2)] == [f"[{twice[1]}]"]


async def test_a_job_id_of_another_row_breaks_the_proof(box: Box) -> None:
    """Rule 4: the second row is not created, whatever the reply says."""
    await box.load(2)
    box.remote.scripts[box.signature(1)].append(Step(Reply(http_status=201, code=0, job_id=9), creates=False))
    box.remote.scripts[box.signature(2)].append(Step(Reply(http_status=201, code=0, job_id=9), creates=False))

    summary = await box.run(concurrency=1)

    assert (summary.exit_code, await box.states()) == (Exit.IN_DOUBT, {1: ("done", 9), 2: ("held", None)})
    assert len(box.named("job_id.taken")) == 1


async def test_a_late_intent_is_not_sent(box: Box) -> None:
    """Rule 5: between intent and send more time passed than the window allows."""
    await box.load(1)
    create, delays = box.remote.create, [60.0]

    async def sleepy(parameters: object, signature: str, send_by: object, sending: object) -> object:
        if delays:
            await box.clock.sleep(delays.pop())
        return await create(parameters, signature, send_by, sending)  # type: ignore[arg-type]

    box.remote.create = sleepy  # type: ignore[method-assign, assignment]
    summary = await box.run()

    assert (summary.exit_code, box.remote.posts) == (Exit.OK, [box.signature(1)])
    assert [attempt["sent"] for attempt in await box.attempts(1)] == [0, 1]


async def test_until_the_look_up_is_proven_no_more_intents_are_open_than_there_are_workers(box: Box) -> None:
    """Rule 5: what a crash leaves in doubt stays small."""
    await box.load(300)
    box.remote.always = lambda signature: Step(before_s=1.0)
    box.remote.lookup = lambda signature: Reply(http_status=503)
    groups: list[int] = []
    record = box.ledger.record_intents

    async def count(intents: object) -> object:
        recorded = await record(intents)  # type: ignore[arg-type]
        states = await box.states()
        groups.append(sum(state == "sending" for state, _ in states.values()))
        return recorded

    box.ledger.record_intents = count  # type: ignore[method-assign, assignment]
    await box.run(limit=40)

    assert max(groups) <= box.plan.concurrency


async def test_a_500_about_the_date_is_the_callers_mistake(box: Box) -> None:
    """Rule 6."""
    await box.load(2)
    text = "Could not parse date. Please add mailingDate parameter in form 'yyyymmdd'."
    box.remote.scripts[box.signature(1)].append(Step(Reply(http_status=500, code=9, description=text)))

    summary = await box.run()

    assert (summary.exit_code, summary.counts) == (Exit.REJECTED, {"created": 1, "rejected": 1})
    assert box.remote.posts.count(box.signature(1)) == 1


async def test_strict_500_holds_what_cannot_be_looked_up(box: Box) -> None:
    """Rule 6: with the flag even the remote's own word for a failure is not enough."""
    await box.load(1)
    box.remote.scripts[box.signature(1)].append(failure_500())

    summary = await box.run(retry=RetryPolicy(strict_500=True))

    assert (summary.exit_code, box.remote.posts) == (Exit.IN_DOUBT, [box.signature(1)])


async def test_job_id_0_is_no_success(box: Box) -> None:
    """Rule 7."""
    await box.load(3)
    box.remote.scripts[box.signature(1)].append(Step(Reply(http_status=201, code=0, job_id=0), creates=False))

    await box.run(wait=False)

    assert (await box.states())[1] == ("in_doubt", None)


async def test_a_forbidden_row_is_rejected_alone_when_the_account_works(box: Box) -> None:
    """Rule 8."""
    await box.load(3)
    box.remote.scripts[box.signature(2)].append(Step(Reply(http_status=403)))

    summary = await box.run()

    assert (summary.exit_code, summary.counts) == (Exit.REJECTED, {"created": 2, "rejected": 1})


async def test_the_question_whose_refusal_it_was_keeps_to_the_rate(box: Box) -> None:
    await box.load(4)
    box.remote.scripts[box.signature(2)].append(Step(Reply(http_status=403)))
    starts = _start_times(box)
    credit = box.remote.credit

    async def spy() -> Answer:
        starts.append(box.clock.time)
        return await credit()

    box.remote.credit = spy  # type: ignore[method-assign]

    summary = await box.run(rate_per_s=0.5)

    assert (summary.counts, len(starts)) == ({"created": 3, "rejected": 1}, 5)
    assert min(after - before for before, after in pairwise(starts)) >= 1.99


async def test_a_forbidden_account_stops_the_run(box: Box) -> None:
    """Rule 8."""
    await box.load(30)
    box.remote.always = lambda signature: Step(Reply(http_status=403))
    box.remote.credit_answer = Reply(http_status=403)

    summary = await box.run()

    assert (summary.exit_code, summary.counts) == (Exit.REFUSED, {"pending": 30})


async def test_a_drained_run_finishes_what_is_in_flight_and_takes_nothing_new(box: Box) -> None:
    """Rule 9."""
    await box.load(50)
    box.remote.always = lambda signature: Step(before_s=5.0)
    _stop_after_posts(box, 6, StopReason.SIGTERM)

    summary = await box.start()

    assert (summary.exit_code, summary.counts) == (Exit.SIGTERM, {"created": 6, "pending": 44})


async def test_what_outlives_the_drain_is_in_doubt_and_settled_by_the_next_run(box: Box) -> None:
    """Rule 9."""
    await box.load(10)
    box.remote.always = lambda signature: Step(after_s=100.0, creates=True)
    _stop_after_posts(box, 4, StopReason.SIGINT)
    first = await box.start(drain_timeout_s=5.0)
    box.remote.always = lambda signature: None

    second = await box.run()

    assert (first.exit_code, first.counts) == (Exit.SIGINT, {"pending": 6, "in_doubt": 4})
    assert (second.exit_code, second.counts, box.remote.duplicates) == (Exit.OK, {"created": 10}, {})


async def test_a_second_signal_does_not_wait_for_the_drain(box: Box) -> None:
    """Rule 9."""
    await box.load(10)
    box.remote.always = lambda signature: Step(after_s=1000.0, creates=True)
    _stop_after_posts(box, 4, StopReason.SIGINT, hurry=True)
    began = box.clock.time

    summary = await box.start(drain_timeout_s=500.0)

    assert (summary.exit_code, summary.counts) == (Exit.SIGINT, {"pending": 6, "in_doubt": 4})
    assert box.clock.time - began < 100


async def test_the_intents_of_a_dead_process_are_looked_up_and_not_sent_blindly(box: Box) -> None:
    await box.load(6)
    await _leave_orphans(box, range(1, 7))
    for number in (1, 2, 3):
        box.remote.make_job(box.signature(number))
    await _make_known_job(box)

    summary = await box.run()

    assert (summary.exit_code, summary.counts) == (Exit.OK, {"created": 6})
    assert box.remote.duplicates == {}
    assert sorted(box.remote.posts) == [box.signature(number) for number in (4, 5, 6)]


async def test_resend_waits_until_the_attempt_of_a_dead_process_is_over(box: Box) -> None:
    """Its connection may have outlived it; nobody sends the row beside that."""
    await box.load(2)
    await _leave_orphans(box, range(2, 3))
    box.remote.lookup = lambda signature: Reply(http_status=404)
    began = box.clock.time
    starts = _start_times(box)

    summary = await box.run(retry=RetryPolicy(on_doubt=OnDoubt.RESEND))

    assert (summary.counts, summary.duplicates.possible) == ({"created": 2}, 1)
    assert [round(at - began) >= 120 for at in starts] == [False, True]


async def test_reconcile_settles_and_sends_nothing(box: Box) -> None:
    await box.load(4)
    await _leave_orphans(box, range(1, 3))
    box.remote.make_job(box.signature(1))
    await _make_known_job(box)

    summary = await box.run(send=False)

    assert (summary.exit_code, summary.counts) == (Exit.OK, {"pending": 3, "created": 1})
    assert box.remote.posts == []


async def test_no_wait_leaves_doubts_for_later(box: Box) -> None:
    await box.load(5)
    box.remote.scripts[box.signature(1)].append(silence(creates=False))
    began = box.clock.time

    summary = await box.run(wait=False)

    assert (summary.exit_code, summary.counts) == (Exit.IN_DOUBT, {"created": 4, "in_doubt": 1})
    assert box.clock.time - began < 10


async def test_max_failures_stops_the_run(box: Box) -> None:
    await box.load(100)
    box.remote.always = lambda signature: Step(Reply(http_status=400, code=9, description="no"))

    summary = await box.run(max_failures=FailureLimit(number=5, percent=True))

    assert summary.exit_code is Exit.TOO_MANY_FAILURES
    assert summary.counts["rejected"] < 15


async def test_limit_sends_so_many_rows_and_the_next_run_goes_on(box: Box) -> None:
    await box.load(30)

    first = await box.run(limit=10)
    second = await box.run()

    assert (first.exit_code, first.counts) == (Exit.STOPPED, {"pending": 20, "created": 10})
    assert (second.exit_code, second.counts, len(box.remote.posts)) == (Exit.OK, {"created": 30}, 30)


async def test_max_duration_stops_the_run(box: Box) -> None:
    await box.load(1000)
    box.remote.always = lambda signature: Step(before_s=1.0)

    summary = await box.run(max_duration_s=10.0)

    assert summary.exit_code is Exit.STOPPED
    assert 30 <= summary.counts["created"] <= 48


async def test_the_rate_paces_attempts(box: Box) -> None:
    await box.load(40)
    starts = _start_times(box)

    await box.run(rate_per_s=2.0, concurrency=16)

    assert starts[-1] - starts[0] >= 19.0
    assert len(starts) == 40


async def test_no_more_requests_are_in_flight_than_allowed(box: Box) -> None:
    await box.load(200)
    box.remote.always = lambda signature: Step(before_s=1.0)

    await box.run(concurrency=7)

    assert box.remote.most_in_flight == 7


async def test_rows_with_signatures_of_their_own_are_held_when_in_doubt(box: Box) -> None:
    await box.load(3)
    await box.change("UPDATE campaign SET own_signatures = 1")
    box.campaign = await box.ledger.campaign("c")
    box.remote.scripts[box.signature(2)].append(silence(creates=True))

    summary = await box.run(patience=Patience(settle_s=10))

    assert (summary.exit_code, summary.counts) == (Exit.IN_DOUBT, {"created": 2, "held": 1})


def _start_times(box: Box) -> list[float]:
    starts: list[float] = []
    create = box.remote.create

    async def spy(*arguments: object) -> object:
        starts.append(box.clock.time)
        return await create(*arguments)  # type: ignore[arg-type]

    box.remote.create = spy  # type: ignore[method-assign, assignment]
    return starts


def _stop_after_posts(box: Box, posts: int, reason: StopReason, *, hurry: bool = False) -> None:
    create = box.remote.create

    async def spy(*arguments: object) -> object:
        if len(box.remote.posts) + 1 == posts:
            box.stop.request(reason)
            if hurry:
                asyncio.get_running_loop().call_soon(box.stop.hurry)
        return await create(*arguments)  # type: ignore[arg-type]

    box.remote.create = spy  # type: ignore[method-assign, assignment]


async def _leave_orphans(box: Box, numbers: range) -> None:
    """Intents without an outcome, as a killed process of another boot leaves them."""
    await box.change("INSERT OR IGNORE INTO run VALUES (99, 1, 'other boot', 'h', 1, 't', NULL, NULL, NULL)")
    for number in numbers:
        await box.change(f"UPDATE row SET state = 'sending', attempts = 1 WHERE number = {number}")
        await box.change(
            "INSERT INTO attempt (campaign_id, row_number, stage, number, run_id, intent_at, send_deadline, timeout_s)"
            f" VALUES (1, {number}, 'create', 1, 99, 't', 5.0, 120.0)"
        )


async def _make_known_job(box: Box) -> None:
    """A campaign of one created row, so that the look-up can be proven from the ledger."""
    campaign, remote = box.campaign, box.remote
    box.remote = ScriptedRemote(box.clock)
    box.remote.jobs, box.remote.born, box.remote._ids = remote.jobs, remote.born, remote._ids
    await box.load(1, name="known")
    await box.run()
    box.campaign, box.remote = campaign, remote
    box.events.clear()


async def test_an_outage_that_only_look_ups_meet_ends_the_run_too(box: Box) -> None:
    """Nothing is left but doubts, and the remote stops answering: the run does not wait for ever."""
    await box.load(5)
    box.remote.scripts[box.signature(5)].append(silence(creates=False))
    answered: list[str] = []

    def soon_silent(signature: str) -> Reply | None:
        answered.append(signature)
        return None if len(answered) < 4 else Reply(http_status=503)

    box.remote.lookup = soon_silent
    began = box.clock.time

    summary = await box.run(max_outage_s=600.0)

    assert (summary.exit_code, summary.counts) == (Exit.IN_DOUBT, {"created": 4, "in_doubt": 1})
    assert 600 <= box.clock.time - began <= 700


async def test_a_name_that_cannot_be_resolved_at_first_loses_no_night(box: Box) -> None:
    """A machine that has just started often has no names yet."""
    await box.load(5)
    until = box.clock.time + 3
    unknown = Fault(kind=FaultKind.DNS, detail="Temporary failure in name resolution")
    box.remote.always = lambda signature: Step(unknown, sent=False) if box.clock.time < until else None

    summary = await box.run()

    assert summary.exit_code is Exit.OK


async def test_a_name_that_stays_unknown_ends_the_run_in_seconds(box: Box) -> None:
    await box.load(5)
    box.remote.always = lambda signature: Step(Fault(kind=FaultKind.DNS, detail="no such name"), sent=False)
    began = box.clock.time

    summary = await box.run()

    assert (summary.exit_code, summary.counts) == (Exit.USAGE, {"pending": 5})
    assert box.clock.time - began < 30


async def test_every_run_gives_open_rows_fresh_tries(box: Box) -> None:
    await box.load(3)
    box.remote.scripts[box.signature(1)].extend(failure_500() for _ in range(4))
    await box.run(retry=RetryPolicy(max_attempts=2))
    await box.change("UPDATE row SET state = 'pending', tries = 2 WHERE number = 1")

    summary = await box.run(retry=RetryPolicy(max_attempts=3))

    assert (summary.exit_code, box.remote.posts.count(box.signature(1))) == (Exit.OK, 5)
