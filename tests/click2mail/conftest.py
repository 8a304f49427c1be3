"""Every asynchronous test of the remote runs on each loop there is, because the sockets below differ."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import hypothesis
import pytest

from . import builders
from .scripted_server import Script, ScriptedServer

try:
    import uvloop
except ImportError:  # not on Windows
    uvloop = None


hypothesis.settings.register_profile("patient", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("patient")


@pytest.hookimpl(optionalhook=True)
def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]] | None:
    if Path(__file__).parent not in item.path.parents:
        return None
    loops = {"asyncio": asyncio.new_event_loop}
    return loops if uvloop is None else {**loops, "uvloop": uvloop.new_event_loop}


@pytest.fixture(params=["session", "direct"])
def lane(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Which way posts go; a test that uses it must hold for both."""
    monkeypatch.setitem(builders.COMMON, "direct_posts", request.param == "direct")
    return request.param


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Script], ScriptedServer]]:
    """Starts a scripted server; each is stopped at the end of the test."""
    servers = []

    async def start(script: Script, **options: object) -> ScriptedServer:
        servers.append(await ScriptedServer.start(script, **options))
        return servers[-1]

    yield start
    for server in servers:
        await server.stop()
