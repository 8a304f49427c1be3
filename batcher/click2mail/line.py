"""
What lies between this machine and the remote: its name, a connection, its certificate.

A connection of its own is opened for that, and nothing is asked over it.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from yarl import URL

from batcher.core.errors import ConfigError
from batcher.core.outcome import Fault, FaultKind

from .connection import proxy_from_environment, tls_context
from .fault import fault_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """
    The way to an address, as far as it was come: what follows on the ``fault`` is None.

    ``proxy`` is the ``HOST:PORT`` that the way goes through, and ``passes_by_proxy`` says that the environment names
    one which is not used. ``valid_until`` is the end of the certificate; through a proxy it is not looked at.
    """

    host: str
    port: int
    encrypted: bool
    proxy: str | None = None
    passes_by_proxy: bool = False
    name_s: float | None = None
    connect_s: float | None = None
    valid_until: datetime | None = None
    fault: Fault | None = None


async def survey_line(address: str, *, trust_env: bool, ca_file: Path | None, limit_s: float) -> Line:
    """
    Goes the way to an address once; each step may take ``limit_s`` seconds.

    Raises:
        ConfigError: The proxy or the CA file cannot be used.
    """
    url = URL(address)
    context = tls_context(ca_file) or ssl.create_default_context()
    proxy = proxy_from_environment(url) if trust_env else None
    next_stop = url if proxy is None else proxy
    line = Line(
        host=url.host or "",
        port=url.port or 0,
        encrypted=url.scheme == "https",
        proxy=None if proxy is None else f"{proxy.host}:{proxy.port}",
        passes_by_proxy=not trust_env and _environment_names_proxy(url),
    )
    line, places = await _resolve(line, next_stop, limit_s)
    line, writer = await _reach(line, places, limit_s)
    if writer is None:
        return line
    try:
        return line if proxy is not None or not line.encrypted else await _secure(line, writer, context, url, limit_s)
    finally:
        writer.transport.abort()


async def _resolve(line: Line, url: URL, limit_s: float) -> tuple[Line, list[tuple[str, int]]]:
    began, loop = time.monotonic(), asyncio.get_running_loop()
    try:
        async with asyncio.timeout(limit_s):
            found = await loop.getaddrinfo(url.raw_host, url.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # a UnicodeError: what can be no name at all
        words = "Timed out" if isinstance(error, TimeoutError) else getattr(error, "strerror", None)
        return replace(line, fault=Fault(kind=FaultKind.DNS, detail=words or "no such name")), []
    places = list(dict.fromkeys((str(place[4][0]), int(place[4][1])) for place in found))
    return replace(line, name_s=time.monotonic() - began), places


async def _reach(line: Line, places: list[tuple[str, int]], limit_s: float) -> tuple[Line, asyncio.StreamWriter | None]:
    """Connects to the first place that takes it."""
    began = time.monotonic()
    for host, port in places:
        try:
            async with asyncio.timeout(limit_s):
                _, writer = await asyncio.open_connection(host, port)
        except OSError as error:
            line = replace(line, fault=fault_of(error, sent=False))
        else:
            return replace(line, connect_s=time.monotonic() - began, fault=None), writer
    return line, None


async def _secure(line: Line, writer: asyncio.StreamWriter, context: ssl.SSLContext, url: URL, limit_s: float) -> Line:
    try:
        async with asyncio.timeout(limit_s):
            await writer.start_tls(context, server_hostname=url.raw_host)
    except OSError as error:
        return replace(line, fault=replace(fault_of(error, sent=False), kind=FaultKind.TLS))
    return replace(line, valid_until=_end_of(writer.get_extra_info("peercert")))


def _environment_names_proxy(url: URL) -> bool:
    try:
        return proxy_from_environment(url) is not None
    except ConfigError:
        return True


def _end_of(certificate: dict[str, Any] | None) -> datetime | None:
    ends = (certificate or {}).get("notAfter")
    return None if ends is None else datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)
