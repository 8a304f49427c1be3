"""A wrong address ends the run in seconds; what answers like one after the first success is the row's trouble."""

from __future__ import annotations

import pytest

from batcher.core.errors import Exit
from batcher.core.outcome import Answer, Fault, FaultKind, Reply
from tests.dispatch.conftest import Box
from tests.scripted import Step

NOBODY_WE_KNOW: dict[str, Answer] = {
    "no such name": Fault(kind=FaultKind.DNS, detail="no such name"),
    "a certificate for somebody else": Fault(kind=FaultKind.TLS, detail="certificate verify failed"),
    "a redirect": Reply(http_status=302),
    "nothing is served there": Reply(http_status=404),
}


@pytest.mark.parametrize("name", NOBODY_WE_KNOW)
async def test_a_wrong_address_ends_the_run_in_seconds(box: Box, name: str) -> None:
    """Rule 3."""
    await box.load(30)
    answer = NOBODY_WE_KNOW[name]
    box.remote.always = lambda signature: Step(answer, sent=isinstance(answer, Reply))
    began = box.clock.time

    summary = await box.run()

    assert summary.exit_code is Exit.USAGE
    assert box.clock.time - began < 30
    assert len({*box.remote.posts}) <= 8


@pytest.mark.parametrize("name", NOBODY_WE_KNOW)
async def test_after_the_first_success_it_is_no_wrong_address(box: Box, name: str) -> None:
    """Rule 3: the row is tried again, or looked up, and all of them are created."""
    await box.load(6)
    answer = NOBODY_WE_KNOW[name]
    box.remote.scripts[box.signature(4)].extend(Step(answer, sent=isinstance(answer, Reply)) for _ in range(3))

    summary = await box.run(concurrency=1)

    assert (summary.exit_code, summary.counts) == (Exit.OK, {"created": 6})
