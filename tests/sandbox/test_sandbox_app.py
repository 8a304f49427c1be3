import time
from io import BytesIO

import pytest

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
