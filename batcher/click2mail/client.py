"""
The remote over HTTP.

What the remote or the network does comes back as a value: a ``Reply``, a ``Listing`` or a ``Fault`` that knows its
phase. Nothing is sent twice here and no redirect is followed; whether to try again is somebody else's decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

import aiohttp
from yarl import URL

from batcher.core.outcome import Answer, Fault, FaultKind, LookUpAnswer
from batcher.core.sending import Deadline, Sending

from .clocks import Clocks
from .connection import open_session, proxy_from_environment, tls_context
from .fault import NETWORK_ERRORS, NEVER_CONNECTED, fault_of
from .form import encode_form
from .listing import read_listing
from .remote import Addresses, RemoteSettings, authorization
from .reply import read_reply
from .retry_after import retry_after_s
from .sending import GuardedBody

__all__ = ["Click2MailClient", "Clocks", "Deadline", "RemoteSettings", "Sending"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """A reply as it came over HTTP, whole."""

    http_status: int
    body: bytes
    retry_after_s: float | None


class Click2MailClient:
    """
    One account of the remote; use it as an async context manager.

    Raises (at construction):
        ConfigError: An address, the user name or the CA file cannot be used.
    """

    def __init__(self, settings: RemoteSettings, clocks: Clocks | None = None) -> None:
        self._settings = settings
        self._clocks = Clocks() if clocks is None else clocks
        self._addresses = Addresses.of(settings)
        self._tls = tls_context(settings.ca_file)
        self._proxy = proxy_from_environment(self._addresses.jobs) if settings.trust_env else None
        self._authorization = authorization(settings)
        self._opened: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._opened = open_session(self._settings, self._authorization, self._tls, self._proxy)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def create(
        self, parameters: Mapping[str, str], signature: str, send_by: Deadline, sending: Sending | None = None
    ) -> Answer:
        """
        One attempt to create a job: one POST, or none.

        Args:
            send_by: The end of the intent's send window, judged where the first byte would be written. Too late means
                ``Fault(STALE_INTENT)``, and not a byte has left.
            sending: Filled in on the way, for a caller that may be cancelled: cancellation propagates, and
                ``sending.started`` then says whether the remote may have the request.

        Raises:
            asyncio.CancelledError: The connection is aborted; nothing more is sent.
            UnicodeEncodeError: A parameter holds a lone surrogate; nothing was sent.
        """
        sending = Sending() if sending is None else sending
        body = GuardedBody(encode_form(parameters, signature), send_by, self._clocks, sending)
        page: _Page | Fault | None = None
        try:
            page = await self._ask("POST", self._addresses.jobs, self._settings.reply_cap_bytes, body, sending)
        finally:
            body.close_attempt(answered=isinstance(page, _Page))
        return page if isinstance(page, Fault) else read_reply(page.http_status, page.body, page.retry_after_s)

    async def find(self, signature: str) -> LookUpAnswer:
        """The jobs that carry a signature: one page, at most 100. A ``Reply`` or ``Fault`` is no news about them."""
        page = await self._ask("GET", self._addresses.lookup_of(signature), self._settings.listing_cap_bytes)
        return page if isinstance(page, Fault) else read_listing(page.http_status, page.body, page.retry_after_s)

    async def credit(self) -> Answer:
        """``GET /credit``, for its HTTP status: 200 with credentials that work, 401 without."""
        page = await self._ask("GET", self._addresses.credit, self._settings.reply_cap_bytes)
        return page if isinstance(page, Fault) else read_reply(page.http_status, page.body, page.retry_after_s)

    @property
    def _session(self) -> aiohttp.ClientSession:
        if self._opened is None:
            raise RuntimeError("the client is used outside its 'async with' block")
        return self._opened

    async def _ask(
        self, method: str, url: URL, cap_bytes: int, body: GuardedBody | None = None, sending: Sending | None = None
    ) -> _Page | Fault:
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

    def _page(self, response: aiohttp.ClientResponse, body: bytes | None) -> _Page | Fault:
        # Under a 4xx the head alone is the verdict, so a page of any length says no less than a short one.
        if body is None and not 400 <= response.status < 500:
            return Fault(kind=FaultKind.TOO_LARGE, detail="the reply does not end", http_status=response.status)
        header = response.headers.get("Retry-After")
        return _Page(
            http_status=response.status,
            body=body or b"",
            retry_after_s=None if header is None else retry_after_s(header, self._clocks.wall()),
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
