"""The sandbox as a child process of a run. It keeps its jobs beside the ledger and ends with its parent."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

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
    state = ledger.with_name(f"{ledger.stem}.sandbox.jsonl")
    # Our standard error is the run's log, line by line; the emulator has no say in it.
    with _temporary_file() as said:
        child = await _start(state, said)
        assert child.stdin is not None
        try:
            yield await _address(child, said)
        finally:
            child.stdin.close()
            await child.wait()


def _temporary_file() -> IO[bytes]:
    try:
        return TemporaryFile()
    except OSError as error:
        raise ConfigError(
            f"the sandbox did not start: no temporary file can be made: {error.strerror or error};"
            " make space, or name another folder in TMPDIR"
        ) from error


async def _start(state: Path, said: IO[bytes]) -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "batcher.sandbox", "--port", "0", "--exit-with-parent"),
            *("--state", str(state), "--faults", str(DEMO_FAULTS)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=said,
            # Ctrl-C in a terminal is for the run: the emulator must go on answering what is in flight.
            start_new_session=True,
        )
    except OSError as error:
        raise ConfigError(f"the sandbox did not start: {sys.executable}: {error.strerror or error}") from error


async def _address(child: asyncio.subprocess.Process, said: IO[bytes]) -> str:
    """The base URL, which it prints once it listens."""
    assert child.stdout is not None
    try:
        async with asyncio.timeout(_START_LIMIT_S):
            line = await child.stdout.readline()
    except TimeoutError:
        raise ConfigError(f"the sandbox did not start within {_START_LIMIT_S:.0f} s; try again") from None
    if not line:
        said.seek(0)
        lines = said.read().decode(errors="replace").strip().splitlines() or ["it gave no reason"]
        raise ConfigError(f"the sandbox did not start: {lines[-1].removeprefix('error: ')}")
    return str(json.loads(line)["url"])
