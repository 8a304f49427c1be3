"""What must hold of any bytes that are given for a fault plan: a plan that can be played, or a refusal in one line."""

from __future__ import annotations

from email.utils import formatdate
from pathlib import Path

from batcher.sandbox import SandboxError
from batcher.sandbox.endpoints import Endpoint
from batcher.sandbox.fault import Fault
from batcher.sandbox.fault_file import read_plan
from batcher.sandbox.reply import as_page, refusal

PLAN = b"""
[[fault]]
on = "create"
calls = [3, 5]
match = {documentId = "5000", id = ""}
times = 2
times_each = 1
do = "limit_429"
retry_after = "date+2"
[[fault]]
on = "any"
rate = 0.25
do = "slow"
seconds = 1.5
[[fault]]
on = "create"
do = "verdict"
http = 400
code = 9
description = "Product not authorized for this customer"
[[fault]]
on = "lookup"
call = 7
do = "busy_503"
retry_after = "2"
"""


def check_plan(content: bytes, folder: Path) -> None:
    path = folder / "plan.toml"
    path.write_bytes(content)
    try:
        plan = read_plan(path, seed=1)
    except SandboxError as error:
        _check_line(str(error))
        return
    for endpoint in Endpoint:
        for signature in ("abc-1", "abc-1", ""):
            parameters = {"appSignature": signature, "documentId": "5000", "id": ""}
            fault = plan.next(endpoint, parameters)
            if fault is not None:
                _check_play(fault)
        plan.looks_at_parameters(endpoint)


def _check_line(told: str) -> None:
    assert told.isprintable()


def _check_play(fault: Fault) -> None:
    assert 0 <= fault.seconds <= 3600
    if fault.retry_after is not None and fault.retry_after.startswith("date+"):
        assert formatdate(2_000_000_000 + int(fault.retry_after[5:]), usegmt=True).endswith(" GMT")
    if fault.verdict is not None:
        for json_wanted in (False, True):
            assert as_page(refusal("job", fault.verdict), json_wanted=json_wanted).body
