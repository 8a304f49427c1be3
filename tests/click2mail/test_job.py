"""What the remote says of one job and of the account: state, cost, credit."""

import json
from collections.abc import Callable

import pytest

from batcher.click2mail.client import Click2MailClient, Sending
from batcher.click2mail.job import read_balance, read_cost, read_job_status
from batcher.click2mail.page import Page
from batcher.core.job import Balance, Cost, JobStatus, RemoteState
from batcher.core.outcome import Fault, FaultKind, Reply

from .builders import HandClock, remote
from .scripted_server import CREATED, Connection, ScriptedServer, http_reply

Serve = Callable[..., ScriptedServer]
JOB = 13331417


def page(body: str, http_status: int = 200) -> Page:
    return Page(http_status=http_status, body=body.encode(), retry_after_s=None)


@pytest.mark.parametrize(
    ("number", "words", "state"),
    [
        ("9", "Editing", RemoteState.EDITING),
        ("9", "EDITING", RemoteState.EDITING),
        ("9", "", RemoteState.EDITING),
        ("4", "Awaiting Production", RemoteState.AWAITING_PRODUCTION),
        ("17", "ORDER_SUBMITTED", RemoteState.ORDERED),
        ("3", "Pending  proof acceptance", RemoteState.PROOFING),
        ("5", "In Production", RemoteState.IN_PRODUCTION),
        ("6", "Mailed", RemoteState.MAILED),
        ("7", "", None),
        ("7", "On the moon", None),
        ("9", "Awaiting Production", None),
        ("4", "Editing", None),
    ],
)
def test_a_state_is_a_known_word_that_nothing_contradicts(number: str, words: str, state: RemoteState | None) -> None:
    body = f"<job><id>{JOB}</id><status>{number}</status><description>{words}</description></job>"

    assert read_job_status(page(body, 201), JOB) == JobStatus(job_id=JOB, state=state, words=" ".join(words.split()))


def test_a_state_in_json() -> None:
    body = f'{{"id": {JOB}, "status": 9, "description": "Editing"}}'

    assert read_job_status(page(body), JOB) == JobStatus(job_id=JOB, state=RemoteState.EDITING, words="Editing")


@pytest.mark.parametrize(
    "body",
    [
        "<job><id>13331418</id><status>9</status><description>Editing</description></job>",
        "<job><status>9</status><description>Editing</description></job>",
        f"<job><id>{JOB}</id><id>{JOB}</id><status>9</status></job>",
        f"<job><id>{JOB}</id><description>Editing</description></job>",
        "<html>busy</html>",
        "",
    ],
)
def test_what_does_not_name_the_job_is_no_news_of_it(body: str) -> None:
    assert isinstance(read_job_status(page(body), JOB), Reply)


def test_a_state_under_an_error_is_no_news() -> None:
    body = f"<job><id>{JOB}</id><status>9</status><description>Editing</description></job>"

    assert isinstance(read_job_status(page(body, 500), JOB), Reply)


def test_a_refusal_keeps_its_words() -> None:
    body = "<job><id>0</id><status>1</status><description>Job ID not found</description></job>"

    assert read_job_status(page(body), JOB) == Reply(http_status=200, code=1, description="Job ID not found")


@pytest.mark.parametrize(
    ("body", "cost"),
    [
        (f"<job><id>{JOB}</id><status>0</status><cost>0.79</cost><totalTax>0.0</totalTax></job>", Cost(micros=790_000)),
        ("<job><status>0</status><cost>0.5834</cost><totalTax>0.01</totalTax></job>", Cost(micros=593_400)),
        (
            (
                "<job><cost>3</cost><standardCost><quantity>2</quantity></standardCost>"
                "<internationalCost><quantity>1</quantity></internationalCost></job>"
            ),
            Cost(micros=3_000_000, pieces=3),
        ),
        (
            '{"status": 0, "cost": 0.10, "standardCost": [{"quantity": 4}], "totalTax": 0}',
            Cost(micros=100_000, pieces=4),
        ),
    ],
)
def test_a_cost_is_exact_and_has_its_tax(body: str, cost: Cost) -> None:
    assert read_cost(page(body), JOB) == cost


