"""
``python -m tests.bench.speed.loops.bare URL FORMS AT_ONCE``: the least that posts rows with aiohttp.

As many workers as requests at once, over one iterator of encoded forms; replies are read and forgotten.
With ``--uvloop`` behind, on that loop.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

from aiohttp import BasicAuth, ClientSession, TCPConnector

_HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}


async def work(session: ClientSession, url: str, forms: Iterator[bytes]) -> None:
    """Post what comes, until nothing comes."""
    for form in forms:
        async with session.post(url, data=form) as reply:
            await reply.read()


async def post_all(url: str, path: str, at_once: int) -> None:
    """All of them, so many at once."""
    connector, auth = TCPConnector(limit=at_once), BasicAuth("user", "any")
    with Path(path).open("rb") as lines:
        forms = (line.rstrip() for line in lines)
        async with ClientSession(connector=connector, auth=auth, headers=_HEADERS) as session:
            await asyncio.gather(*(work(session, url, forms) for _ in range(at_once)))


if __name__ == "__main__":
    url, path, at_once, *loop = sys.argv[1:]
    if loop:
        import uvloop

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(post_all(url, path, int(at_once)))
    else:
        asyncio.run(post_all(url, path, int(at_once)))
