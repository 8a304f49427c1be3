"""Errors become faults; the phase decides whether a row may be sent again."""

import asyncio
import errno
import inspect
import ssl
from types import SimpleNamespace

import aiohttp
import pytest
from aiohttp import client_exceptions, http_exceptions

from batcher.click2mail.fault import KINDS, fault_of
from batcher.click2mail.sending import ConnectionSpoiled, StaleIntent
from batcher.core.classify import Verdict, classify
from batcher.core.outcome import Fault, FaultKind

KEY = SimpleNamespace(host="remote.test", port=443, ssl=True, is_ssl=True)
LIBRARY = [
    cls
    for _, cls in inspect.getmembers(client_exceptions, inspect.isclass)
    if issubclass(cls, BaseException) and cls.__module__ == client_exceptions.__name__
]


def caused(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize("cls", LIBRARY, ids=lambda cls: cls.__name__)
def test_every_error_of_the_library_is_listed_by_name(cls: type[BaseException]) -> None:
    """When this fails, aiohttp has a new error: decide its two kinds in fault.KINDS."""
    assert cls in KINDS


@pytest.mark.parametrize("cls", KINDS, ids=lambda cls: cls.__name__)
def test_every_error_knows_its_phase(cls: type[BaseException]) -> None:
    before, after = KINDS[cls]

    assert classify(Fault(kind=before)) is Verdict.UNREACHED
    assert classify(Fault(kind=after)) is Verdict.NO_VERDICT


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (aiohttp.ClientConnectorDNSError(KEY, OSError(-2, "Name or service not known")), FaultKind.DNS),
        (aiohttp.ClientConnectorError(KEY, OSError(errno.ECONNREFUSED, "no")), FaultKind.CONNECT),
        (aiohttp.ClientConnectorError(KEY, OSError(errno.ENETUNREACH, "no")), FaultKind.CONNECT),
        (aiohttp.ConnectionTimeoutError("slow"), FaultKind.CONNECT),
        (TimeoutError(), FaultKind.CONNECT),
        (aiohttp.ClientProxyConnectionError(KEY, OSError(errno.ECONNREFUSED, "no")), FaultKind.CONNECT),
        (aiohttp.ClientHttpProxyError(None, (), status=407), FaultKind.CONNECT),
        (aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError(1, "wrong version")), FaultKind.TLS),
        (aiohttp.ClientConnectorCertificateError(KEY, ssl.SSLCertVerificationError(1, "no")), FaultKind.TLS),
        (aiohttp.ServerFingerprintMismatch(b"a", b"b", "remote.test", 443), FaultKind.TLS),
        (caused(aiohttp.ClientConnectionError("wrapped"), StaleIntent()), FaultKind.STALE_INTENT),
        (caused(aiohttp.ClientConnectionError("wrapped"), ConnectionSpoiled()), FaultKind.NOT_SENT),
        (aiohttp.ServerDisconnectedError(), FaultKind.NOT_SENT),
        (aiohttp.InvalidURL("x"), FaultKind.NOT_SENT),
        (UnicodeError("label too long"), FaultKind.NOT_SENT),
        (asyncio.CancelledError(), FaultKind.NOT_SENT),
    ],
)
def test_before_anything_was_sent(error: BaseException, kind: FaultKind) -> None:
    assert fault_of(error, sent=False).kind is kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimeoutError(), FaultKind.TIMEOUT),
        (aiohttp.SocketTimeoutError("slow"), FaultKind.TIMEOUT),
        (aiohttp.ServerTimeoutError("slow"), FaultKind.TIMEOUT),
        (aiohttp.ClientOSError(errno.ETIMEDOUT, "x"), FaultKind.TIMEOUT),
        (aiohttp.ClientOSError(errno.ECONNRESET, "x"), FaultKind.RESET),
        (aiohttp.ClientOSError(errno.EPIPE, "x"), FaultKind.WRITE),
        (aiohttp.ClientConnectionResetError("x"), FaultKind.WRITE),
        (aiohttp.ClientConnectionError("wrapped"), FaultKind.WRITE),
        (aiohttp.ServerDisconnectedError(), FaultKind.RESET),
        (aiohttp.ClientPayloadError("Response payload is not completed: x"), FaultKind.CUT),
        (aiohttp.ClientPayloadError("400, message: Can not decode content-encoding"), FaultKind.UNREADABLE),
        (aiohttp.ClientResponseError(None, (), status=400), FaultKind.UNREADABLE),
        (http_exceptions.TransferEncodingError("x"), FaultKind.UNREADABLE),
        (asyncio.CancelledError(), FaultKind.CANCELLED),
        (caused(aiohttp.ClientConnectionError("wrapped"), StaleIntent()), FaultKind.WRITE),
        (aiohttp.ClientConnectorError(KEY, OSError(errno.ECONNREFUSED, "no")), FaultKind.RESET),
        (ValueError("x"), FaultKind.UNREADABLE),
    ],
)
def test_after_a_byte_may_have_left(error: BaseException, kind: FaultKind) -> None:
    assert fault_of(error, sent=True).kind is kind


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (
            aiohttp.ClientConnectorError(KEY, OSError(errno.ECONNREFUSED, "Connect call failed")),
            "Connection refused (remote.test:443): ClientConnectorError",
        ),
        (caused(TimeoutError(), asyncio.CancelledError()), "Timed out: TimeoutError"),
        (aiohttp.ClientHttpProxyError(None, (), status=407), "The proxy answered 407: ClientHttpProxyError"),
        (
            caused(aiohttp.ClientConnectionError("wrapped"), StaleIntent()),
            "The send window of the intent is over: ClientConnectionError from StaleIntent",
        ),
        (aiohttp.ServerDisconnectedError(), "The remote hung up: ServerDisconnectedError"),
        (
            caused(aiohttp.ClientResponseError(None, ()), http_exceptions.BadStatusLine("<secret>")),
            "ClientResponseError from BadStatusLine",
        ),
    ],
)
def test_the_detail_is_one_line_for_people(error: BaseException, detail: str) -> None:
    assert fault_of(error, sent=False).detail == detail


@pytest.mark.parametrize("sent", [False, True])
def test_the_detail_never_quotes_an_error(sent: bool) -> None:
    secret = "http://me:pa55@proxy.test\nSmith, 1 Main St"
    errors = [
        aiohttp.ClientConnectionError(secret),
        aiohttp.ClientOSError(errno.EPIPE, secret),
        aiohttp.InvalidURL(secret),
        aiohttp.ClientPayloadError(secret),
        aiohttp.ServerDisconnectedError(secret),
        http_exceptions.BadStatusLine(secret),
        OSError(secret),
        ValueError(secret),
    ]
    details = [fault_of(caused(error, ValueError(secret)), sent=sent).detail for error in errors]

    assert [detail for detail in details if "pa55" in detail or "Smith" in detail or "\n" in detail] == []


def test_a_ring_of_causes_has_an_end() -> None:
    one, other = ValueError(), OSError()
    one.__cause__, other.__cause__ = other, one

    assert fault_of(one, sent=False).detail == "ValueError from OSError"
