"""
Requests and whole replies over HTTP, for one account.

Nothing is sent twice here and no redirect is followed. What the network does comes back as a ``Fault`` that knows its
phase.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

import aiohttp
from yarl import URL

from batcher.core.outcome import Fault, FaultKind
from batcher.core.sending import Deadline, Sending

from .clocks import Clocks
from .connection import open_session, proxy_from_environment, tls_context
from .fault import NETWORK_ERRORS, NEVER_CONNECTED, fault_of
from .remote import RemoteSettings, authorization
from .retry_after import retry_after_s
from .sending import GuardedBody


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A reply as it came over HTTP, whole. ``date`` is its Date header as it stands."""

    http_status: int
    body: bytes
    retry_after_s: float | None
    date: str | None = None


class Wire:
    """
    One account's connections; use it as an async context manager.

    Raises (at construction):
        ConfigError: The user name, the proxy or the CA file cannot be used.
    """

    def __init__(self, settings: RemoteSettings, address: URL, clocks: Clocks | None = None) -> None:
        self._settings = settings
        self._clocks = Clocks() if clocks is None else clocks
        self._tls = tls_context(settings.ca_file)
        self._proxy = proxy_from_environment(address) if settings.trust_env else None
        self._authorization = authorization(settings)
        self._opened: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._opened = open_session(self._settings, self._authorization, self._tls, self._proxy)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def get(self, url: URL, cap_bytes: int) -> Page | Fault:
        """Asks once; a page longer than ``cap_bytes`` is a fault."""
        return await self._ask("GET", url, cap_bytes)

    async def post(self, url: URL, form: bytes, send_by: Deadline, sending: Sending) -> Page | Fault:
        """
        Posts once, or not at all: past ``send_by`` it is ``Fault(STALE_INTENT)``, and not a byte has left.

        Raises:
            asyncio.CancelledError: The connection is aborted; nothing more is sent.
        """
        body = GuardedBody(form, send_by, self._clocks, sending)
        page: Page | Fault | None = None
        try:
            page = await self._ask("POST", url, self._settings.reply_cap_bytes, body, sending)
        finally:
            body.close_attempt(answered=isinstance(page, Page))
        return page

    @property
    def _session(self) -> aiohttp.ClientSession:
        if self._opened is None:
            raise RuntimeError("the client is used outside its 'async with' block")
        return self._opened

    async def _ask(
        self, method: str, url: URL, cap_bytes: int, body: GuardedBody | None = None, sending: Sending | None = None
    ) -> Page | Fault:
        try:
            response = await self._session.request(method, url, data=body, allow_redirects=False)
        except NETWORK_ERRORS as error:
            return fault_of(error, sent=not isinstance(error, NEVER_CONNECTED) if sending is None else sending.started)
        try:
            return self._page(response, await _read_capped(response.content, cap_bytes))
        except NETWORK_ERRORS as error:
            return replace(fault_of(error, sent=True), http_status=response.status)
        finally:
            response.release()  # closes the connection unless the reply was read to its end

    def _page(self, response: aiohttp.ClientResponse, body: bytes | None) -> Page | Fault:
        # Under a 4xx the head alone is the verdict, so a page of any length says no less than a short one.
        if body is None and not 400 <= response.status < 500:
            return Fault(kind=FaultKind.TOO_LARGE, detail="the reply does not end", http_status=response.status)
        header = response.headers.get("Retry-After")
        return Page(
            http_status=response.status,
            body=body or b"",
            retry_after_s=None if header is None else retry_after_s(header, self._clocks.wall()),
            date=response.headers.get("Date"),
        )


async def _read_capped(content: aiohttp.StreamReader, cap_bytes: int) -> bytes | None:
    """A reply's body; None if it is longer than that."""
    chunks = []
    size = 0
    while chunk := await content.readany():
        size += len(chunk)
        if size > cap_bytes:
            return None
        chunks.append(chunk)
    return b"".join(chunks)
