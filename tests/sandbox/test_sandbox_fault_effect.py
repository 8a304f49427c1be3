"""Every fault over a real socket: what the caller sees, and whether the job was made."""

import asyncio
import errno
from contextlib import suppress
from email.utils import parsedate_to_datetime
from pathlib import Path

import aiohttp
import pytest

from batcher.sandbox.fault import FaultKind
from batcher.sandbox.job import JobState
from tests.sandbox.caller import CREDIT, LETTER, Caller
from tests.sandbox.conftest import NOON, HandClock, OpenSandbox

HTML = "text/html; charset=utf-8"
# Long enough for any machine, and never waited out by a test that passes.
PATIENCE_S = 120.0
STALLED_S = 1.5


async def with_fault(open_sandbox: OpenSandbox, kind: str, more: str = "", on: str = "create") -> Caller:
    return await open_sandbox(plan=f'[[fault]]\non = "{on}"\ncall = 1\ndo = "{kind}"\n{more}\n')


async def no_reply(caller: Caller, timeout_s: float = PATIENCE_S) -> BaseException:
    """What a create comes to when there is no whole reply."""
    # By a new connection, since aiohttp tries again by itself when a kept one turns out dead.
    async with aiohttp.ClientSession() as session:
        caller = Caller(session, caller.root, caller.world)
        try:
            await caller.call("POST", "/jobs", data=LETTER, timeout=aiohttp.ClientTimeout(total=timeout_s))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return error
    raise AssertionError("there was a reply")


def is_reset(error: BaseException) -> bool:
    """A TCP reset, as opposed to a connection closed in order."""
    return isinstance(error, OSError) and error.errno == errno.ECONNRESET


async def faults_given(caller: Caller) -> dict[str, int]:
    return dict((await caller.stats())["faults"])


@pytest.mark.parametrize(
    ("kind", "http", "made"),
    [
        ("page_500", 500, 0),
        ("page_500_after", 500, 1),
        ("page_502", 502, 0),
        ("page_502_after", 502, 1),
        ("page_503", 503, 0),
        ("page_503_after", 503, 1),
        ("page_504", 504, 0),
        ("page_504_after", 504, 1),
        ("page_524", 524, 0),
        ("page_524_after", 524, 1),
        ("busy_503", 503, 0),
        ("limit_429", 429, 0),
        ("unauthorized", 401, 0),
        ("forbidden", 403, 0),
        ("redirect", 302, 0),
        ("not_found", 404, 0),
    ],
)
async def test_pages_instead_of_a_reply(open_sandbox: OpenSandbox, kind: str, http: int, made: int) -> None:
    """HTML that says nothing of the job, which was made or not; the next call is answered."""
    caller = await with_fault(open_sandbox, kind)

    heard = await caller.create()
    made_by_then = len(caller.world.jobs)

    assert (heard.http, heard.headers["Content-Type"], made_by_then) == (http, HTML, made)
    assert b"<html>" in heard.body
    assert await faults_given(caller) == {kind: 1}
    await caller.created()


@pytest.mark.parametrize(("kind", "made"), [("error_500", 0), ("error_500_after", 1)])
async def test_a_failure_the_remote_reports_itself(open_sandbox: OpenSandbox, kind: str, made: int) -> None:
    """HTTP 500 with the vendor's XML and code 9."""
    caller = await with_fault(open_sandbox, kind)

    heard = await caller.create()

    assert heard.verdict == (500, 9, "custom error message related to server error")
    assert (heard["id"], len(caller.world.jobs)) == ("0", made)


async def test_a_verdict_of_the_plan(open_sandbox: OpenSandbox) -> None:
    """Any row of a return-code table, on any call, with the root element of that call."""
    more = 'http = 200\ncode = 2\ndescription = "User does not have access to this payment method"'
    caller = await with_fault(open_sandbox, "verdict", more, on="submit")
    job_id = await caller.created()

    heard = await caller.post(f"/jobs/{job_id}/submit", CREDIT)

    assert heard.verdict == (200, 2, "User does not have access to this payment method")
    assert (await caller.get(f"/jobs/{job_id}"))["description"] == "Editing"


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        ("busy_503", "", "1"),
        ("busy_503", 'retry_after = "7"', "7"),
        ("limit_429", "", None),
        ("limit_429", 'retry_after = "2"', "2"),
        ("limit_429", 'retry_after = "Wed, 21 Oct 2015 07:28:00 GMT"', "Wed, 21 Oct 2015 07:28:00 GMT"),
    ],
)
async def test_how_long_to_wait(open_sandbox: OpenSandbox, kind: str, more: str, expected: str | None) -> None:
    """Retry-After as the plan has it."""
    caller = await with_fault(open_sandbox, kind, more)

    assert (await caller.create()).headers.get("Retry-After") == expected


