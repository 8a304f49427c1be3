"""What the stub knows and how long it takes: jobs by their signatures, and answers that wait for their time."""

from __future__ import annotations

import asyncio
import json
import re
import time
from array import array
from collections import deque
from typing import Final
from urllib.parse import unquote_to_bytes
from wsgiref.handlers import format_date_time

from tests.bench.speed import replies
from tests.bench.speed.traffic import traffic_of

_ASKED_FOR: Final = re.compile(rb"appSignature=([^& ]*)")


class Vendor:
    """
    Makes a job of every create, and finds each by its signature.

    Args:
        latency_s: From the last byte of a request to the answer; 0 answers at once.
    """

    def __init__(self, latency_s: float) -> None:
        self._latency_s = latency_s
        self._waiting: deque[tuple[float, asyncio.Transport, bytes]] = deque()
        self._is_armed = False
        self._connections = 0
        self.forget()
        self.refresh()

    def forget(self) -> None:
        """Begins anew, with no jobs."""
        self._jobs: dict[bytes, int] = {}
        self._last_job = replies.FIRST_JOB
        self._arrivals = array("d")
        self._most_connections = self._connections
        self._last_answer = 0.0
        self._answers = 0
        self._waited_s = 0.0
        self._cpu_before_s = time.process_time()

    def refresh(self) -> None:
        """Brings the date of the replies up to now; wants to be called every second."""
        self._date = format_date_time(time.time()).encode()
        self._created = replies.created(self._date)

    def connected(self, change: int) -> None:
        """A connection more, or one less."""
        self._connections += change
        self._most_connections = max(self._most_connections, self._connections)

    def create(self, signature: bytes, transport: asyncio.Transport) -> None:
        """Makes a job, and answers with its id."""
        self._last_job = job = self._last_job + 1
        self._jobs.setdefault(signature, job)
        self._arrivals.append(time.monotonic())
        self._answer(transport, self._created % (job, job))

    def tell(self, line: bytes, transport: asyncio.Transport) -> None:
        """Answers a question; ``line`` is the first of the request."""
        path = line.split(b" ")[1] if line.count(b" ") == 2 else b""
        if path == b"/bench/traffic":
            body = json.dumps(self.seen()).encode()
            transport.write(replies.page(body, self._date, kind=b"application/json"))
        elif path == b"/bench/forget":
            self.forget()
            transport.write(replies.page(b"", self._date))
        elif b"/jobs/appSignature" in path:
            self._answer(transport, replies.page(replies.listing(self._under(path)), self._date))
        elif (body := replies.other(path)) is not None:
            self._answer(transport, replies.page(body, self._date))
        else:
            self._answer(transport, replies.page(b"", self._date, status=b"404 Not Found"))

    def _under(self, path: bytes) -> list[int]:
        asked = _ASKED_FOR.search(path)
        job = None if asked is None else self._jobs.get(unquote_to_bytes(asked[1]))
        return [] if job is None else [job]

    def seen(self) -> dict[str, float | None]:
        """What came since it last forgot; times in seconds."""
        return {
            **traffic_of(self._arrivals, self._last_answer),
            "signatures": len(self._jobs),
            "connections": self._most_connections,
            "latency_s": self._waited_s / self._answers if self._answers else None,
            "cpu_s": time.process_time() - self._cpu_before_s,
        }

    def _answer(self, transport: asyncio.Transport, answer: bytes) -> None:
        if not self._latency_s:
            transport.write(answer)
            return
        self._waiting.append((time.monotonic(), transport, answer))
        if not self._is_armed:
            self._arm()

    def _arm(self) -> None:
        """One timer for the answer that has waited longest: all wait equally long, so they are due in turn."""
        self._is_armed = bool(self._waiting)
        if self._waiting:
            due_in_s = self._waiting[0][0] + self._latency_s - time.monotonic()
            asyncio.get_running_loop().call_later(max(0.0, due_in_s), self._send_due)

    def _send_due(self) -> None:
        now = time.monotonic()
        while self._waiting and self._waiting[0][0] + self._latency_s <= now:
            asked_at, transport, answer = self._waiting.popleft()
            transport.write(answer)
            self._waited_s += now - asked_at
            self._answers += 1
            self._last_answer = now
        self._arm()
