"""The benchmark reckons right, and its stub is a remote that batcher can work with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from batcher.click2mail.client import Click2MailClient
from batcher.click2mail.remote import RemoteSettings
from batcher.core.material import DocumentPage, ListState, ListStatus
from batcher.core.outcome import Listing, Reply
from batcher.core.product import Combination
from batcher.core.sending import Deadline
from batcher.settings import load_settings
from tests.bench.speed.bench import Run
from tests.bench.speed.caller import Caller, request_end
from tests.bench.speed.clients.client import Errand
from tests.bench.speed.clients.curl import Curl, CurlKept
from tests.bench.speed.efficiency import Use, use_of
from tests.bench.speed.figures import Slope, middle, ratio, slope_of
from tests.bench.speed.million import Taken, cpu_us_a_row
from tests.bench.speed.phases import sending, until_finished
from tests.bench.speed.remote import Remote
from tests.bench.speed.rows import Rows, form
from tests.bench.speed.sheet import Sheet, number, rounded, spread
from tests.bench.speed.stripped.__main__ import WITHOUT, run_without
from tests.bench.speed.throughput import standing
from tests.bench.speed.traffic import traffic_of
from tests.bench.speed.usage import Usage
from tests.bench.speed.vendor import Vendor

FOR_EVER = Deadline(monotonic=float("inf"), boot=float("inf"))


def usage(**changes: float) -> Usage:
    """Of a process that took a second, unless said otherwise."""
    known = {"began_at": 0.0, "wall_s": 1.0, "user_s": 0.5, "system_s": 0.25, "peak_kib": 2048, "exit_code": 0}
    return Usage(**{**known, **changes})  # type: ignore[arg-type]


@pytest.fixture
async def vendor() -> AsyncIterator[tuple[Vendor, str]]:
    """A stub in this process, and its base URL."""
    stub = Vendor(latency_s=0.0)
    server = await asyncio.get_running_loop().create_server(lambda: Caller(stub), "127.0.0.1", 0)
    async with server:
        yield stub, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/molpro"


@pytest.fixture
async def client(vendor: tuple[Vendor, str]) -> AsyncIterator[Click2MailClient]:
    """batcher's own client for it."""
    async with Click2MailClient(RemoteSettings(base_url=vendor[1], username="user", password="any")) as opened:
        yield opened


def test_the_slope_between_two_sizes_leaves_start_up_out():
    """Half a second of start-up, and a millisecond a row."""
    assert slope_of(1000, 1.5, 3000, 3.5) == Slope(rate=1000.0, start_s=0.5)


def test_a_larger_run_that_took_no_longer_has_no_slope():
    """Noise is no figure."""
    assert slope_of(1000, 1.5, 3000, 1.5) is None
    assert slope_of(1000, 1.5, 1000, 2.0) is None


def test_medians_and_ratios_leave_out_what_is_not_known():
    """A ratio is that of the same round."""
    assert middle([3.0, None, 1.0, 2.0]) == 2.0
    assert middle([None]) is None
    assert ratio([10.0, 30.0, None], [5.0, 10.0, 1.0]) == 2.5
    assert ratio([], [1.0]) is None


def test_a_client_stands_by_the_slopes_of_its_rounds():
    """The second round lacks its larger run."""
    sizes = [(0, 1000, 1.0), (0, 3000, 2.0), (1, 1000, 1.0)]
    runs = [
        Run(
            client="c",
            at_once=64,
            rows=rows,
            round=turn,
            usage=usage(user_s=seconds, system_s=0.0, wall_s=2 * seconds),
            traffic={"creates": rows},
        )
        for turn, rows, seconds in sizes
    ]

    found = standing(runs, rounds=2)

    assert found.cpu == [Slope(rate=2000.0, start_s=0.5), None]
    assert found.wall == [Slope(rate=1000.0, start_s=1.0), None]
    assert found.peak_mib == 2.0


def test_a_sheet_is_a_table_in_markdown():
    """Its notes follow it."""
    sheet = Sheet(name="s", title="T", head=("", "a"), lines=[("x|y", "1")], notes=["n"])

    assert sheet.markdown() == "**T**\n\n|  | a |\n|---|--:|\n| x/y | 1 |\n\n- n\n"


def test_figures_are_as_long_as_they_are_worth():
    """Three digits, or a dash."""
    assert [rounded(value) for value in (None, 12345.6, 123.4, 12.345, 0.5)] == ["–", "12,300", "123", "12.3", "0.5"]
    assert [number(None), number(1234.5), number(0.5, ".0%")] == ["–", "1,234", "50%"]
    assert spread([None, 2000.0, 1000.0]) == "1,000–2,000"


def test_efficiency_takes_ramp_and_tail_apart_from_the_steady_state():
    """
    Ten at once with a latency of 1 s: the first create at 0, then 100 creates of which the middle 80 took 10 s, where
    8 s would do; all were answered after 14 s.
    """
    traffic = traffic_of([0.0] * 10 + [1 + count / 8 for count in range(80)] + [11.0] * 10, last_answer=14.0)

    found = use_of({**traffic, "latency_s": 1.0}, at_once=10)  # type: ignore[dict-item]

    assert found == Use(whole=pytest.approx(100 / 14 / 10), steady=pytest.approx(0.8), edges=pytest.approx(1.5))


def test_a_row_costs_what_many_rows_take_more_than_one():
    """A second of start-up is no row's cost."""
    one = Taken(rows=1, usage=usage(user_s=1.0, system_s=0.0), seconds=1.0, parts={})
    many = Taken(rows=100_001, usage=usage(user_s=2.0, system_s=0.5), seconds=3.0, parts={})

    assert cpu_us_a_row(one, many) == pytest.approx(15.0)


