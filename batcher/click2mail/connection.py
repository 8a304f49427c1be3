"""
Connections that deliver nothing once an attempt is over, and verify whom they talk to.

A timed-out request must not reach the remote later: by then a look-up may have said "absent". So the kernel drops what
it still holds when the connection is closed (SO_LINGER 0, which sends RST; it also holds for a killed process), and
gives up on unacknowledged bytes no later than we do (TCP_USER_TIMEOUT).
"""

from __future__ import annotations

import contextlib
import math
import socket
import ssl
import struct
import sys
from typing import TYPE_CHECKING, Final
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from batcher.core.errors import ConfigError

from .sending import GuardedRequest

if TYPE_CHECKING:
    from pathlib import Path

    from .remote import RemoteSettings

_LINGER_0: Final = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
_KEEP_ALIVE_AFTER_S: Final = 30
"""Middle boxes forget a silent connection after a minute or more; a slow reply takes up to 100 seconds."""


def open_session(
    settings: RemoteSettings, authorization: str, context: ssl.SSLContext | None, proxy: URL | None
) -> aiohttp.ClientSession:
    """A session for one account: no cookies, no environment, one timeout for an attempt as a whole."""
    connector = aiohttp.TCPConnector(
        limit=settings.connections,
        ssl=True if context is None else context,
        socket_factory=lambda address: _open_socket(address, settings.timeout_s),
    )
    return aiohttp.ClientSession(
        connector=connector,
        headers={
            "Accept": "application/xml",
            "Authorization": authorization,
            "User-Agent": settings.user_agent,
        },
        cookie_jar=aiohttp.DummyCookieJar(),
        # Whoever settles an attempt counts on this limit, so it is not rounded up to whole seconds.
        timeout=aiohttp.ClientTimeout(
            total=settings.timeout_s, connect=settings.connect_timeout_s, ceil_threshold=math.inf
        ),
        # The session's own trust_env would also read .netrc, and refuse every request to a host that stands in it.
        trust_env=False,
        proxy=proxy,
        request_class=GuardedRequest,
    )


def tls_context(ca_file: Path | None) -> ssl.SSLContext | None:
    """
    TLS that trusts this file's authorities only; None stands for the system's.

    Raises:
        ConfigError: The file cannot be read, or holds no certificate.
    """
    if ca_file is None:
        return None
    try:
        context = ssl.create_default_context(cafile=str(ca_file))
    except OSError as error:
        raise ConfigError(f"CA file {ca_file}: {error.strerror or error}; check --ca-file") from error
    context.set_alpn_protocols(["http/1.1"])
    return context


def proxy_from_environment(address: URL) -> URL | None:
    """
    The proxy that ``HTTP_PROXY``, ``HTTPS_PROXY`` and ``NO_PROXY`` name for this address.

    Raises:
        ConfigError: It is not an ``http(s)://`` proxy.
    """
    named = getproxies().get(address.scheme)
    if not named or address.host is None or proxy_bypass(address.host):
        return None
    try:
        proxy = URL(named if "://" in named else f"http://{named}")
    except ValueError:
        proxy = URL()
    if proxy.scheme not in ("http", "https") or not proxy.host:
        raise ConfigError(f"{address.scheme.upper()}_PROXY: not an http:// proxy; correct it, or leave --trust-env off")
    return proxy


def _open_socket(address: aiohttp.AddrInfoType, timeout_s: float) -> socket.socket:
    family, kind, protocol, _, _ = address
    opened = socket.socket(family, kind, protocol)
    for level, name, value in _socket_options(timeout_s):
        # A kernel that lacks an option still connects; aborting the connection is the first line of defence.
        with contextlib.suppress(OSError):
            opened.setsockopt(level, name, value)
    return opened


def _socket_options(timeout_s: float) -> list[tuple[int, int, int | bytes]]:
    options: list[tuple[int, int, int | bytes]] = [
        (socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_0),
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    ]
    if sys.platform == "linux":
        options += [
            (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, max(1, int(timeout_s * 1000))),
            (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _KEEP_ALIVE_AFTER_S),
            (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, _KEEP_ALIVE_AFTER_S),
        ]
    return options
