"""What goes over a real socket, byte for byte, and what comes back."""

import gzip
from base64 import b64encode
from collections.abc import Callable

import pytest

from batcher.core.outcome import Listing, Reply

from .builders import LETTER, LETTER_FORM, SIGNATURE, client_of, in_time
from .scripted_server import CREATED, Connection, Script, ScriptedServer, http_reply

pytestmark = pytest.mark.usefixtures("lane")
Serve = Callable[..., ScriptedServer]
MADE = Reply(http_status=201, code=0, job_id=13331417, description="Created")


def answering(*replies: bytes) -> Script:
    """Takes one request for each reply."""

    async def script(connection: Connection) -> None:
        for reply in replies:
            await connection.answer(reply)

    return script


async def test_a_post_is_these_bytes(serve: Serve) -> None:
    server = await serve(answering(http_reply(CREATED)))
    async with client_of(server.base_url) as client:
        answer = await client.create(LETTER, SIGNATURE, in_time())

    head, body = server.received[0].split(b"\r\n\r\n")
    assert answer == MADE
    assert body == LETTER_FORM
    assert sorted(head.split(b"\r\n")) == sorted(
        [
            b"POST /molpro/jobs HTTP/1.1",
            b"Host: " + server.host.encode(),
            b"Accept: application/xml",
            b"Accept-Encoding: gzip, deflate",
            b"Authorization: Basic bWFpbGVyOnBhNTU=",
            b"User-Agent: batcher/0.1.0",
            b"Content-Length: %d" % len(LETTER_FORM),
            b"Content-Type: application/x-www-form-urlencoded",
        ]
    )


async def test_a_deletion_is_these_bytes(serve: Serve) -> None:
    server = await serve(answering(http_reply(CREATED)))
    async with client_of(server.base_url) as client:
        await client.delete(13331417, in_time())

    head, body = server.received[0].split(b"\r\n\r\n")
    assert body == b""
    assert head.startswith(b"POST /molpro/jobs/13331417/delete HTTP/1.1\r\nHost: ")
    assert b"\r\nContent-Length: 0" in head
    assert b"\r\nContent-Type: application/x-www-form-urlencoded" in head


async def test_a_submit_is_these_bytes(serve: Serve) -> None:
    server = await serve(answering(http_reply(CREATED)))
    async with client_of(server.base_url) as client:
        await client.submit(7, {"billingType": "User Credit"}, in_time())

    head, body = server.received[0].split(b"\r\n\r\n")
    assert head.startswith(b"POST /molpro/jobs/7/submit HTTP/1.1\r\nHost: ")
    assert body == b"billingType=User+Credit"


async def test_a_look_up_is_these_bytes(serve: Serve) -> None:
    server = await serve(answering(http_reply(b"<job><jobList/></job>", "200 OK")))
    async with client_of(server.base_url) as client:
        answer = await client.find("a b")

    request_line = server.received[0].split(b"\r\n")[0]
    assert answer == Listing(job_ids=())
    assert request_line == b"GET /molpro/jobs/appSignature?appSignature=a%20b&offset=0&numberOfJobs=100 HTTP/1.1"


async def test_credentials_go_as_utf_8(serve: Serve) -> None:
    server = await serve(answering(http_reply(CREATED)))
    async with client_of(server.base_url, username="Jörg", password="pä:ß✓") as client:
        await client.create(LETTER, SIGNATURE, in_time())

    expected = b"\r\nAuthorization: Basic " + b64encode("Jörg:pä:ß✓".encode()) + b"\r\n"
    assert expected in server.received[0]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_a_redirect_is_not_followed(serve: Serve, status: str) -> None:
    server = await serve(answering(http_reply(b"", status, "Location: /elsewhere")))
    async with client_of(server.base_url) as client:
        answer = await client.create(LETTER, SIGNATURE, in_time())

    assert answer == Reply(http_status=int(status[:3]))
    assert len(server.connections) == 1
    assert server.received[0].count(b"HTTP/1.1") == 1


