"""A reply as it came over HTTP, whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp

from batcher.core.outcome import Fault, FaultKind

from .clocks import Clocks
from .retry_after import retry_after_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """``date`` is its Date header as it stands."""

    http_status: int
    body: bytes
    retry_after_s: float | None
    date: str | None = None


def page_of(
    http_status: int, headers: Mapping[str, str], body: bytes | None, cap_bytes: int, clocks: Clocks
) -> Page | Fault:
    """The page that a reply is; a fault where its body is longer than that, or was not read to its end (None)."""
    if body is not None and len(body) > cap_bytes:
        body = None
    # Under a 4xx the head alone is the verdict, so a page of any length says no less than a short one.
    if body is None and not 400 <= http_status < 500:
        return Fault(kind=FaultKind.TOO_LARGE, detail="the reply does not end", http_status=http_status)
    header = headers.get("Retry-After")
    return Page(
        http_status=http_status,
        body=body or b"",
        retry_after_s=None if header is None else retry_after_s(header, clocks.wall()),
        date=headers.get("Date"),
    )


async def read_capped(content: aiohttp.StreamReader, cap_bytes: int) -> bytes | None:
    """A reply's body, decoded; None if it is longer than that."""
    chunks = []
    size = 0
    while chunk := await content.readany():
        size += len(chunk)
        if size > cap_bytes:
            return None
        chunks.append(chunk)
    return b"".join(chunks)
