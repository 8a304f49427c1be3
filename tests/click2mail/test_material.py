"""What the remote says of address lists and documents; what it does not say beyond doubt is no news."""

import pytest

from batcher.click2mail.client import Click2MailClient
from batcher.click2mail.material import read_document_page, read_list_page, read_list_status
from batcher.click2mail.page import Page
from batcher.core.material import DocumentPage, ListedDocument, ListPage, ListState, ListStatus
from batcher.core.outcome import Fault, Reply

from .builders import remote
from .scripted_server import Connection, ScriptedServer, http_reply

LIST = 4000001


def page(body: str, http_status: int = 200) -> Page:
    return Page(http_status=http_status, body=body.encode(), retry_after_s=None)


@pytest.mark.parametrize(
    ("number", "state"),
    [
        (0, ListState.PREPARING),
        (1, ListState.PREPARING),
        (2, ListState.PREPARING),
        (3, ListState.READY),
        (9, ListState.BROKEN),
        (5, None),
        (4, None),
        (77, None),
    ],
)
def test_a_list_is_as_far_as_its_number_says(number: int, state: ListState | None) -> None:
    body = f"<addressList><id>{LIST}</id><status>{number}</status><description>Some  words</description></addressList>"

    assert read_list_status(page(body), LIST) == ListStatus(
        list_id=LIST, number=number, state=state, words="Some words"
    )


def test_a_list_in_json() -> None:
    body = f'{{"id": {LIST}, "status": 3, "description": "CASS Standardized"}}'

    assert read_list_status(page(body), LIST) == ListStatus(
        list_id=LIST, number=3, state=ListState.READY, words="CASS Standardized"
    )


@pytest.mark.parametrize(
    ("body", "http_status", "code"),
    [
        ("<addressList><id>0</id><status>9</status><description>No</description></addressList>", 400, 9),
        ("<addressList><id>0</id><status>9</status><description>No</description></addressList>", 200, 9),
        ("<job><id>0</id><status>9</status><description>No</description></job>", 400, 9),
        (f"<addressList><id>{LIST}</id><status>3</status></addressList>", 500, 3),
        (f"<addressList><id>{LIST + 1}</id><status>3</status></addressList>", 200, 3),
        ("<addressList><status>3</status></addressList>", 200, 3),
        (f"<addressList><id>{LIST}</id><status>three</status></addressList>", 200, None),
        (f"<list><id>{LIST}</id><status>3</status></list>", 200, None),
        ("<html>busy</html>", 503, None),
        ("", 200, None),
    ],
)
def test_what_does_not_name_the_list_is_a_reply(body: str, http_status: int, code: int | None) -> None:
    answer = read_list_status(page(body, http_status), LIST)

    assert isinstance(answer, Reply)
    assert (answer.http_status, answer.code) == (http_status, code)


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        ("<addressLists><count>0</count><lists/></addressLists>", ()),
        (
            (
                "<addressLists><count>2</count><lists><list><id>5</id><name>a</name></list><list><id>6</id></list></lists>"
                "</addressLists>"
            ),
            (5, 6),
        ),
        ('{"addressListsInfo": [{"id": 5}, {"id": "6"}]}', (5, 6)),
        ('{"count": 0, "addressListsInfo": []}', ()),
        ('{"count": 1, "lists": {"list": {"id": 5}}}', (5,)),
    ],
)
def test_a_page_of_lists(body: str, ids: tuple[int, ...]) -> None:
    assert read_list_page(page(body)) == ListPage(list_ids=ids)


@pytest.mark.parametrize(
    ("body", "documents"),
    [
        ("<documents/>", ()),
        (
            (
                "<documents><document><id>5</id><documentClass>Postcard 5 x 8</documentClass>"
                "</document><document><id>6</id></document><document><id>7</id><documentClass/></document></documents>"
            ),
            ((5, "Postcard 5 x 8"), (6, None), (7, None)),
        ),
        ('{"document": [{"id": 5, "documentClass": "Easy Letter "}]}', ((5, "Easy Letter "),)),
        ('{"document": []}', ()),
    ],
)
def test_a_page_of_documents(body: str, documents: tuple[tuple[int, str | None], ...]) -> None:
    listed = tuple(ListedDocument(document_id=number, document_class=name) for number, name in documents)

    assert read_document_page(page(body)) == DocumentPage(documents=listed)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html/>",
        "<document><id>5</id></document>",
        "<documents><status>9</status></documents>",
        "<documents><document><name>a</name></document></documents>",
        '{"message": "try again"}',
        '{"document": [{"id": "x"}]}',
    ],
)
def test_half_a_page_is_none(body: str) -> None:
    assert isinstance(read_document_page(page(body)), Reply)


@pytest.mark.parametrize(
    "body", ["<html/>", "<addressLists><lists><list><name>a</name></list></lists></addressLists>", '{"count": 3}']
)
def test_half_a_page_of_lists_is_none(body: str) -> None:
    assert isinstance(read_list_page(page(body)), Reply)


async def test_what_is_asked(serve) -> None:
    async def answering(connection: Connection) -> None:
        while True:
            await connection.answer(http_reply(b"<documents/>"))

    server: ScriptedServer = await serve(answering)
    async with Click2MailClient(remote(server.base_url)) as client:
        answers = [
            await client.list_status(LIST),
            await client.address_lists(100),
            await client.documents(0),
        ]

    assert [type(answer) for answer in answers] == [Reply, Reply, DocumentPage]
    received = b"".join(server.received)
    assert b"GET /molpro/addressLists/4000001 HTTP/1.1\r\n" in received
    assert b"GET /molpro/addressLists?numberOfLists=100&offset=100 HTTP/1.1\r\n" in received
    assert b"GET /molpro/documents?numberOfDocuments=100&offset=0 HTTP/1.1\r\n" in received


async def test_what_the_network_does_is_returned(serve) -> None:
    async def hanging_up(connection: Connection) -> None:
        connection.reset()

    server: ScriptedServer = await serve(hanging_up)
    async with Click2MailClient(remote(server.base_url)) as client:
        answers = [await client.list_status(1), await client.documents(0), await client.product_options("Card")]

    assert [type(answer) for answer in answers] == [Fault, Fault, Fault]
