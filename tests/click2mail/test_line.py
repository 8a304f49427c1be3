"""The way to the remote, gone once: how far it leads, and what stands at its end."""

import asyncio
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from batcher.click2mail.line import Line, survey_line
from batcher.core.errors import ConfigError
from batcher.core.outcome import Fault, FaultKind

from .scripted_server import Connection, ScriptedServer
from .test_tls import Certificate, make_certificate

Serve = Callable[..., ScriptedServer]
PATIENT = {"trust_env": False, "ca_file": None, "limit_s": 60.0}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"), "IP:127.0.0.1")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


async def silent(connection: Connection) -> None:
    """Takes what comes and says nothing."""


def came(line: Line) -> tuple[bool, bool, bool, FaultKind | None]:
    """Whether there was a name, a connection and a certificate, and what it ended with."""
    kind = None if line.fault is None else line.fault.kind
    return line.name_s is not None, line.connect_s is not None, line.valid_until is not None, kind


async def test_a_plain_address_is_reached_and_asked_nothing(serve: Serve) -> None:
    server = await serve(silent)
    line = await survey_line(server.base_url, **PATIENT)

    assert came(line) == (True, True, False, None)
    assert (f"{line.host}:{line.port}", line.encrypted, line.proxy) == (server.host, False, None)
    await server.endings()
    assert server.received == [b""]


async def test_a_certificate_is_verified_and_its_end_told(serve: Serve, certificate: Certificate) -> None:
    server = await serve(silent, tls=certificate.context)
    line = await survey_line(server.base_url, **{**PATIENT, "ca_file": certificate.file})

    assert came(line) == (True, True, True, None)
    assert line.valid_until is not None
    assert timedelta(days=1) < line.valid_until - datetime.now(UTC) < timedelta(days=3)


async def test_an_authority_nobody_knows_ends_it(serve: Serve, certificate: Certificate) -> None:
    server = await serve(silent, tls=certificate.context)
    line = await survey_line(server.base_url, **PATIENT)

    assert came(line) == (True, True, False, FaultKind.TLS)
    assert line.fault is not None
    assert "self-signed certificate" in line.fault.detail


async def test_a_server_that_speaks_no_tls_ends_it(serve: Serve) -> None:
    async def talks_plainly(connection: Connection) -> None:
        await connection.reader.read(1)
        await connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    server = await serve(talks_plainly)
    line = await survey_line(server.base_url.replace("http:", "https:"), **PATIENT)

    assert came(line) == (True, True, False, FaultKind.TLS)


async def test_a_handshake_that_never_ends_is_given_up(serve: Serve) -> None:
    server = await serve(silent)
    line = await survey_line(server.base_url.replace("http:", "https:"), **{**PATIENT, "limit_s": 0.2})

    assert came(line) == (True, True, False, FaultKind.TLS)


async def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening
        line = await survey_line(f"http://127.0.0.1:{taken.getsockname()[1]}/molpro", **PATIENT)

    assert came(line) == (True, False, False, FaultKind.CONNECT)


async def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    line = await survey_line("https://remote.test/molpro", **PATIENT)

    assert came(line) == (False, False, False, FaultKind.DNS)
    assert line.fault is not None
    assert line.fault.detail == "Name or service not known"


async def test_a_name_server_that_is_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", lambda *_, **__: asyncio.Event().wait())
    line = await survey_line("https://remote.test/molpro", **{**PATIENT, "limit_s": 0.05})

    assert line.fault == Fault(kind=FaultKind.DNS, detail="Timed out")


@pytest.mark.parametrize("host", ["a..b", "a" * 64 + ".test"])
async def test_what_can_be_no_name_is_none(host: str) -> None:
    line = await survey_line(f"http://{host}/molpro", **PATIENT)

    assert line.fault == Fault(kind=FaultKind.DNS, detail="no such name")


async def test_the_next_place_of_a_name_is_tried(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = await serve(silent)
    port = int(server.host.rpartition(":")[2])

    async def two_places(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (place, port)) for place in ("127.0.0.2", "127.0.0.1")]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", two_places)
    line = await survey_line(f"http://remote.test:{port}/molpro", **PATIENT)

    assert came(line) == (True, True, False, None)
    assert len(server.connections) == 1


async def test_through_a_proxy_only_the_proxy_is_reached(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = await serve(silent)
    monkeypatch.setenv("https_proxy", f"http://me:canary@{proxy.host}")
    line = await survey_line("https://remote.test/molpro", **{**PATIENT, "trust_env": True})

    assert came(line) == (True, True, False, None)
    assert (line.proxy, line.host, line.passes_by_proxy) == (proxy.host, "remote.test", False)
    assert "canary" not in str(line)
    assert len(proxy.connections) == 1


async def test_a_proxy_of_the_environment_that_is_not_used_is_told(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await serve(silent)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    line = await survey_line(server.base_url, **PATIENT)

    assert (line.proxy, line.passes_by_proxy, line.fault) == (None, True, None)


async def test_a_ca_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="check --ca-file"):
        await survey_line("https://127.0.0.1:1/molpro", **{**PATIENT, "ca_file": tmp_path / "none.pem"})
