"""Between HTTP and the emulator's own words: reading a call, sending an answer, taking time over it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from aiohttp import web
from aiohttp.web_request import FileField

from batcher.sandbox.call import Call, Upload
from batcher.sandbox.endpoints import BASE_PATH, Endpoint, Target
from batcher.sandbox.parameters import is_form, read_parameters
from batcher.sandbox.reply import Page


async def read_call(request: web.Request, target: Target, now: float) -> Call:
    """The call in a request, its body read to the end."""
    body, form, upload = b"", "", None
    parts: Mapping[str, str] = {}
    if target.endpoint is Endpoint.DOCUMENT_UPLOAD and request.content_type.startswith("multipart/"):
        parts, upload = await _read_multipart(request)
    else:
        # Read even where it says nothing: a caller is to see the reply after its whole body was taken.
        body = await request.read()
    if target.endpoint is not Endpoint.LIST_UPLOAD and is_form(request.content_type):
        form, body = body.decode("utf-8", "replace"), b""
    query = request.rel_url.raw_query_string
    return Call(
        endpoint=target.endpoint,
        ids=target.ids,
        parameters={**parts, **read_parameters(query, form)},
        base_url=f"{request.scheme}://{request.host}/{BASE_PATH}",
        now=now,
        body=body,
        upload=upload,
    )


def send(page: Page) -> web.Response:
    """The response that carries a page."""
    headers = {"Content-Type": page.content_type}
    if page.headers:
        headers.update(page.headers)
    return web.Response(status=page.http, body=page.body, headers=headers)


async def pause(seconds: float, closing: asyncio.Event) -> None:
    """Let so many seconds pass, or fewer when the emulator stops meanwhile."""
    if seconds <= 0:
        return
    try:
        async with asyncio.timeout(seconds):
            await closing.wait()
    except TimeoutError:
        return


async def _read_multipart(request: web.Request) -> tuple[dict[str, str], Upload | None]:
    parts: dict[str, str] = {}
    upload: Upload | None = None
    for name, value in (await request.post()).items():
        if isinstance(value, FileField):
            content = value.file.read()
            if name == "file":
                upload = Upload(value.filename, len(content))
                continue
            # The vendor's Python client sends every field as a file named after the field.
            parts.setdefault(name, content.decode("utf-8", "replace"))
        else:
            parts.setdefault(name, value if isinstance(value, str) else bytes(value).decode("utf-8", "replace"))
    return parts, upload
