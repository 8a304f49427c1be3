"""
An emulator of the Click2Mail REST API, written from the vendor's public documents.

It is a second opinion on the remote: it shares no code with the client, so a misreading on one side shows up
as a failure instead of agreeing with itself. What the documents leave open is decided here and said at the line.

This door stays light; the server and its libraries are imported only when something is started.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from batcher.sandbox.settings import DeletedJobs, LookupMode, SandboxError, SandboxSettings

if TYPE_CHECKING:
    from aiohttp import web

    from batcher.sandbox.world import World

__all__ = [
    "DEMO_FAULTS",
    "DeletedJobs",
    "LookupMode",
    "SandboxError",
    "SandboxSettings",
    "create_app",
    "run",
    "serve",
    "world_of",
]

DEMO_FAULTS = Path(__file__).with_name("demo_faults.toml")
"""The fault plan for demonstrations: a remote that loses a few per cent of its replies, and always recovers."""


def create_app(settings: SandboxSettings, *, clock: Callable[[], float] = time.time) -> web.Application:
    """
    The emulator as an application, for tests inside one process.

    Args:
        settings: ``host`` and ``port`` are the caller's business here.
        clock: Seconds since the epoch. Lag, list states and dates follow it, latency does not.

    Raises:
        SandboxError: The fault plan or the state file cannot be used.
    """
    from batcher.sandbox.app import create_app as build

    return build(settings, clock=clock)


def world_of(app: web.Application) -> World:
    """What an application made by ``create_app`` holds: its jobs, documents, lists and credit."""
    from batcher.sandbox.app import WORLD

    return app[WORLD]


async def serve(settings: SandboxSettings) -> None:
    """
    Listen until SIGINT or SIGTERM, or with ``exit_with_parent`` until standard input ends.

    Prints one line of JSON to stdout once it listens: ``{"url": "http://127.0.0.1:PORT/molpro", "pid": …}``.

    Raises:
        SandboxError: The port is taken, or the fault plan or the state file cannot be used.
    """
    from batcher.sandbox.server import serve as listen

    await listen(settings)


def run(settings: SandboxSettings) -> int:
    """
    ``serve`` in a loop of its own (uvloop where it is installed), for a command line.

    Returns:
        The exit code: 0 when told to stop, 2 after one line on stderr that says what is wrong.
    """
    from batcher.sandbox.server import run as listen

    return listen(settings)
