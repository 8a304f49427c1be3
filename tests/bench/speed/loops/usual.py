"""
``python -m tests.bench.speed.loops.usual URL MANIFEST RECORD AT_ONCE``: rows with aiohttp, as people write it.

A task a row, a semaphore, tenacity as a decorator on the call, a row as a dict, a line a row into a file.
"""

from __future__ import annotations

import asyncio
import csv
import json
import sys
from pathlib import Path
from typing import TextIO

from aiohttp import BasicAuth, ClientError, ClientSession, TCPConnector
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter


@retry(
    stop=stop_after_attempt(5),
    wait=wait_exponential_jitter(initial=0.5, max=30),
    retry=retry_if_exception_type((ClientError, TimeoutError)),
    reraise=True,
)
async def create(session: ClientSession, url: str, letter: dict[str, str]) -> str:
    """Create one job."""
    async with session.post(url, data=letter) as reply:
        reply.raise_for_status()
        return await reply.text()


async def create_all(url: str, manifest: str, record: TextIO, at_once: int) -> None:
    """All of them, so many at once."""
    free = asyncio.Semaphore(at_once)
    connector, auth = TCPConnector(limit=at_once), BasicAuth("user", "any")
    async with ClientSession(connector=connector, auth=auth) as session:

        async def in_turn(number: int, letter: dict[str, str]) -> None:
            async with free:
                answer = await create(session, url, letter)
            record.write(json.dumps({"row": number, "reply": answer}) + "\n")

        with Path(manifest).open(newline="") as lines:
            letters = [{**row, "appSignature": f"benchmarks-{n}"} for n, row in enumerate(csv.DictReader(lines), 1)]
        await asyncio.gather(*(in_turn(number, letter) for number, letter in enumerate(letters, 1)))


if __name__ == "__main__":
    url, manifest, record, at_once = sys.argv[1:]
    with Path(record).open("w") as out:
        asyncio.run(create_all(url, manifest, out, int(at_once)))
