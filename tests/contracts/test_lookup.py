"""
What every remote keeps, the client against the emulator and the scripted ones alike: sends, and look-ups by signature.

The rows' fate hangs on it: a job that is missed is made twice, and one that is found for another row is never made.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from batcher.core.classify import Verdict, classify
from batcher.core.outcome import Answer, Fault, FaultKind, Listing, Reply
from batcher.core.sending import Sending
from tests.click2mail.builders import LETTER

from .remotes import BENCHES, LAG_S, REFUSALS, TOKEN, Bench, deadline_in

Contract = Callable[[Bench], Awaitable[None]]


def on_every_remote(test: Contract) -> Callable[[str], None]:
    """The test on each kind of remote, in an event loop that suits it."""

    def played(kind: str) -> None:
        BENCHES[kind].run(test)

    played.__doc__ = test.__doc__
    marked: Callable[[str], None] = pytest.mark.parametrize("kind", BENCHES)(played)
    return marked


def signed(number: int) -> str:
    return f"{TOKEN}-{number}"


async def post(bench: Bench, number: int = 1, sending: Sending | None = None) -> Answer:
    return await bench.remote.create(LETTER, signed(number), deadline_in(bench), sending or Sending())


async def make(bench: Bench, number: int = 1) -> int:
    """Makes a job; its id as it was replied."""
    answer = await post(bench, number)

    assert isinstance(answer, Reply)
    assert classify(answer) is Verdict.DONE
    return answer.job_id


async def found(bench: Bench, number: int = 1) -> tuple[int, ...]:
    """What a look-up lists once every job is old enough to be listed."""
    await bench.pass_time(LAG_S + 1)
    answer = await bench.remote.find(signed(number))

    assert isinstance(answer, Listing)
    return answer.job_ids


@on_every_remote
async def test_a_signature_never_used_finds_an_empty_listing(bench: Bench) -> None:
    assert await found(bench) == ()

    await make(bench, 2)

    assert await found(bench) == ()
    assert await bench.remote.find(f"{TOKEN}-x7") == Listing(job_ids=())


@on_every_remote
async def test_a_created_job_is_found_with_exactly_its_id(bench: Bench) -> None:
    ids = {number: await make(bench, number) for number in (1, 2, 3)}

    assert {number: await found(bench, number) for number in ids} == {number: (ids[number],) for number in ids}
    assert {number: bench.made(signed(number)) for number in ids} == {number: [ids[number]] for number in ids}
    assert len(set(ids.values())) == 3


@on_every_remote
async def test_before_the_lag_is_over_a_job_may_be_missing_and_no_other_is_there(bench: Bench) -> None:
    await make(bench, 2)
    job_id = await make(bench, 1)

    assert await bench.remote.find(signed(1)) in (Listing(job_ids=()), Listing(job_ids=(job_id,)))
    assert await found(bench, 1) == (job_id,)


@on_every_remote
async def test_there_is_a_lag(bench: Bench) -> None:
    """Else nothing that is learned here says how patient a look-up must be."""
    await make(bench)

    assert await bench.remote.find(signed(1)) == Listing(job_ids=())


@on_every_remote
async def test_a_signature_is_no_key_and_each_post_makes_a_job(bench: Bench) -> None:
    first, second = await make(bench), await make(bench)

    assert first != second
    assert bench.made(signed(1)) == [first, second]


@on_every_remote
async def test_all_jobs_under_one_signature_are_listed_the_newest_first_at_every_look(bench: Bench) -> None:
    ids = [await make(bench) for _ in range(3)]

    listings = [await found(bench) for _ in range(3)]

    assert listings == [tuple(reversed(ids))] * 3


@on_every_remote
async def test_no_signature_stands_for_another_that_it_begins(bench: Bench) -> None:
    eleventh = await make(bench, 11)
    assert await found(bench, 1) == ()

    first = await make(bench, 1)

    assert (await found(bench, 1), await found(bench, 11)) == ((first,), (eleventh,))
    assert await bench.remote.find(TOKEN) == Listing(job_ids=())
    assert await bench.remote.find(f"{TOKEN}-") == Listing(job_ids=())


@on_every_remote
async def test_a_refused_look_up_is_a_value_and_no_listing(bench: Bench) -> None:
    job_id = await make(bench)
    await bench.pass_time(LAG_S + 1)

    for refusal in range(REFUSALS):
        bench.refuse_looks(refusal)
        answer = await bench.remote.find(signed(1))

        assert isinstance(answer, Reply | Fault)
        assert not (isinstance(answer, Reply) and answer.job_id)
    bench.recover()
    assert await found(bench) == (job_id,)


@on_every_remote
async def test_a_send_in_time_has_begun_when_it_is_answered(bench: Bench) -> None:
    sending = Sending()

    await post(bench, sending=sending)

    assert sending.started


async def _send_late(bench: Bench, **late: float) -> None:
    sending = Sending()

    answer = await bench.remote.create(LETTER, signed(1), deadline_in(bench, **late), sending)

    assert isinstance(answer, Fault)
    assert (answer.kind, answer.reached_nothing, sending.started) == (FaultKind.STALE_INTENT, True, False)
    assert await found(bench) == ()
    assert bench.made(signed(1)) == []


@on_every_remote
async def test_a_send_that_is_late_by_the_monotonic_clock_makes_nothing(bench: Bench) -> None:
    await _send_late(bench, monotonic_s=-0.001)


@on_every_remote
async def test_a_send_that_is_late_by_the_clock_that_counts_sleep_makes_nothing(bench: Bench) -> None:
    await _send_late(bench, boot_s=-0.001)


@on_every_remote
async def test_after_a_lost_reply_the_job_is_found(bench: Bench) -> None:
    bench.lose_replies(made=True)
    sending = Sending()

    answer = await post(bench, sending=sending)

    assert classify(answer) is Verdict.NO_VERDICT
    assert sending.started
    listed = await found(bench)
    assert (len(listed), list(listed)) == (1, bench.made(signed(1)))


@on_every_remote
async def test_after_a_lost_request_there_is_no_verdict_and_nothing_is_found(bench: Bench) -> None:
    bench.lose_replies(made=False)
    sending = Sending()

    answer = await post(bench, sending=sending)

    assert classify(answer) is Verdict.NO_VERDICT
    assert sending.started
    assert (await found(bench), bench.made(signed(1))) == ((), [])


@on_every_remote
async def test_a_send_that_is_given_up_raises_nothing_else_and_what_it_made_is_found(bench: Bench) -> None:
    bench.stall()
    sending = Sending()
    posting = asyncio.create_task(post(bench, sending=sending))
    while not sending.started:
        await bench.moment()

    posting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await posting

    bench.recover()
    await bench.pass_time(400)
    for _ in range(1000):  # a real remote may still be at work on it
        if list(await found(bench)) == bench.made(signed(1)):
            break
        await bench.moment()
    assert list(await found(bench)) == bench.made(signed(1))
    assert len(bench.made(signed(1))) <= 1
    assert await found(bench, 2) == ()
    assert await make(bench, 2) in bench.made(signed(2))


@on_every_remote
async def test_a_look_that_is_given_up_spoils_no_other(bench: Bench) -> None:
    job_id = await make(bench)
    await bench.pass_time(LAG_S + 1)
    looking = asyncio.create_task(bench.remote.find(signed(1)))
    await asyncio.sleep(0)

    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking

    assert await found(bench) == (job_id,)


@on_every_remote
async def test_many_at_once_are_kept_apart(bench: Bench) -> None:
    answers = await asyncio.gather(*[make(bench, number) for number in range(1, 21)])
    await bench.pass_time(LAG_S + 1)

    listings = await asyncio.gather(*[bench.remote.find(signed(number)) for number in range(1, 21)])

    assert listings == [Listing(job_ids=(job_id,)) for job_id in answers]


@on_every_remote
async def test_the_harmless_question_is_answered(bench: Bench) -> None:
    answer = await bench.remote.credit()

    assert isinstance(answer, Reply)
    assert answer.http_status == 200