async def test_a_cookie_is_not_kept(serve: Serve) -> None:
    set_cookie = http_reply(CREATED, "201 Created", "Set-Cookie: session=abc; Path=/")
    server = await serve(answering(set_cookie, http_reply(CREATED)))
    # By name: no cookie jar keeps cookies of a bare address anyway.
    async with client_of(server.base_url.replace("127.0.0.1", "localhost")) as client:
        await client.create(LETTER, SIGNATURE, in_time())
        await client.create(LETTER, SIGNATURE, in_time())

    assert b"cookie" not in server.received[0].lower()


async def test_a_compressed_reply_is_read(serve: Serve) -> None:
    packed = http_reply(gzip.compress(CREATED), "201 Created", "Content-Encoding: gzip")
    server = await serve(answering(packed))
    async with client_of(server.base_url) as client:
        assert await client.create(LETTER, SIGNATURE, in_time()) == MADE


async def test_a_reply_in_chunks_is_read(serve: Serve) -> None:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (CREATED[:50], CREATED[50:], b""))
    server = await serve(answering(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks))
    async with client_of(server.base_url) as client:
        assert await client.create(LETTER, SIGNATURE, in_time()) == MADE


async def test_a_reply_that_ends_with_its_connection_is_read(serve: Serve) -> None:
    async def script(connection: Connection) -> None:
        await connection.answer(b"HTTP/1.1 201 Created\r\n\r\n" + CREATED)
        connection.writer.close()

    server = await serve(script)
    async with client_of(server.base_url) as client:
        assert await client.create(LETTER, SIGNATURE, in_time()) == MADE


async def test_the_reply_after_interim_ones_counts(serve: Serve) -> None:
    server = await serve(
        answering(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + http_reply(CREATED))
    )
    async with client_of(server.base_url) as client:
        assert await client.create(LETTER, SIGNATURE, in_time()) == MADE


async def test_a_retry_after_header_is_read(serve: Serve) -> None:
    server = await serve(answering(http_reply(b"", "503 Busy", "Retry-After: 30")))
    async with client_of(server.base_url) as client:
        answer = await client.create(LETTER, SIGNATURE, in_time())

    assert answer == Reply(http_status=503, retry_after_s=30.0)


async def test_a_reply_of_an_old_server_is_read(serve: Serve) -> None:
    """HTTP/1.0 closes its connection after each reply."""

    async def script(connection: Connection) -> None:
        await connection.answer(http_reply(CREATED).replace(b"HTTP/1.1", b"HTTP/1.0"))

    server = await serve(script)
    async with client_of(server.base_url) as client:
        answers = [await client.create(LETTER, SIGNATURE, in_time()) for _ in range(2)]

    assert answers == [MADE, MADE]
    assert len(server.connections) == 2


async def test_a_connection_that_the_server_wants_closed_is_not_used_again(serve: Serve) -> None:
    server = await serve(answering(http_reply(CREATED, "201 Created", "Connection: close")))
    async with client_of(server.base_url) as client:
        answers = [await client.create(LETTER, SIGNATURE, in_time()) for _ in range(2)]

    assert answers == [MADE, MADE]
    assert len(server.connections) == 2


async def test_a_connection_is_used_again(serve: Serve) -> None:
    server = await serve(answering(*[http_reply(CREATED)] * 5))
    async with client_of(server.base_url) as client:
        answers = [await client.create(LETTER, SIGNATURE, in_time()) for _ in range(5)]

    assert answers == [MADE] * 5
    assert len(server.connections) == 1


async def test_a_long_page_under_a_4xx_is_no_obstacle(serve: Serve) -> None:
    server = await serve(answering(http_reply(b"x" * 100_000, "401 Unauthorized")))
    async with client_of(server.base_url) as client:
        answer = await client.create(LETTER, SIGNATURE, in_time())

    assert answer == Reply(http_status=401)