async def test_how_long_to_wait_as_a_date(open_sandbox: OpenSandbox, clock: HandClock) -> None:
    """An HTTP date, counted from the reply."""
    caller = await with_fault(open_sandbox, "limit_429", 'retry_after = "date+2"')
    clock.advance(100)

    date = parsedate_to_datetime((await caller.create()).headers["Retry-After"])

    assert date.timestamp() == NOON + 102


@pytest.mark.parametrize(("kind", "made"), [("refuse", 0), ("reset", 0), ("reset_after", 1)])
async def test_a_connection_torn_down(open_sandbox: OpenSandbox, kind: str, made: int) -> None:
    """The caller sees a reset, not an orderly end, and cannot tell whether the job was made."""
    caller = await with_fault(open_sandbox, kind)

    error = await no_reply(caller)

    assert is_reset(error)
    assert len(caller.world.jobs) == made
    assert await faults_given(caller) == {kind: 1}


async def test_refused_before_the_body_was_read(open_sandbox: OpenSandbox) -> None:
    """The reset comes while the caller is still sending; a plan that looks at parameters has to read first."""
    caller = await with_fault(open_sandbox, "refuse")
    port = int(caller.root.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"POST /molpro/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Basic YTpi\r\nContent-Length: 9999\r\n\r\nlay"
    )

    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(reader.read(), PATIENCE_S)

    writer.close()


async def test_refusing_what_matches(open_sandbox: OpenSandbox) -> None:
    """A plan may refuse by a parameter, too."""
    caller = await open_sandbox(plan='[[fault]]\non = "create"\nmatch = {documentId = "5000"}\ndo = "refuse"\n')

    assert is_reset(await no_reply(caller))
    await caller.created(documentId="5001")


@pytest.mark.parametrize(("kind", "made"), [("stall", 0), ("stall_after", 1)])
async def test_a_reply_that_never_comes(open_sandbox: OpenSandbox, kind: str, made: int) -> None:
    """The caller has to give up by itself; others are answered meanwhile."""
    caller = await with_fault(open_sandbox, kind)

    error = await no_reply(caller, STALLED_S)

    assert isinstance(error, TimeoutError)
    assert len(caller.world.jobs) == made
    await caller.created()


async def test_a_slow_reply(open_sandbox: OpenSandbox) -> None:
    """The job is there long before the reply is."""
    caller = await with_fault(open_sandbox, "slow", "seconds = 0.5")
    creating = asyncio.create_task(caller.create())

    async with asyncio.timeout(PATIENCE_S):
        while not caller.world.jobs:
            await asyncio.sleep(0.005)
    early = creating.done()
    heard = await creating

    assert not early
    assert heard.verdict == (201, 0, "Created")


async def test_a_caller_that_gives_up_on_a_slow_reply_has_a_job(open_sandbox: OpenSandbox) -> None:
    """The work goes on without it."""
    caller = await with_fault(open_sandbox, "slow", "seconds = 600")

    assert isinstance(await no_reply(caller, STALLED_S), TimeoutError)
    assert len(caller.world.jobs) == 1


async def test_a_reply_cut_in_half(open_sandbox: OpenSandbox) -> None:
    """The status arrives, the body breaks off; the job was made."""
    caller = await with_fault(open_sandbox, "cut")

    assert isinstance(await no_reply(caller), aiohttp.ClientPayloadError)
    assert len(caller.world.jobs) == 1


async def test_rubbish_under_a_good_status(open_sandbox: OpenSandbox) -> None:
    """HTTP 201, and bytes that are neither text nor XML; the job was made."""
    caller = await with_fault(open_sandbox, "garbage")

    heard = await caller.create()

    assert (heard.http, len(caller.world.jobs)) == (201, 1)
    with pytest.raises(UnicodeDecodeError):
        heard.body.decode()


async def test_an_empty_reply(open_sandbox: OpenSandbox) -> None:
    """HTTP 200 and nothing; the job was made."""
    caller = await with_fault(open_sandbox, "empty")

    heard = await caller.create()

    assert (heard.http, heard.body, len(caller.world.jobs)) == (200, b"", 1)


async def test_json_that_nobody_asked_for(open_sandbox: OpenSandbox) -> None:
    """The right reply in the wrong spelling."""
    caller = await with_fault(open_sandbox, "json")

    heard = await caller.call("POST", "/jobs", data=LETTER, headers={"Accept": "application/xml"})

    assert (heard.http, heard.headers["Content-Type"]) == (201, "application/json")
    assert heard.json["id"] == 13000001