@pytest.mark.parametrize(
    "body",
    [
        "<job><id>7</id><status>0</status><cost>0.79</cost></job>",
        "<job><status>9</status><cost>0.79</cost></job>",
        "<job><status>0</status><cost>-1</cost></job>",
        "<job><status>0</status><cost>free</cost></job>",
        "<job><status>0</status><cost>0.79</cost><totalTax>some</totalTax></job>",
        "<job><status>0</status></job>",
        "<html/>",
    ],
)
def test_what_is_no_cost_of_the_job_is_none(body: str) -> None:
    assert isinstance(read_cost(page(body), JOB), Reply)


def test_credit() -> None:
    body = "<credit><balance>-12.5</balance><allowNegative>true</allowNegative></credit>"

    assert read_balance(page(body)) == Balance(micros=-12_500_000, may_be_negative=True)
    assert isinstance(read_balance(page("<credit><balance>much</balance></credit>")), Reply)


async def _answering(connection: Connection) -> None:
    while True:
        await connection.answer(http_reply(CREATED))


@pytest.mark.parametrize("verb", ["submit", "delete"])
async def test_a_stale_intent_sends_nothing_whatever_the_call(serve: Serve, verb: str) -> None:
    server = await serve(_answering)
    clock, sending = HandClock(), Sending()
    deadline = clock.clocks().deadline(5.0)
    clock.boot_s += 6.0
    async with Click2MailClient(remote(server.base_url), clock.clocks()) as client:
        if verb == "submit":
            answer = await client.submit(JOB, {"billingType": "Invoice"}, deadline, sending)
        else:
            answer = await client.delete(JOB, deadline, sending)

    assert isinstance(answer, Fault)
    assert answer.kind is FaultKind.STALE_INTENT
    assert not sending.started
    await server.endings()
    assert not any(server.received)


async def test_what_is_posted(serve: Serve) -> None:
    server = await serve(_answering)
    clock = HandClock()
    async with Click2MailClient(remote(server.base_url), clock.clocks()) as client:
        await client.submit(JOB, {"billingType": "User Credit"}, clock.clocks().deadline(5.0))
        await client.delete(JOB, clock.clocks().deadline(5.0))

    received = b"".join(server.received)
    assert b"POST /molpro/jobs/13331417/submit HTTP/1.1\r\n" in received
    assert b"billingType=User+Credit" in received
    assert b"POST /molpro/jobs/13331417/delete HTTP/1.1\r\n" in received


@pytest.mark.parametrize("job_id", [0, -1])
async def test_nothing_is_done_to_a_job_without_an_id(serve: Serve, job_id: int) -> None:
    server = await serve(_answering)
    clock = HandClock()
    async with Click2MailClient(remote(server.base_url), clock.clocks()) as client:
        with pytest.raises(ValueError, match="no job id"):
            await client.submit(job_id, {}, clock.clocks().deadline(5.0))
        with pytest.raises(ValueError, match="no job id"):
            await client.delete(job_id, clock.clocks().deadline(5.0))

    assert not any(server.received)


def test_what_went_wrong_is_one_short_line() -> None:
    message = f"No such\n  address:\x1b[31m {'x' * 200}"
    body = f'{{"id": {JOB}, "status": 92, "description": "Error", "errorMessage": {json.dumps(message)}}}'

    answer = read_job_status(page(body, 201), JOB)

    error = f"No such address:[31m {'x' * 200}"[:120]
    assert answer == JobStatus(job_id=JOB, state=RemoteState.ERROR, words="Error", error=error)


@pytest.mark.parametrize(
    "more", ["", "<errorMessage/>", "<errorMessage>a</errorMessage><errorMessage>b</errorMessage>"]
)
def test_nothing_went_wrong_where_nothing_is_said_or_too_much(more: str) -> None:
    body = f"<job><id>{JOB}</id><status>92</status><description>Error</description>{more}</job>"

    assert read_job_status(page(body, 201), JOB) == JobStatus(job_id=JOB, state=RemoteState.ERROR, words="Error")