def test_the_log_tells_how_long_a_run_was_sending():
    """Lines that are no log are passed over."""
    words = (
        '{"timestamp": "1970-01-01T00:00:10.500Z", "event": "run.started"}\n'
        '{"timestamp": "1970-01-01T00:00:12.000Z", "event": "run.finished"}\n'
        "rows      2,000\n{not JSON}\n"
    )

    assert sending(usage(), words) == 1.5
    assert until_finished(usage(began_at=10.0), words) == 2.0


def test_curl_is_given_every_row_and_a_file_for_each_reply(tmp_path: Path):
    """Or none, where the replies are thrown away."""
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    rows = Rows(tmp_path)
    configs = []
    for curl, desk in ((Curl(), tmp_path / "one"), (CurlKept(), tmp_path / "two")):
        curl.command(
            Errand(
                folder=desk,
                memory=desk,
                remote=Remote(origin="http://127.0.0.1:1"),
                rows=2,
                at_once=8,
                manifest=rows.manifest(2),
                forms=rows.forms(2),
            )
        )
        configs.append((desk / "letters.curl").read_text().splitlines())

    request = [f'url = "http://127.0.0.1:1/molpro/jobs"\nuser = "user:any"\ndata = "{form(row)}"' for row in (1, 2)]
    kept = [f'output = "{tmp_path / "two" / "replies" / f"{row}.xml"}"' for row in (1, 2)]
    assert configs[0] == [*request[0].splitlines(), "next", *request[1].splitlines()]
    assert configs[1] == [*request[0].splitlines(), kept[0], "next", *request[1].splitlines(), kept[1]]


@pytest.mark.parametrize(
    ("request_", "end"),
    [
        (b"GET /credit HTTP/1.1\r\nHost: h\r\n\r\nGET", 33),
        (b"POST /jobs HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcd", 45),
        (b"POST /jobs HTTP/1.1\r\ncontent-length:3\r\n\r\nabc", 44),
        (b"POST /jobs HTTP/1.1\r\nCONTENT-LENGTH: 3\r\n\r\nabc", 45),
        (b"POST /jobs HTTP/1.1\r\nContent-Length: 3\r\n\r\nab", None),
        (b"POST /jobs HTTP/1.1\r\n\r\n", 23),
        (b"POST /jobs HTTP/1.1\r\nContent-Le", None),
    ],
)
def test_the_stub_sees_where_a_request_ends(request_: bytes, end: int | None):
    """With any spelling of the length, without a body, and while it is not whole."""
    assert request_end(request_, 0) == end


async def test_the_stub_understands_requests_in_pieces_and_several_in_one(vendor: tuple[Vendor, str]):
    """Three creates, cut in the middle of the last one's body."""
    stub, url = vendor
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.split(":")[2].split("/")[0]))
    create = b"POST /molpro/jobs HTTP/1.1\r\nContent-Length: 20\r\n\r\nappSignature=bench-%d"
    all_three = b"".join(create % row for row in (1, 2, 3))
    writer.write(all_three[:-3])
    replies = [await reader.readuntil(b"</job>"), await reader.readuntil(b"</job>")]
    writer.write(all_three[-3:])
    replies.append(await reader.readuntil(b"</job>"))
    writer.close()
    await writer.wait_closed()

    assert [b"<id>%d</id>" % job in reply for job, reply in enumerate(replies, start=13_331_418)] == [True] * 3
    assert {name: stub.seen()[name] for name in ("creates", "signatures")} == {"creates": 3, "signatures": 3}


async def test_the_stub_finds_the_jobs_that_it_made(client: Click2MailClient):
    """And no others."""
    reply = await client.create({"documentId": "1"}, "bench-1", FOR_EVER)
    again = await client.create({"documentId": "2"}, "bench-2", FOR_EVER)

    assert (reply, again) == (
        Reply(http_status=201, code=0, job_id=13_331_418, description="Created"),
        Reply(http_status=201, code=0, job_id=13_331_419, description="Created"),
    )
    assert await client.find("bench-2") == Listing(job_ids=(13_331_419,))
    assert await client.find("bench-3") == Listing(job_ids=())


async def test_the_stub_answers_what_a_run_asks_beforehand(client: Click2MailClient):
    """So that nothing of a run is left out, and nothing is found wrong."""
    status, page = await client.list_status(500), await client.documents(0)
    credit, estimate = await client.credit(), await client.estimate(Combination(("Letter 8.5 x 11",) + (None,) * 7))

    assert isinstance(status, ListStatus)
    assert status.state is ListState.READY
    assert page == DocumentPage(documents=())
    assert isinstance(credit, Reply)
    assert isinstance(estimate, Reply)
    assert (credit.http_status, estimate.code) == (200, 0)


@pytest.mark.parametrize("what", WITHOUT)
async def test_a_run_with_one_thing_taken_away_still_makes_every_row(
    what: str, vendor: tuple[Vendor, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Else there would be nothing to compare; whatever it lacks of batcher's own parts shows here."""
    stub, url = vendor
    monkeypatch.chdir(tmp_path)
    known = {"BATCHER_USERNAME": "user", "BATCHER_PASSWORD": "any"}
    flags = {"base_url": url, "concurrency": "4", "adaptive": "false", "ledger": str(tmp_path / "batcher.db")}

    told = await run_without(what, str(Rows(tmp_path).manifest(20)), load_settings(flags, environ=known))

    assert told["counts"] == {"created": 20}
    assert stub.seen()["creates"] == 20
    assert stub.seen()["signatures"] == (1 if what == "signature" else 20)
