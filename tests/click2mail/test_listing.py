"""Listings: what is not read beyond doubt must never look like an empty one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batcher.click2mail.listing import read_listing
from batcher.core.outcome import Listing, Reply

from .scripted_server import CREATED

SEEN = (
    b'<?xml version="1.0" encoding="UTF-8"?><job><jobList><job><id>13331418</id><document>B</document>'
    b"<noOfPieces>2</noOfPieces><submittedDate>2022-04-01</submittedDate><jobStatus>Editing</jobStatus></job>"
    b"<job><id>13331417</id><document>A</document></job></jobList></job>"
)

READABLE = {
    "empty": (b"<job><jobList/></job>", ()),
    "empty with a blank": (b"<job><jobList>\n</jobList></job>", ()),
    "empty and good": (b"<job><status>0</status><description>Success</description><jobList/></job>", ()),
    "one": (b"<job><jobList><job><id>5</id></job></jobList></job>", (5,)),
    "as clients saw it": (SEEN, (13331418, 13331417)),
    "JSON, a list": (b'{"jobList": [{"id": 5}, {"id": "6"}]}', (5, 6)),
    "JSON, a list inside": (b'{"jobList": {"job": [{"id": 5}, {"id": 6}]}}', (5, 6)),
    "JSON, a single job": (b'{"jobList": {"job": {"id": 5}}}', (5,)),
    "JSON, with its root": (b'{"job": {"jobList": {"job": [{"id": 5}]}}}', (5,)),
    "JSON, an empty list": (b'{"jobList": []}', ()),
    "JSON, an empty object": (b'{"job": {"jobList": {}}}', ()),
    "JSON, an empty list inside": (b'{"jobList": {"job": []}}', ()),
}

UNREADABLE = {
    "nothing": b"",
    "a page": b"<html><body>Sign in</body></html>",
    "half of it": b"<job><jobList><job><id>5</id></job></jobList>",
    "no list": b"<job/>",
    "a success without a list": b"<job><id>5</id><status>0</status></job>",
    "a list of another root": b"<jobs><jobList/></jobs>",
    "two lists": b"<job><jobList/><jobList/></job>",
    "a list further in": b"<job><project><jobList/></project></job>",
    "words in the list": b"<job><jobList>none</jobList></job>",
    "another entry": b"<job><jobList><Job><id>5</id></Job></jobList></job>",
    "an entry of another name among jobs": b"<job><jobList><job><id>5</id></job><next/></jobList></job>",
    "an id alone": b"<job><jobList><id>5</id></jobList></job>",
    "a job without an id": b"<job><jobList><job><document>A</document></job></jobList></job>",
    "a job with two ids": b"<job><jobList><job><id>5</id><id>6</id></job></jobList></job>",
    "an id further in": b"<job><jobList><job><document><id>5</id></document></job></jobList></job>",
    "a word for an id": b"<job><jobList><job><id>abc</id></job></jobList></job>",
    "an empty id": b"<job><jobList><job><id/></job></jobList></job>",
    "id 0": b"<job><jobList><job><id>0</id></job></jobList></job>",
    "one bad id among good ones": b"<job><jobList><job><id>5</id></job><job><id>-6</id></job></jobList></job>",
    "a status that is a word": b"<job><status>OK</status><jobList/></job>",
    "JSON, nothing": b"{}",
    "JSON, null": b'{"jobList": null}',
    "JSON, a word": b'{"jobList": ""}',
    "JSON, something else": b'{"jobList": {"jobs": []}}',
    "JSON, ids alone": b'{"jobList": [5, 6]}',
    "JSON, a truth for an id": b'{"jobList": [{"id": true}]}',
    "JSON, the list twice": b'{"jobList": [{"id": 5}], "jobList": []}',
    "JSON, null inside": b'{"jobList": {"job": null}}',
    "a DTD": b'<!DOCTYPE job [<!ENTITY a "">]><job><jobList>&a;</jobList></job>',
}

JOB_ERROR = b"<job><id>0</id><status>9</status><description>Try later</description></job>"
ERROR_WITH_LIST = b"<job><status>9</status><description>Try later</description><jobList/></job>"


@pytest.mark.parametrize("name", READABLE)
@pytest.mark.parametrize("http_status", [200, 201])
def test_a_listing_is_read(name: str, http_status: int) -> None:
    body, job_ids = READABLE[name]

    assert read_listing(http_status, body) == Listing(job_ids=job_ids)


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_listing_says_nothing(name: str) -> None:
    assert read_listing(200, UNREADABLE[name]) == Reply(http_status=200)


@pytest.mark.parametrize("http_status", [100, 202, 204, 206, 304, 401, 404, 429, 500, 503, 524])
def test_a_listing_under_another_status_is_none(http_status: int) -> None:
    assert read_listing(http_status, b"<job><jobList/></job>", 3.0) == Reply(http_status=http_status, retry_after_s=3.0)


@pytest.mark.parametrize("body", [JOB_ERROR, ERROR_WITH_LIST])
def test_an_error_of_the_remote_is_a_reply(body: bytes) -> None:
    assert read_listing(200, body) == Reply(http_status=200, code=9, description="Try later")


def test_a_job_is_no_listing() -> None:
    assert read_listing(201, CREATED) == Reply(http_status=201)


@given(st.integers(100, 599), st.binary(max_size=2000))
def test_any_bytes_give_a_listing_or_a_reply(http_status: int, body: bytes) -> None:
    assert isinstance(read_listing(http_status, body), Listing | Reply)


@given(st.integers(0, len(SEEN)), st.binary(max_size=3), st.integers(0, 3))
def test_no_damage_makes_a_full_listing_an_empty_one(position: int, patch: bytes, dropped: int) -> None:
    answer = read_listing(200, SEEN[:position] + patch + SEEN[position + dropped :])

    assert answer != Listing(job_ids=())


@given(st.lists(st.integers(1, 10**18 - 1), max_size=100))
def test_every_id_is_listed_in_the_remotes_order(ids: list[int]) -> None:
    body = b"".join(b"<job><id>%d</id></job>" % job_id for job_id in ids)

    assert read_listing(200, b"<job><jobList>" + body + b"</jobList></job>") == Listing(job_ids=tuple(ids))
