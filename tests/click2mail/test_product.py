"""What the remote says of products."""

import pytest

from batcher.click2mail.client import Click2MailClient
from batcher.click2mail.page import Page
from batcher.click2mail.product import read_estimate, read_product_options
from batcher.core.material import ProductOptions
from batcher.core.outcome import Reply
from batcher.core.product import Combination

from .builders import LETTER, remote
from .scripted_server import Connection, ScriptedServer, http_reply


def page(body: str, http_status: int = 200) -> Page:
    return Page(http_status=http_status, body=body.encode(), retry_after_s=None)


def options(*named: dict[str, str]) -> ProductOptions:
    return ProductOptions(combinations=tuple(Combination.of(one) for one in named))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            ("<productOptions><product><option><layout>Double</layout><envelope/><printColor>Full Color</printColor>"
            "<mailClass>Standard</mailClass></option></product></productOptions>"),
            options(
                {
                    "documentClass": "Card",
                    "layout": "Double",
                    "envelope": "",
                    "color": "Full Color",
                    "mailClass": "Standard",
                }
            ),
        ),
        (
            ("<productOptions><product><option><documentClass>Easy </documentClass></option></product>"
            "<product><option><layout>A</layout></option><option><layout>A</layout></option></product></productOptions>"),
            options({"documentClass": "Easy "}, {"documentClass": "Card", "layout": "A"}),
        ),
        ('{"product": [{"option": [{"layout": "A"}, {"layout": "B"}]}]}', options(
            {"documentClass": "Card", "layout": "A"}, {"documentClass": "Card", "layout": "B"}
        )),
        ("<productOptions/>", options()),
        ("<productOptions><product/></productOptions>", options()),
    ],
)  # fmt: skip
def test_combinations_of_a_class(body: str, expected: ProductOptions) -> None:
    assert read_product_options(page(body), "Card") == expected


@pytest.mark.parametrize(
    "body", ["", "<html/>", '{"error": "no"}', "<productOptions><status>9</status></productOptions>", "<job/>"]
)
def test_what_is_no_list_of_options_is_none(body: str) -> None:
    assert isinstance(read_product_options(page(body), "Card"), Reply)


@pytest.mark.parametrize("root", ["costEstimate", "job"])
def test_an_estimate_is_a_verdict_whatever_its_root(root: str) -> None:
    good = f"<{root}><status>0</status><productionCost><subtotal>1</subtotal></productionCost></{root}>"
    words = "Invalid product options. Sku not found."
    bad = f"<{root}><id>0</id><status>9</status><description>{words}</description></{root}>"

    assert read_estimate(page(good)) == Reply(http_status=200, code=0)
    assert read_estimate(page(bad, 400)) == Reply(http_status=400, code=9, description=words)
    assert read_estimate(page("<html/>", 502)) == Reply(http_status=502)


async def test_what_is_asked(serve) -> None:
    """Blanks and number signs are written so that no server takes them for something else."""

    async def answering(connection: Connection) -> None:
        while True:
            await connection.answer(http_reply(b"<productOptions/>"))

    server: ScriptedServer = await serve(answering)
    async with Click2MailClient(remote(server.base_url)) as client:
        await client.product_options("Priority Express Letter  8.5 x 11")
        await client.product_options(None)
        await client.estimate(Combination.of(LETTER))

    received = b"".join(server.received)
    assert (
        b"GET /molpro/productOptions?documentClass=Priority%20Express%20Letter%20%208.5%20x%2011 HTTP/1.1\r\n"
        in received
    )
    assert b"GET /molpro/productOptions HTTP/1.1\r\n" in received
    assert (
        b"GET /molpro/costEstimate?documentClass=Letter%208.5%20x%2011&layout=Address%20on%20Separate%20Page"
        b"&productionTime=Next%20Day&envelope=%2310%20Double%20Window&color=Full%20Color&paperType=White%2024%23"
        b"&printOption=Printing%20One%20side&quantity=1&numberOfPages=1 HTTP/1.1\r\n"
    ) in received
