"""The sandbox as a child process of a run. It keeps its jobs beside the ledger and ends with its parent."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from batcher.core.errors import ConfigError
from batcher.sandbox import DEMO_FAULTS

_START_LIMIT_S: Final = 20.0


@asynccontextmanager
async def running_sandbox(ledger: Path) -> AsyncIterator[str]:
    """
    The base URL of a sandbox that lives as long as the block.

    It fails now and then, as its demonstration plan says, and always recovers.

    Raises:
        ConfigError: it did not start.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "batcher.sandbox", "--port", "0", "--exit-with-parent"),
        *("--state", str(ledger.with_name(f"{ledger.stem}.sandbox.jsonl")), "--faults", str(DEMO_FAULTS)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        # Ctrl-C in a terminal is for the run: the emulator must go on answering what is in flight.
        start_new_session=True,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        async with asyncio.timeout(_START_LIMIT_S):
            line = await child.stdout.readline()
        if not line:
            raise ConfigError("the sandbox did not start; `batcher sandbox` says why")
        yield json.loads(line)["url"]
    finally:
        child.stdin.close()
        await child.wait()
