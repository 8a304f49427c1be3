import pytest

from batcher.sandbox.account import is_admitted
from tests.sandbox.caller import CARD, LETTER, Caller, basic
from tests.sandbox.conftest import OpenSandbox


@pytest.mark.parametrize(
    ("header", "required", "expected"),
    [
        (basic("ann:secret")["Authorization"], None, True),
        (basic(":")["Authorization"], None, True),
        ("", None, False),
        ("Bearer token", None, False),
        ("Basic", None, False),
        ("Basic !!!", None, False),
        ("Basic é", None, False),
        (basic("no colon")["Authorization"], None, False),
        (basic("ann:secret")["Authorization"].replace("Basic", "basic"), "ann:secret", True),
        (basic("ann:Secret")["Authorization"], "ann:secret", False),
        (basic("zoë:pä:ss€")["Authorization"], "zoë:pä:ss€", True),
        ("", "ann:secret", False),
    ],
)
def test_who_is_let_in(header: str, required: str | None, expected: bool) -> None:
    """Any credentials but none, or the required ones alone, as UTF-8."""
    assert is_admitted(header, required) is expected


async def test_without_credentials_there_is_a_page(caller: Caller) -> None:
    """HTTP 401 and HTML, even where XML was asked for; nothing is made."""
    headers = {"Authorization": "", "Accept": "application/xml"}

    heard = await caller.call("POST", "/jobs", data=LETTER, headers=headers)

    assert (heard.http, heard.headers["Content-Type"]) == (401, "text/html; charset=utf-8")
    assert heard.headers["WWW-Authenticate"] == 'Basic realm="sandbox"'
    assert b"<?xml" not in heard.body
    assert caller.world.jobs == {}


async def test_the_required_credentials_alone(open_sandbox: OpenSandbox) -> None:
    """Others get the same page as none."""
    caller = await open_sandbox(require_auth="ann:other")

    wrong = await caller.call("POST", "/account/authorize")
    right = await caller.call("POST", "/account/authorize", headers=basic("ann:other"))

    assert (wrong.http, right.http) == (401, 200)


async def test_the_balance(open_sandbox: OpenSandbox) -> None:
    """As the reference shows it, in XML and in JSON."""
    caller = await open_sandbox(credit=0)

    heard = await caller.get("/credit")
    in_json = await caller.call("GET", "/credit/", headers={"Accept": "application/json"})

    assert heard.body.endswith(b"<credit><balance>0.0</balance><allowNegative>false</allowNegative></credit>")
    assert in_json.json == {"balance": 0.0, "allowNegative": "false"}


async def test_credit_is_bought(open_sandbox: OpenSandbox) -> None:
    """The amount is added."""
    caller = await open_sandbox(credit=0)

    heard = await caller.post("/credit/purchase", CARD, billingAmount="25.50")

    assert heard.verdict == (201, 0, "Success")
    assert (await caller.get("/credit"))["balance"] == "25.5"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (400, 9, "One of the required parameters is missing.")),
        ({"billingAmount": "nan"}, (400, 9, "One of the required parameters is missing.")),
        ({"billingAmount": "9.99"}, (400, 9, "Minimum billing amount is 10.")),
        ({"billingAmount": "20", "billingCvv": ""}, (400, 9, "One of the required parameters is missing.")),
        ({"billingAmount": "20", "billingNumber": "4000000000000002"}, (200, 2, "payment not authorized")),
    ],
)
async def test_a_purchase_is_refused(caller: Caller, changes: dict[str, str], expected: tuple[int, int, str]) -> None:
    """Without an amount, below the minimum, or with a bad card nothing is added."""
    before = caller.world.credit_cents

    heard = await caller.post("/credit/purchase", CARD, **changes)

    assert heard.verdict == expected
    assert caller.world.credit_cents == before
