import asyncio
import time
from io import BytesIO

import pytest
from yarl import URL

from tests.sandbox.caller import Caller
from tests.sandbox.conftest import OpenSandbox


@pytest.mark.parametrize(
    ("method", "path", "http"), [("GET", "/nothing", 404), ("PUT", "/jobs", 405), ("GET", "/", 404)]
)
async def test_unknown_pages(caller: Caller, method: str, path: str, http: int) -> None:
    """HTML from the web server, not a reply of the API."""
    heard = await caller.call(method, path)

    assert (heard.http, heard.headers["Content-Type"]) == (http, "text/html; charset=utf-8")


@pytest.mark.parametrize("latency", [0.1, "0.1-0.12"])
async def test_a_reply_takes_its_time(open_sandbox: OpenSandbox, latency: float | str) -> None:
    """No less than the latency."""
    caller = await open_sandbox(latency=latency)
    began = time.monotonic()

    await caller.created()

    assert time.monotonic() - began >= 0.1


async def test_a_large_body_is_taken(caller: Caller) -> None:
    """More than the library's own limit of one megabyte."""
    heard = await caller.call("POST", "/jobs", data=BytesIO(b"a=" + b"x" * 3_000_000))

    assert heard.verdict == (400, 9, "One of the required parameters is missing.")


async def test_a_caller_that_hangs_up_in_the_middle_of_its_request_is_no_error_of_ours(
    caller: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is made of it, and nothing is logged; the next caller is served."""
    address = URL(caller.root)
    _, writer = await asyncio.open_connection(address.host, address.port)
    head = b"POST /molpro/jobs HTTP/1.1\r\nHost: here\r\nAuthorization: Basic dTpw\r\nContent-Length: 999\r\n\r\n"
    writer.write(head + b"documentClass=")
    await writer.drain()
    while "create" not in (await caller.stats())["calls"]:
        await asyncio.sleep(0.005)
    writer.transport.abort()

    await caller.created()

    assert (caplog.messages, (await caller.stats())["jobs"]) == ([], 1)
