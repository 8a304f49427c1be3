"""The emulator as a process: listening, saying so, and stopping quietly."""

from __future__ import annotations

import asyncio
import errno
import gc
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable

from aiohttp import web

from batcher.sandbox.app import create_app
from batcher.sandbox.endpoints import BASE_PATH
from batcher.sandbox.settings import SandboxError, SandboxSettings

# Calls under way when told to stop get this long; a caller that holds on longer is cut off.
_FAREWELL_S = 1.0
# More connections may be opened at one stroke than asyncio's default of 100 keeps waiting.
_BACKLOG = 1024


def run(settings: SandboxSettings) -> int:
    """
    Serve in a loop of its own, uvloop where it is installed.

    Returns:
        The exit code: 0 when told to stop, 2 after one line on stderr that says what is wrong.
    """
    # Jobs live as long as the process: looking through them for garbage again and again is wasted time.
    gc.set_threshold(50_000, 50, 100)
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(serve(settings))
    except SandboxError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0


async def serve(settings: SandboxSettings) -> None:
    """
    Listen until told to stop; see the door of this package.

    Raises:
        SandboxError: The port is taken, or the fault plan or the state file cannot be used.
    """
    stopping = asyncio.Event()
    _stop_on_signals(stopping)
    app = create_app(settings, clock=time.time)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_FAREWELL_S)
    await runner.setup()
    try:
        await _listen(runner, settings)
        if settings.exit_with_parent:
            _stop_at_end_of_input(stopping)
        _announce(_url(settings.host, runner))
        await stopping.wait()
    finally:
        await runner.cleanup()


def _announce(url: str) -> None:
    sys.stdout.write(json.dumps({"url": url, "pid": os.getpid()}) + "\n")
    sys.stdout.flush()


async def _listen(runner: web.AppRunner, settings: SandboxSettings) -> None:
    try:
        await web.TCPSite(runner, settings.host, settings.port, backlog=_BACKLOG).start()
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        if error.errno == errno.EADDRINUSE:
            raise SandboxError(f"{where} is in use; name another port, or 0 for a free one") from error
        raise SandboxError(f"cannot listen on {where}: {error.strerror or error}") from error


def _url(host: str, runner: web.AppRunner) -> str:
    port = runner.addresses[0][1]
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/{BASE_PATH}"


def _stop_on_signals(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stopping.set)
        except NotImplementedError:
            # Windows: the plain handler runs between two steps of the loop and has to wake it.
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopping.set))


def _stop_at_end_of_input(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def watch_input() -> None:
        # The descriptor, not sys.stdin: a thread inside its buffer would hold up the interpreter's end.
        try:
            while os.read(0, 4096):
                pass
        except OSError:
            pass
        try:
            loop.call_soon_threadsafe(stopping.set)
        except RuntimeError:
            # The loop is gone already; there is nothing left to stop.
            return

    threading.Thread(target=watch_input, daemon=True, name="sandbox-parent-watch").start()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop  # optional, and absent on Windows
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop
