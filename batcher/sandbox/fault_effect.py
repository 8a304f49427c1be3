"""Making a call go wrong on the wire, as a fault says."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate

from aiohttp import web

from batcher.sandbox import verdicts
from batcher.sandbox.call import Call
from batcher.sandbox.endpoints import root_of
from batcher.sandbox.fault import Fault, FaultKind
from batcher.sandbox.pages import edge_page, not_found_page, unauthorized_page
from batcher.sandbox.reply import Answer, Page, as_page, refusal
from batcher.sandbox.wire import pause, send

# Valid as nothing: no UTF-8, no XML, no JSON. Long enough that a parser has to give up by itself.
_RUBBISH = bytes((index * 7919 + 131) % 256 for index in range(997))
_BUSY_SECONDS = "1"
# On for 0 seconds, in the integers of the platform's structure.
_NO_LINGERING = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
# How often a stalled call looks whether its caller has hung up.
_HANG_UP_CHECK_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """
    The call a fault happens to.

    Attributes:
        act: Does the call's work and gives the answer it would have had.
        json_wanted: Whether the caller asked for JSON.
        closing: Set when the emulator stops; nothing may wait any longer then.
    """

    request: web.Request
    call: Call
    act: Callable[[], Answer]
    json_wanted: bool
    closing: asyncio.Event


async def suffer(fault: Fault, scene: Scene) -> web.StreamResponse:
    """Let the fault happen; the work is done before it, or not at all."""
    answer = scene.act() if fault.kind.acts_first else _without_acting(fault, scene.call)
    page = as_page(answer, json_wanted=scene.json_wanted)
    match fault.kind:
        case FaultKind.REFUSE | FaultKind.RESET | FaultKind.RESET_AFTER:
            return reset(scene.request)
        case FaultKind.STALL | FaultKind.STALL_AFTER:
            return await _stall(scene)
        case FaultKind.CUT:
            return await _cut(scene.request, page)
        case FaultKind.SLOW:
            await pause(fault.seconds, scene.closing)
            return send(page)
        case FaultKind.JSON:
            return send(as_page(answer, json_wanted=True))
        case FaultKind.GARBAGE:
            return send(Page(201, _RUBBISH, "application/xml"))
        case FaultKind.EMPTY:
            return send(Page(200, b"", "application/xml"))
        case FaultKind.ERROR_500_AFTER:
            error = refusal(root_of(scene.call.endpoint), verdicts.SERVER_ERROR)
            return send(as_page(error, json_wanted=scene.json_wanted))
        case _:
            status = fault.kind.page_status
            return send(page if status is None else edge_page(status))


def reset(request: web.Request) -> web.Response:
    """Tear the connection down with a TCP reset; whatever is returned goes nowhere."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        if connection is not None:
            # Lingering for 0 seconds is what makes the kernel send a reset instead of a polite end.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
        transport.abort()
    return web.Response()


def _without_acting(fault: Fault, call: Call) -> Answer:
    match fault.kind:
        case FaultKind.LIMIT_429:
            return edge_page(429, *_retry_header(fault.retry_after, call.now))
        case FaultKind.BUSY_503:
            return edge_page(503, *_retry_header(fault.retry_after or _BUSY_SECONDS, call.now))
        case FaultKind.UNAUTHORIZED:
            return unauthorized_page()
        case FaultKind.FORBIDDEN:
            return edge_page(403)
        case FaultKind.REDIRECT:
            return edge_page(302, ("Location", "/login"))
        case FaultKind.NOT_FOUND:
            return not_found_page()
        case _:
            return refusal(root_of(call.endpoint), fault.verdict or verdicts.SERVER_ERROR)


def _retry_header(retry_after: str | None, now: float) -> tuple[tuple[str, str], ...]:
    if retry_after is None:
        return ()
    if retry_after.startswith("date+"):
        retry_after = formatdate(now + int(retry_after[5:]), usegmt=True)
    return (("Retry-After", retry_after),)


async def _stall(scene: Scene) -> web.Response:
    transport = scene.request.transport
    while transport is not None and not transport.is_closing() and not scene.closing.is_set():
        await pause(_HANG_UP_CHECK_S, scene.closing)
    return reset(scene.request)


async def _cut(request: web.Request, page: Page) -> web.StreamResponse:
    response = web.StreamResponse(status=page.http, headers={"Content-Type": page.content_type})
    response.content_length = len(page.body)
    await response.prepare(request)
    await response.write(page.body[: len(page.body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
