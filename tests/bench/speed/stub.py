"""
``python -m tests.bench.speed.stub --latency-ms 0``: the remote of the benchmark, a process of its own.

Prints its port, and ends with its standard input: it does not outlive who started it.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import resource
import sys

from tests.bench.speed.caller import Caller
from tests.bench.speed.vendor import Vendor

_BACKLOG = 4096


async def serve(latency_s: float) -> None:
    """Answers on a free port until standard input ends."""
    loop, vendor = asyncio.get_running_loop(), Vendor(latency_s)
    server = await loop.create_server(lambda: Caller(vendor), "127.0.0.1", 0, backlog=_BACKLOG)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    ended = loop.create_task(asyncio.to_thread(sys.stdin.read))
    while not ended.done():
        vendor.refresh()
        await asyncio.wait({ended}, timeout=1)
    server.close()


def main() -> None:
    """Serves on uvloop where it is installed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.speed.stub")
    parser.add_argument("--latency-ms", type=float, default=0.0)
    asked = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    try:
        from uvloop import new_event_loop
    except ImportError:
        from asyncio import new_event_loop
    # Nothing here is garbage in cycles, and a collector that walks a million jobs would show as latency.
    gc.disable()
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(serve(asked.latency_ms / 1000))


if __name__ == "__main__":
    main()
