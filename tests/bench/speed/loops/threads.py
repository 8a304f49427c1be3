"""
``python -m tests.bench.speed.loops.threads URL MANIFEST RECORD AT_ONCE``: rows with requests, in threads.

A pool of threads, each with a session of its own, a row as a dict, a line a row into a file.
"""

from __future__ import annotations

import csv
import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

_own = threading.local()


def create(url: str, letter: dict[str, str]) -> str:
    """Create one job."""
    if not hasattr(_own, "session"):
        _own.session = requests.Session()
        _own.session.auth = ("user", "any")
    reply = _own.session.post(url, data=letter, timeout=120)
    reply.raise_for_status()
    return str(reply.text)


def create_all(url: str, manifest: str, record: str, at_once: int) -> None:
    """All of them, so many at once."""
    with Path(manifest).open(newline="") as lines:
        letters = [{**row, "appSignature": f"benchmarks-{n}"} for n, row in enumerate(csv.DictReader(lines), 1)]
    with Path(record).open("w") as out, ThreadPoolExecutor(at_once) as pool:
        answers = pool.map(lambda letter: create(url, letter), letters)
        out.writelines(json.dumps({"row": number, "reply": answer}) + "\n" for number, answer in enumerate(answers, 1))


if __name__ == "__main__":
    url, manifest, record, at_once = sys.argv[1:]
    create_all(url, manifest, record, int(at_once))
