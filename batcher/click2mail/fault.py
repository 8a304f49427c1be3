"""
The one place that turns errors of aiohttp, the system and asyncio into faults.

The phase decides more than the error does: the same broken connection is harmless before a byte was sent and leaves the
row in doubt after. So each class of error has two kinds here. The classes of ``aiohttp.client_exceptions`` are listed
one by one, and a test fails when the library grows another.

A fault's detail is made from class names and the system's own words, never from an error's text: that may quote a
proxy's password, a URL or what the remote sent.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl
from collections.abc import Iterator
from typing import Final

import aiohttp
from aiohttp import client_exceptions as aio
from aiohttp import http_exceptions

from batcher.core.outcome import Fault, FaultKind

from .sending import NothingSent, StaleIntent

NETWORK_ERRORS: Final = (aiohttp.ClientError, http_exceptions.HttpProcessingError, OSError, ValueError)
"""What a request may raise because of the remote or the network (ValueError: an address or a header that cannot be)."""

NEVER_CONNECTED: Final = (
    NothingSent,
    aio.ClientConnectorError,
    aio.ConnectionTimeoutError,
    aio.ServerFingerprintMismatch,
    aio.ClientHttpProxyError,
    aio.InvalidURL,
    aio.NonHttpUrlClientError,
)
"""Errors that say by themselves that the request was not sent; for requests whose sending nobody watches."""

KINDS: Final[dict[type[BaseException], tuple[FaultKind, FaultKind]]] = {
    # class: (before anything was sent, after)
    BaseException: (FaultKind.NOT_SENT, FaultKind.UNREADABLE),
    asyncio.CancelledError: (FaultKind.NOT_SENT, FaultKind.CANCELLED),
    OSError: (FaultKind.CONNECT, FaultKind.RESET),
    TimeoutError: (FaultKind.CONNECT, FaultKind.TIMEOUT),
    ssl.SSLError: (FaultKind.TLS, FaultKind.RESET),
    StaleIntent: (FaultKind.STALE_INTENT, FaultKind.WRITE),
    NothingSent: (FaultKind.NOT_SENT, FaultKind.WRITE),
    aio.ClientError: (FaultKind.NOT_SENT, FaultKind.UNREADABLE),
    # No connection: aiohttp has one error for a slow connect and for a wait in its pool.
    aio.ClientConnectorDNSError: (FaultKind.DNS, FaultKind.RESET),
    aio.ClientConnectorSSLError: (FaultKind.TLS, FaultKind.RESET),
    aio.ClientConnectorCertificateError: (FaultKind.TLS, FaultKind.RESET),
    aio.ClientSSLError: (FaultKind.TLS, FaultKind.RESET),
    aio.ServerFingerprintMismatch: (FaultKind.TLS, FaultKind.RESET),
    aio.ClientProxyConnectionError: (FaultKind.CONNECT, FaultKind.RESET),
    aio.ClientHttpProxyError: (FaultKind.CONNECT, FaultKind.RESET),
    aio.ClientConnectorError: (FaultKind.CONNECT, FaultKind.RESET),
    aio.UnixClientConnectorError: (FaultKind.CONNECT, FaultKind.RESET),
    aio.ConnectionTimeoutError: (FaultKind.CONNECT, FaultKind.TIMEOUT),
    # A connection that broke.
    aio.ClientConnectionError: (FaultKind.NOT_SENT, FaultKind.WRITE),
    aio.ClientConnectionResetError: (FaultKind.NOT_SENT, FaultKind.WRITE),
    aio.UploadAbortedError: (FaultKind.NOT_SENT, FaultKind.WRITE),
    aio.ClientOSError: (FaultKind.NOT_SENT, FaultKind.RESET),
    aio.ServerConnectionError: (FaultKind.NOT_SENT, FaultKind.RESET),
    aio.ServerDisconnectedError: (FaultKind.NOT_SENT, FaultKind.RESET),
    aio.ServerTimeoutError: (FaultKind.NOT_SENT, FaultKind.TIMEOUT),
    aio.SocketTimeoutError: (FaultKind.NOT_SENT, FaultKind.TIMEOUT),
    # A reply that is none.
    aio.ClientPayloadError: (FaultKind.NOT_SENT, FaultKind.CUT),
    aio.ClientResponseError: (FaultKind.NOT_SENT, FaultKind.UNREADABLE),
    aio.ContentTypeError: (FaultKind.NOT_SENT, FaultKind.UNREADABLE),
    aio.WSServerHandshakeError: (FaultKind.NOT_SENT, FaultKind.UNREADABLE),
    aio.WSMessageTypeError: (FaultKind.NOT_SENT, FaultKind.UNREADABLE),
    # An address that cannot be asked, and redirects, which are never followed.
    aio.InvalidURL: (FaultKind.NOT_SENT, FaultKind.UNREADABLE),
    aio.InvalidUrlClientError: (FaultKind.NOT_SENT, FaultKind.UNREADABLE),
    aio.NonHttpUrlClientError: (FaultKind.NOT_SENT, FaultKind.UNREADABLE),
    aio.RedirectClientError: (FaultKind.NOT_SENT, FaultKind.UNREADABLE),
    aio.InvalidUrlRedirectClientError: (FaultKind.NOT_SENT, FaultKind.UNREADABLE),
    aio.NonHttpUrlRedirectClientError: (FaultKind.NOT_SENT, FaultKind.UNREADABLE),
    aio.TooManyRedirects: (FaultKind.NOT_SENT, FaultKind.UNREADABLE),
}


def fault_of(error: BaseException, sent: bool) -> Fault:
    """
    The fault that an error is.

    Args:
        sent: Whether a byte of the request may have left; when in doubt, True.
    """
    return Fault(kind=_kind_after(error) if sent else _kind_before(error), detail=_detail(error))


def _kind_before(error: BaseException) -> FaultKind:
    # aiohttp wraps what a body's write raises, so a refusal of ours is found among the causes.
    refusals = (cause for cause in _causes(error) if isinstance(cause, NothingSent))
    return _kinds(next(refusals, error))[0]


def _kind_after(error: BaseException) -> FaultKind:
    if isinstance(error, OSError) and error.errno == errno.ETIMEDOUT:
        return FaultKind.TIMEOUT
    if isinstance(error, OSError) and error.errno == errno.EPIPE:
        return FaultKind.WRITE
    if isinstance(error, aio.ClientPayloadError) and not _was_cut(error):
        return FaultKind.UNREADABLE
    return _kinds(error)[1]


def _was_cut(error: aio.ClientPayloadError) -> bool:
    # One class for a body that ended early and for one that cannot be decoded; both leave doubt, so this is for people.
    return str(error).startswith("Response payload is not completed")


def _kinds(error: BaseException) -> tuple[FaultKind, FaultKind]:
    return next(KINDS[cls] for cls in type(error).__mro__ if cls in KINDS)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    for _ in range(8):  # a chain may be a ring
        if cause is None:
            return
        yield cause
        cause = cause.__cause__


def _detail(error: BaseException) -> str:
    host = f" ({error.host}:{error.port})" if isinstance(error, aio.ClientConnectorError) else ""
    words = next((said for cause in _causes(error) if (said := _words(cause))), "")
    # A timeout works by cancelling inside the library; that is no news.
    told = [cause for cause in _causes(error) if cause is error or not isinstance(cause, asyncio.CancelledError)]
    names = " from ".join(dict.fromkeys(type(cause).__name__ for cause in told))
    return (f"{words}{host}: {names}" if words else f"{names}{host}")[:200]


def _words(error: BaseException) -> str:
    """What the system, TLS or we say of it, in words that quote nothing."""
    match error:
        case NothingSent():
            return (type(error).__doc__ or "").rstrip(".")
        case aio.ClientHttpProxyError():
            return f"The proxy answered {error.status}"
        case aio.ClientConnectorError() if error.os_error is not error:
            return _words(error.os_error)
        case ssl.SSLError():
            return getattr(error, "verify_message", None) or getattr(error, "reason", None) or ""
        case OSError(errno=int(number)) if number > 0:
            return os.strerror(number)
        case socket.gaierror():
            return error.strerror or ""
        case TimeoutError():
            return "Timed out"
        case aio.ServerDisconnectedError():
            return "The remote hung up"
        case _:
            return ""
