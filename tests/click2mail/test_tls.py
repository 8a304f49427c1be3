"""TLS: whom we talk to is always verified, and an aborted attempt is aborted over TLS too."""

import shutil
import ssl
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from batcher.click2mail.client import Click2MailClient, Sending
from batcher.core.outcome import Fault, FaultKind, Reply

from .builders import LETTER, LETTER_FORM, SIGNATURE, HandClock, client_of, in_time, remote
from .scripted_server import CREATED, Connection, ScriptedServer, http_reply, reading_late

pytestmark = pytest.mark.usefixtures("lane")
Serve = Callable[..., ScriptedServer]


@dataclass(frozen=True)
class Certificate:
    file: Path
    context: ssl.SSLContext


def make_certificate(folder: Path, alternative_name: str) -> Certificate:
    """A certificate signed by itself, for one name."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is missing")
    file, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", "2", "-subj", "/CN=remote.test", "-addext", f"subjectAltName={alternative_name}"),
            *("-keyout", key, "-out", file),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    return Certificate(file, context)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("good"), "IP:127.0.0.1")


@pytest.fixture(scope="module")
def foreign_certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("foreign"), "DNS:elsewhere.test")


async def answering(connection: Connection) -> None:
    await connection.answer(http_reply(CREATED))


async def silent(connection: Connection) -> None:
    await connection.request()


async def test_a_job_is_created(serve: Serve, certificate: Certificate) -> None:
    server = await serve(answering, tls=certificate.context)
    async with client_of(server.base_url, ca_file=certificate.file) as client:
        answer = await client.create(LETTER, SIGNATURE, in_time())

    assert answer == Reply(http_status=201, code=0, job_id=13331417, description="Created")
    assert server.received[0].endswith(b"\r\n\r\n" + LETTER_FORM)


async def test_an_authority_nobody_knows_is_refused(serve: Serve, certificate: Certificate) -> None:
    server = await serve(answering, tls=certificate.context)
    sending = Sending()
    async with client_of(server.base_url) as client:
        answer = await client.create(LETTER, SIGNATURE, in_time(), sending)

    assert isinstance(answer, Fault)
    assert answer.kind is FaultKind.TLS
    assert "certificate" in answer.detail
    assert server.host in answer.detail
    assert not sending.started
    assert server.received in ([], [b""])


async def test_a_certificate_for_another_name_is_refused(serve: Serve, foreign_certificate: Certificate) -> None:
    server = await serve(answering, tls=foreign_certificate.context)
    async with client_of(server.base_url, ca_file=foreign_certificate.file) as client:
        answer = await client.create(LETTER, SIGNATURE, in_time())

    assert isinstance(answer, Fault)
    assert answer.kind is FaultKind.TLS
    assert "127.0.0.1" in answer.detail
    assert server.received in ([], [b""])


async def test_a_server_without_tls_is_refused(serve: Serve) -> None:
    async def plain(connection: Connection) -> None:
        await connection.reader.readexactly(1)
        await connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    server = await serve(plain)
    async with client_of(server.base_url.replace("http:", "https:")) as client:
        answer = await client.create(LETTER, SIGNATURE, in_time())

    assert isinstance(answer, Fault)
    assert answer.kind is FaultKind.TLS


async def test_a_stale_intent_sends_nothing(serve: Serve, certificate: Certificate) -> None:
    server = await serve(answering, tls=certificate.context)
    clock = HandClock()
    deadline = clock.clocks().deadline(5.0)
    clock.boot_s += 6.0
    async with Click2MailClient(remote(server.base_url, ca_file=certificate.file), clock.clocks()) as client:
        answer = await client.create(LETTER, SIGNATURE, deadline)
        in_the_end = await client.create(LETTER, SIGNATURE, clock.clocks().deadline(5.0))

    assert isinstance(answer, Fault)
    assert answer.kind is FaultKind.STALE_INTENT
    assert in_the_end == Reply(http_status=201, code=0, job_id=13331417, description="Created")
    await server.endings()
    assert b"".join(server.received).count(b"POST") == 1


async def test_a_timed_out_request_is_aborted(serve: Serve, certificate: Certificate) -> None:
    server = await serve(silent, tls=certificate.context)
    async with client_of(server.base_url, ca_file=certificate.file, timeout_s=0.7) as client:
        answer = await client.create(LETTER, SIGNATURE, in_time())

        assert await server.endings() in (["reset"], ["eof"])  # TLS may say goodbye before the reset
    assert isinstance(answer, Fault)
    assert answer.kind is FaultKind.TIMEOUT


async def test_nothing_is_delivered_after_a_timeout(serve: Serve, certificate: Certificate) -> None:
    server = await serve(reading_late, tls=certificate.context, buffer_bytes=8192)
    async with client_of(server.base_url, ca_file=certificate.file, timeout_s=0.7) as client:
        answer = await client.create({**LETTER, "rtnName": "x" * 1_000_000}, SIGNATURE, in_time())
        server.connections[0].gate.set()

        assert await server.endings() == ["reset"]
    assert isinstance(answer, Fault)
    assert answer.kind is FaultKind.TIMEOUT
    assert len(server.received[0]) < 1_000_000
