"""The date of a reply, which a caller may compare with its own clock."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest

from tests.sandbox.caller import Caller, Heard
from tests.sandbox.conftest import NOON, HandClock, OpenSandbox


def date_of(heard: Heard) -> float:
    return parsedate_to_datetime(heard.headers["Date"]).timestamp()


@pytest.mark.parametrize("path", ["/credit", "/nothing", "/jobs/17"])
async def test_every_reply_is_dated(caller: Caller, clock: HandClock, path: str) -> None:
    """By the emulator's clock, pages of errors too."""
    first = await caller.get(path)
    clock.advance(90)

    assert (date_of(first), date_of(await caller.get(path))) == (NOON, NOON + 90)
    assert first.headers["Date"].endswith(" GMT")


async def test_a_fault_is_dated_too(open_sandbox: OpenSandbox) -> None:
    """So that the clock of a remote in trouble can be read as well."""
    caller = await open_sandbox(plan='[[fault]]\non = "credit"\ndo = "page_502"\n')

    assert date_of(await caller.get("/credit")) == NOON


@pytest.mark.parametrize("seconds", [3600.0, -90.0])
async def test_a_clock_that_is_wrong(open_sandbox: OpenSandbox, seconds: float) -> None:
    """Ahead or behind, in the date of a reply and in all that the emulator dates."""
    caller = await open_sandbox(clock_off=seconds)

    assert date_of(await caller.get("/credit")) == NOON + seconds
    job_id = await caller.created()
    told = (await caller.get(f"/jobs/info/{job_id}"))["dateUpdated"]
    assert datetime.strptime(told, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp() == NOON + seconds
