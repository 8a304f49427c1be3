"""``python aiohttp_retry_loop.py URL MANIFEST RECORD TIMEOUT ATTEMPTS AT_ONCE``: exit 1 where a row failed."""

from __future__ import annotations

import asyncio
import base64
import csv
import json
import sys
from pathlib import Path
from typing import TextIO

from aiohttp import ClientError, ClientSession, ClientTimeout
from aiohttp_retry import ExponentialRetry, RetryClient

Letter = dict[str, str]
CREDENTIALS = "Basic " + base64.b64encode(b"user:any").decode()


async def create(client: RetryClient, url: str, letter: Letter, record: TextIO) -> bool:
    """Create one job, write down what was answered, and say whether it was made."""
    try:
        async with client.post(url, data=letter) as reply:
            text = await reply.text()
            made = reply.status in (200, 201) and "<status>0</status>" in text
    except (ClientError, TimeoutError) as error:
        text, made = repr(error), False
    record.write(json.dumps({"document": letter["documentId"], "made": made, "reply": text}) + "\n")
    record.flush()
    return made


async def create_all(url: str, letters: list[Letter], record: TextIO, limits: tuple[int, int, int]) -> list[bool]:
    """All of them, so many at once."""
    timeout_s, attempts, at_once = limits
    free = asyncio.Semaphore(at_once)
    # Its exceptions have to be named: without them, it retries replies only.
    options = ExponentialRetry(attempts=attempts, start_timeout=0.5, exceptions={ClientError, TimeoutError})
    session = ClientSession(headers={"Authorization": CREDENTIALS}, timeout=ClientTimeout(total=timeout_s))
    async with RetryClient(session, retry_options=options) as client:

        async def in_turn(letter: Letter) -> bool:
            async with free:
                return await create(client, url, letter, record)

        return await asyncio.gather(*(in_turn(letter) for letter in letters))


def main(url: str, manifest: str, record: str, *numbers: str) -> int:
    """Send what has no job in the record yet."""
    recorded = Path(record).read_text().splitlines() if Path(record).exists() else []
    entries = [json.loads(line) for line in recorded]
    done = {entry["document"] for entry in entries if entry["made"]}
    with Path(manifest).open(newline="") as lines:
        letters = [letter for letter in csv.DictReader(lines) if letter["documentId"] not in done]
    timeout_s, attempts, at_once = map(int, numbers)
    with Path(record).open("a") as out:
        made = asyncio.run(create_all(url, letters, out, (timeout_s, attempts, at_once)))
    sys.stdout.write(f"{sum(made)} created, {len(made) - sum(made)} failed, {len(done)} before\n")
    return 0 if all(made) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
