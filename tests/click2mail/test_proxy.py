"""A proxy is used only when asked for, and its password stays where it is."""

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from batcher.click2mail.client import Click2MailClient, Sending
from batcher.core.errors import ConfigError
from batcher.core.outcome import Fault, FaultKind, Reply

from .builders import LETTER, SIGNATURE, client_of, in_time, remote
from .scripted_server import CREATED, Connection, ScriptedServer, http_reply

pytestmark = pytest.mark.usefixtures("lane")
Serve = Callable[..., ScriptedServer]
MADE = Reply(http_status=201, code=0, job_id=13331417, description="Created")


async def answering(connection: Connection) -> None:
    await connection.answer(http_reply(CREATED))


async def refusing(connection: Connection) -> None:
    await connection.answer(http_reply(b"", "407 Proxy Authentication Required"))


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "request_method"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


async def test_the_environment_is_ignored_by_default(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server, proxy = await serve(answering), await serve(answering)
    monkeypatch.setenv("http_proxy", f"http://{proxy.host}")
    async with client_of(server.base_url) as client:
        assert await client.create(LETTER, SIGNATURE, in_time()) == MADE

    assert (len(server.connections), len(proxy.connections)) == (1, 0)


async def test_the_environment_is_followed_on_request(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = await serve(answering)
    monkeypatch.setenv("http_proxy", f"http://me:pa%3A55@{proxy.host}")
    async with client_of("http://remote.test/molpro", trust_env=True) as client:
        assert await client.create(LETTER, SIGNATURE, in_time()) == MADE

    assert proxy.received[0].startswith(b"POST http://remote.test/molpro/jobs HTTP/1.1\r\nHost: remote.test\r\n")
    assert b"\r\nProxy-Authorization: Basic " + b64encode(b"me:pa:55") + b"\r\n" in proxy.received[0]


async def test_no_proxy_is_honoured(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server, proxy = await serve(answering), await serve(answering)
    monkeypatch.setenv("http_proxy", f"http://{proxy.host}")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    async with client_of(server.base_url, trust_env=True) as client:
        assert await client.create(LETTER, SIGNATURE, in_time()) == MADE

    assert len(proxy.connections) == 0


async def test_a_netrc_file_changes_nothing(serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server = await serve(answering)
    async with client_of(server.base_url, trust_env=True) as client:
        assert await client.create(LETTER, SIGNATURE, in_time()) == MADE

    assert b"\r\nAuthorization: Basic bWFpbGVyOnBhNTU=\r\n" in server.received[0]


async def test_a_proxy_that_refuses_was_sent_nothing(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = await serve(refusing)
    monkeypatch.setenv("https_proxy", f"http://me:pa55@{proxy.host}")
    sending = Sending()
    async with client_of("https://remote.test/molpro", trust_env=True) as client:
        answer = await client.create(LETTER, SIGNATURE, in_time(), sending)

    assert answer == Fault(kind=FaultKind.CONNECT, detail="The proxy answered 407: ClientHttpProxyError")
    assert not sending.started
    assert proxy.received[0].startswith(b"CONNECT remote.test:443 HTTP/1.1\r\n")
    assert b"documentClass" not in proxy.received[0]


async def test_a_proxy_that_is_not_there_was_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://me:pa55@127.0.0.1:9")
    async with client_of("http://remote.test/molpro", trust_env=True) as client:
        answer = await client.create(LETTER, SIGNATURE, in_time())

    assert isinstance(answer, Fault)
    assert answer.kind is FaultKind.CONNECT
    assert "pa55" not in answer.detail


@pytest.mark.parametrize("proxy", ["socks5://me:pa55@127.0.0.1:1080", "http://me:pa55@127.0.0.1:99999"])
def test_a_proxy_we_cannot_speak_to_is_refused(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    with pytest.raises(ConfigError, match="HTTP_PROXY") as refusal:
        Click2MailClient(remote("http://remote.test/molpro", trust_env=True))

    assert "pa55" not in str(refusal.value)
