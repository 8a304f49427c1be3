"""The client without sockets: what is asked, and what the answers mean, judged by ``core.classify``."""

import math
import tomllib
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aioresponses import aioresponses
from yarl import URL

from batcher.click2mail.client import Click2MailClient
from batcher.core.classify import Verdict, classify
from batcher.core.errors import ConfigError
from batcher.core.outcome import Answer, Fault, FaultKind, Listing, Reply

from .builders import LETTER, LETTER_FORM, SIGNATURE, client_of, in_time, remote
from .scripted_server import CREATED

BASE = "https://rest.test/molpro"
JOBS = f"{BASE}/jobs"
LOOK_UP = f"{BASE}/jobs/appSignature?appSignature={SIGNATURE}&offset=0&numberOfJobs=100"
GOLDEN = sorted((Path(__file__).parent / "replies").glob("*.toml"))


async def create_once(**reply: Any) -> Answer:
    with aioresponses() as mocked:
        mocked.post(JOBS, **reply)
        async with client_of(BASE, direct_posts=False) as client:
            return await client.create(LETTER, SIGNATURE, in_time())


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
async def test_a_golden_reply_comes_through_the_client(path: Path) -> None:
    golden = tomllib.loads(path.read_text(encoding="utf-8"))
    verdict = golden["expected"].pop("verdict")

    answer = await create_once(
        status=golden["http_status"], body=golden["body"].encode(golden.get("encoding", "utf-8"))
    )

    assert answer == Reply(http_status=golden["http_status"], **golden["expected"])
    assert classify(answer) == verdict


@pytest.mark.parametrize(
    ("http_status", "header", "wait_s", "verdict"),
    [
        (429, "7", 7.0, Verdict.NOT_MADE),
        (429, "soon", None, Verdict.NOT_MADE),
        (503, "120", 120.0, Verdict.NOT_MADE),
        (503, "soon", None, Verdict.NO_VERDICT),
        (502, "120", 120.0, Verdict.NO_VERDICT),
    ],
)
async def test_retry_after_is_judged_with_the_reply(
    http_status: int, header: str, wait_s: float | None, verdict: Verdict
) -> None:
    answer = await create_once(status=http_status, body="<html>", headers={"Retry-After": header})

    assert answer == Reply(http_status=http_status, retry_after_s=wait_s)
    assert classify(answer) is verdict


async def test_a_job_is_created_by_one_post() -> None:
    with aioresponses() as mocked:
        mocked.post(JOBS, status=201, body=CREATED)
        async with client_of(BASE, direct_posts=False) as client:
            await client.create(LETTER, SIGNATURE, in_time())

    (((method, url), calls),) = mocked.requests.items()
    assert (method, url, len(calls)) == ("POST", URL(JOBS), 1)
    sent = calls[0].kwargs
    assert sent["data"].decode() == LETTER_FORM.decode()
    assert sent["data"].content_type == "application/x-www-form-urlencoded"
    assert sent["allow_redirects"] is False
    assert dict(sent["headers"]) == {
        "Accept": "application/xml",
        "Authorization": "Basic bWFpbGVyOnBhNTU=",
        "User-Agent": "batcher/0.1.0",
    }


async def test_a_job_is_found_by_one_get() -> None:
    with aioresponses() as mocked:
        mocked.get(LOOK_UP, body=b"<job><jobList><job><id>5</id></job></jobList></job>")
        async with client_of(BASE) as client:
            answer = await client.find(SIGNATURE)

    assert answer == Listing(job_ids=(5,))
    (((method, url), calls),) = mocked.requests.items()
    assert (method, dict(url.query), len(calls)) == ("GET", dict(URL(LOOK_UP).query), 1)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ({"status": 200, "body": b"<job><jobList/></job>"}, Listing(job_ids=())),
        ({"status": 200, "body": b"<html>"}, Reply(http_status=200)),
        ({"status": 404, "body": b""}, Reply(http_status=404)),
        ({"status": 429, "body": b"", "headers": {"Retry-After": "9"}}, Reply(http_status=429, retry_after_s=9.0)),
    ],
)
async def test_a_look_up_is_a_listing_or_says_nothing(reply: dict[str, Any], expected: Listing | Reply) -> None:
    with aioresponses() as mocked:
        mocked.get(LOOK_UP, **reply)
        async with client_of(BASE) as client:
            assert await client.find(SIGNATURE) == expected


@pytest.mark.parametrize("http_status", [200, 401, 403])
async def test_credit_is_asked_for_its_status(http_status: int) -> None:
    body = b"<credit><balance>0.0</balance><allowNegative>false</allowNegative></credit>"
    with aioresponses() as mocked:
        mocked.get(f"{BASE}/credit", status=http_status, body=body)
        async with client_of(BASE) as client:
            assert await client.credit() == Reply(http_status=http_status)


async def test_an_error_is_a_fault() -> None:
    with aioresponses() as mocked:
        mocked.get(LOOK_UP, exception=aiohttp.ServerDisconnectedError())
        async with client_of(BASE) as client:
            answer = await client.find(SIGNATURE)

    assert isinstance(answer, Fault)
    assert answer.kind is FaultKind.RESET


async def test_half_a_character_is_the_callers_mistake() -> None:
    async with client_of(BASE) as client:
        with pytest.raises(UnicodeEncodeError):
            await client.create({"rtnName": "\ud800"}, SIGNATURE, in_time())


async def test_a_client_that_is_not_open_is_the_callers_mistake() -> None:
    with pytest.raises(RuntimeError, match="async with"):
        await client_of(BASE).credit()


async def test_the_timeout_is_not_rounded_up() -> None:
    """Whoever settles an attempt counts on the limit to the second."""
    async with client_of(BASE, timeout_s=120.0, connect_timeout_s=10.0) as client:
        expected = aiohttp.ClientTimeout(total=120.0, connect=10.0, ceil_threshold=math.inf)

        assert client.wire._open.session.timeout == expected


def test_a_ca_file_that_is_missing_or_empty_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_bytes(b"")

    for path in (empty, tmp_path / "missing.pem"):
        with pytest.raises(ConfigError, match="CA file"):
            Click2MailClient(remote(BASE, ca_file=path))
