import json
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batcher.sandbox.reply import Page, Reply, as_page, refusal, wants_json
from batcher.sandbox.verdicts import LIST_NOT_FOUND

LISTING = Reply(200, "job", (("jobList", (("job", [(("id", 1), ("cost", 0.0)), (("id", 2), ("cost", 0.79))]),)),))


def test_a_reply_in_xml() -> None:
    """The prolog, the root, the fields in order; a list repeats its element."""
    page = as_page(LISTING, json_wanted=False)

    assert page == Page(
        200,
        b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        b"<job><jobList><job><id>1</id><cost>0.0</cost></job><job><id>2</id><cost>0.79</cost></job></jobList></job>",
        "application/xml",
    )


def test_a_reply_in_json() -> None:
    """The same fields without the root element."""
    page = as_page(LISTING, json_wanted=True)

    assert json.loads(page.body) == {"jobList": {"job": [{"id": 1, "cost": 0.0}, {"id": 2, "cost": 0.79}]}}
    assert page.content_type == "application/json"


def test_a_refusal_has_id_0() -> None:
    """A refusal keeps HTTP status, code and description together and names no job."""
    expected = Reply(200, "job", (("id", 0), ("status", 3), ("description", "Address List ID not found")))

    assert refusal("job", LIST_NOT_FOUND) == expected


@given(st.text())
def test_any_text_fits_into_xml(text: str) -> None:
    """Whatever came in with a parameter, the reply that shows it can be parsed."""
    page = as_page(Reply(200, "job", (("document", text),)), json_wanted=False)

    assert fromstring(page.body).find("document") is not None


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", False),
        ("*/*", False),
        ("text/plain", False),
        ("application/xml", False),
        ("application/json", True),
        ("application/json, */*", True),
        ("application/xml, application/json", False),
        ("application/json, application/xml;q=0.5", True),
    ],
)
def test_who_asks_for_json(accept: str, expected: bool) -> None:
    """XML unless JSON is named first."""
    assert wants_json(accept) is expected
