"""Any fault plan can be played or is refused in one line."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import example, given, settings

from .plans import PLAN, check_plan
from .strategies import damaged


def entry(keys: str) -> bytes:
    return f'[[fault]]\non = "create"\n{keys}\n'.encode()


@settings(max_examples=300, deadline=None)
@given(damaged([PLAN]))
@example(PLAN)
@example(b"fault = " + b"[" * 5000)
@example(entry('do = "limit_429"\nretry_after = "date+' + "9" * 5000 + '"'))
@example(entry('do = "limit_429"\nretry_after = "date+' + "9" * 12 + '"'))
@example(entry('do = "verdict"\nhttp = 200\ndescription = ""\ncode = 0x' + "f" * 6000))
@example(entry('do = "verdict"\nhttp = 0x' + "f" * 6000 + '\ndescription = ""\ncode = 1'))
@example(entry('do = "slow"\nseconds = 0x' + "f" * 6000))
@example(entry('do = "slow"\nseconds = nan'))
def test_any_plan(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check_plan(content, Path(folder))
