"""Emulators for the tests: each on a port of its own, with a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any, TypeAlias

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from batcher.sandbox import SandboxSettings, create_app, world_of
from batcher.sandbox.fault_file import read_rules
from batcher.sandbox.fault_plan import FaultPlan
from tests.sandbox.caller import Caller

# Noon at the vendor's on 2 June 2025, a Monday.
NOON = 1748883600.0


class HandClock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


OpenSandbox: TypeAlias = Callable[..., Coroutine[Any, Any, Caller]]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def open_sandbox(clock: HandClock) -> AsyncIterator[OpenSandbox]:
    """Start an emulator with these settings; ``plan`` is the text of a fault plan."""
    async with AsyncExitStack() as stack:

        async def open_one(*, plan: str = "", **settings: Any) -> Caller:
            if plan:
                settings["faults"] = FaultPlan(read_rules(plan), seed=settings.get("seed", 0))
            app = create_app(SandboxSettings(**settings), clock=clock)
            server = await stack.enter_async_context(TestServer(app))
            session = await stack.enter_async_context(aiohttp.ClientSession())
            return Caller(session, f"http://127.0.0.1:{server.port}", world_of(app))

        yield open_one


@pytest.fixture
async def caller(open_sandbox: OpenSandbox) -> Caller:
    """An emulator with default settings."""
    return await open_sandbox()