def test_every_kind_is_tried_here() -> None:
    """Each fault there is has a test in this file."""
    text = Path(__file__).read_text(encoding="utf-8")

    assert [kind for kind in FaultKind if f'"{kind}"' not in text] == []


async def test_faults_on_other_calls(open_sandbox: OpenSandbox) -> None:
    """A submit that was done and not answered is found to be done."""
    caller = await with_fault(open_sandbox, "page_504_after", on="submit")
    job_id = await caller.created()

    heard = await caller.post(f"/jobs/{job_id}/submit", CREDIT)

    assert heard.http == 504
    assert caller.world.jobs[job_id].charged_cents == 79


@pytest.mark.parametrize("what", ["submit", "delete"])
@pytest.mark.parametrize(
    "kind", ["error_500", "reset", "reset_after", "page_502_after", "error_500_after", "cut", "empty"]
)
async def test_replies_lost_on_the_way_to_the_end(open_sandbox: OpenSandbox, kind: str, what: str) -> None:
    """Done or not done is a matter of the fault; when it was not, the next attempt does it, else it is refused."""
    caller = await with_fault(open_sandbox, kind, on=what)
    job_id = await caller.created()

    with suppress(aiohttp.ClientError, OSError):
        await caller.post(f"/jobs/{job_id}/{what}", CREDIT)
    done = caller.world.jobs[job_id].state is not JobState.EDITING
    again = await caller.post(f"/jobs/{job_id}/{what}", CREDIT)

    assert done is FaultKind(kind).acts_first
    assert again.verdict[2] == (f"Job with Id {job_id} is in impermissible state" if done else "Success")
    assert caller.world.jobs[job_id].charged_cents == (79 if what == "submit" else 0)


@pytest.mark.parametrize(
    ("endpoint", "method", "path"),
    [
        ("submit", "POST", "/jobs/13000001/submit"),
        ("delete", "POST", "/jobs/13000001/delete"),
        ("cost", "GET", "/jobs/13000001/cost?details=true"),
        ("status", "GET", "/jobs/13000001"),
        ("credit", "GET", "/credit"),
        ("purchase", "POST", "/credit/purchase"),
        ("list_status", "GET", "/addressLists/6000"),
        ("documents", "GET", "/documents?numberOfDocuments=5"),
        ("product_options", "GET", "/productOptions?documentClass=Letter"),
        ("cost_estimate", "GET", "/costEstimate?quantity=1"),
    ],
)
async def test_every_call_of_a_campaign_can_fail(
    open_sandbox: OpenSandbox, endpoint: str, method: str, path: str
) -> None:
    """Each by its own name; the calls beside it are left alone."""
    caller = await open_sandbox(plan=f'[[fault]]\non = "{endpoint}"\ndo = "page_503"\n')
    await caller.created()

    failed = await caller.call(method, path)

    assert failed.http == 503
    assert (await caller.stats())["calls"] == {"create": 1, endpoint: 1}
    assert (await caller.get("/jobs/info/13000001")).http == 200


async def test_a_fault_by_the_number_in_the_path(open_sandbox: OpenSandbox) -> None:
    """``id`` matches the job."""
    plan = '[[fault]]\non = "status"\nmatch = {id = "13000002"}\ndo = "page_502"\n'
    caller = await open_sandbox(plan=plan)
    first, second = await caller.created(), await caller.created()

    assert [(await caller.get(f"/jobs/{job_id}")).http for job_id in (first, second)] == [201, 502]


async def test_who_is_not_let_in_meets_no_fault(open_sandbox: OpenSandbox) -> None:
    """A call without credentials is none of the calls a plan counts."""
    caller = await with_fault(open_sandbox, "page_502")

    heard = [await caller.call("POST", "/jobs", headers={"Authorization": ""}), await caller.create()]

    assert [each.http for each in heard] == [401, 502]


async def test_the_same_seed_gives_the_same_day(open_sandbox: OpenSandbox) -> None:
    """The same calls in the same order get the same replies from another emulator."""
    plan = '[[fault]]\non = "create"\nrate = 0.3\ndo = "error_500"\n'

    async def day(seed: int) -> list[int]:
        caller = await open_sandbox(plan=plan, seed=seed)
        return [(await caller.create()).http for _ in range(40)]

    once, again, other = await day(1), await day(1), await day(2)

    assert once == again
    assert once != other
    assert set(once) == {201, 500}
