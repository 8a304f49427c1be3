"""Requests over aiohttp's ``ClientSession``: look-ups always, and posts where the direct lane is not for them."""

from __future__ import annotations

from dataclasses import replace

import aiohttp
from yarl import URL

from batcher.core.outcome import Fault
from batcher.core.sending import Deadline, Sending

from .clocks import Clocks
from .fault import NETWORK_ERRORS, NEVER_CONNECTED, fault_of
from .page import Page, page_of, read_capped
from .sending import GuardedBody


class SessionLane:
    """Asks and posts over an open session, which stays its owner's."""

    def __init__(self, session: aiohttp.ClientSession, cap_bytes: int, clocks: Clocks) -> None:
        self._session = session
        self._cap_bytes = cap_bytes
        self._clocks = clocks

    async def get(self, url: URL, cap_bytes: int) -> Page | Fault:
        """Asks once; a page longer than ``cap_bytes`` is a fault."""
        return await self._ask("GET", url, cap_bytes)

    async def post(self, url: URL, form: bytes, send_by: Deadline, sending: Sending) -> Page | Fault:
        """As ``Wire.post``."""
        body = GuardedBody(form, send_by, self._clocks, sending)
        page: Page | Fault | None = None
        try:
            page = await self._ask("POST", url, self._cap_bytes, body, sending)
        finally:
            body.close_attempt(answered=isinstance(page, Page))
        return page

    async def _ask(
        self, method: str, url: URL, cap_bytes: int, body: GuardedBody | None = None, sending: Sending | None = None
    ) -> Page | Fault:
        try:
            response = await self._session.request(method, url, data=body, allow_redirects=False)
        except NETWORK_ERRORS as error:
            return fault_of(error, sent=not isinstance(error, NEVER_CONNECTED) if sending is None else sending.started)
        try:
            body_read = await read_capped(response.content, cap_bytes)
            return page_of(response.status, response.headers, body_read, cap_bytes, self._clocks)
        except NETWORK_ERRORS as error:
            return replace(fault_of(error, sent=True), http_status=response.status)
        finally:
            response.release()  # closes the connection unless the reply was read to its end
