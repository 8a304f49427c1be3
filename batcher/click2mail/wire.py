"""
Requests and whole replies over HTTP, for one account.

Nothing is sent twice here and no redirect is followed. What the network does comes back as a ``Fault`` that knows its
phase. Posts go over one of two lanes with the same promises: the direct one, or aiohttp's session where that is not for
them.
"""

from __future__ import annotations

from types import TracebackType
from typing import NamedTuple, Self

import aiohttp
from yarl import URL

from batcher.core.outcome import Fault
from batcher.core.sending import Deadline, Sending

from .clocks import Clocks
from .connection import open_session, proxy_from_environment, tls_context
from .direct_lane import DirectLane, suits
from .page import Page
from .remote import RemoteSettings, authorization
from .session_lane import SessionLane


class Wire:
    """
    One account's connections; use it as an async context manager.

    Raises (at construction):
        ConfigError: The user name, the proxy or the CA file cannot be used.
    """

    def __init__(self, settings: RemoteSettings, address: URL, clocks: Clocks | None = None) -> None:
        self._settings = settings
        self._address = address
        self._clocks = Clocks() if clocks is None else clocks
        self._tls = tls_context(settings.ca_file)
        self._proxy = proxy_from_environment(address) if settings.trust_env else None
        self._authorization = authorization(settings)
        self.posts_directly = settings.direct_posts and self._proxy is None and suits(aiohttp.__version__)
        self._opened: _Opened | None = None

    async def __aenter__(self) -> Self:
        session = open_session(self._settings, self._authorization, self._tls, self._proxy)
        session_lane = SessionLane(session, self._settings.reply_cap_bytes, self._clocks)
        if self.posts_directly:
            direct_lane = DirectLane(session, self._address, self._settings, self._clocks)
            self._opened = _Opened(session, session_lane, direct_lane)
        else:
            self._opened = _Opened(session, session_lane, session_lane)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.session.close()

    async def get(self, url: URL, cap_bytes: int) -> Page | Fault:
        """Asks once; a page longer than ``cap_bytes`` is a fault."""
        return await self._open.asking.get(url, cap_bytes)

    async def post(self, url: URL, form: bytes, send_by: Deadline, sending: Sending) -> Page | Fault:
        """
        Posts once, or not at all: past ``send_by`` it is ``Fault(STALE_INTENT)``, and not a byte has left.

        Raises:
            asyncio.CancelledError: The connection is aborted; nothing more is sent.
        """
        return await self._open.posting.post(url, form, send_by, sending)

    @property
    def _open(self) -> _Opened:
        if self._opened is None:
            raise RuntimeError("the client is used outside its 'async with' block")
        return self._opened


class _Opened(NamedTuple):
    session: aiohttp.ClientSession
    asking: SessionLane
    posting: SessionLane | DirectLane
