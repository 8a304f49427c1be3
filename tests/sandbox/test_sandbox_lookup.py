import pytest

from tests.sandbox.caller import CREDIT, Caller
from tests.sandbox.conftest import HandClock, OpenSandbox


async def test_jobs_are_found_by_signature(caller: Caller, clock: HandClock) -> None:
    """The newest first, those of other signatures left out, the signature not shown."""
    first, _other, second = [await caller.created(appSignature=each) for each in ("a", "b", "a")]
    await caller.post(f"/jobs/{first}/submit", CREDIT)
    clock.advance(1)

    heard = await caller.get("/jobs/appSignature", appSignature="a", offset="0", numberOfJobs="100")

    assert (heard.http, heard.job_ids) == (200, [second, first])
    assert [{child.tag: child.text for child in job} for job in heard.xml.findall("jobList/job")] == [
        {
            "id": str(second),
            "document": "Document 5000",
            "noOfPieces": "1",
            "submittedDate": None,
            "jobStatus": "EDITING",
        },
        {
            "id": str(first),
            "document": "Document 5000",
            "noOfPieces": "1",
            "submittedDate": "2025-06-02T17:00:00Z",
            "jobStatus": "AWAITING_PRODUCTION",
        },
    ]


@pytest.mark.parametrize("path", ["/jobs/appSignature", "/jobs/appSignature/", "/jobs/appSignature2"])
@pytest.mark.parametrize("name", ["appSignature", "appid"])
async def test_either_name_on_either_page(caller: Caller, path: str, name: str) -> None:
    """The parameter's name is not certain, so both names work."""
    job_id = await caller.created(appSignature="MKL Postman")

    assert (await caller.get(path, **{name: "MKL Postman"})).job_ids == [job_id]


async def test_nothing_found_is_a_success(caller: Caller) -> None:
    """HTTP 200 and an empty list; a job without a signature is found by none."""
    await caller.created(appSignature="")

    heard = await caller.get("/jobs/appSignature", appSignature="never used")
    in_json = await caller.call(
        "GET", "/jobs/appSignature", params={"appid": "never used"}, headers={"Accept": "application/json"}
    )

    assert (heard.http, heard.job_ids) == (200, [])
    assert heard.xml.find("jobList") is not None
    assert in_json.json == {"jobList": {"job": []}}


async def test_a_look_up_without_a_signature(caller: Caller) -> None:
    """It is missing."""
    assert (await caller.get("/jobs/appSignature")).verdict == (400, 9, "One of the required parameters is missing.")


async def test_pages(caller: Caller) -> None:
    """Offset and number cut a page out; a page has at most a hundred jobs."""
    ids = [await caller.created(appSignature="a") for _ in range(102)][::-1]

    async def page(**where: str) -> list[int]:
        return (await caller.get("/jobs/appSignature", appSignature="a", **where)).job_ids

    assert await page() == ids[:100]
    assert await page(numberOfJobs="1000") == ids[:100]
    assert await page(offset="99", numberOfJobs="2") == ids[99:101]
    assert await page(offset="101", numberOfJobs="50") == ids[101:]
    assert await page(offset="500") == []


async def test_a_job_appears_after_the_lag(open_sandbox: OpenSandbox, clock: HandClock) -> None:
    """Until then listings do not know it, though its own page does."""
    caller = await open_sandbox(lag=30)
    job_id = await caller.created(appSignature="a")

    async def listed() -> list[list[int]]:
        by_signature = await caller.get("/jobs/appSignature", appSignature="a")
        return [by_signature.job_ids, (await caller.get("/jobs", startDate="2025-06-02")).job_ids]

    clock.advance(29.5)
    assert await listed() == [[], []]
    assert (await caller.get(f"/jobs/{job_id}"))["status"] == "9"
    clock.advance(0.5)
    assert await listed() == [[job_id], [job_id]]


async def test_a_look_up_that_ignores_the_query(open_sandbox: OpenSandbox) -> None:
    """It lists the newest jobs whatever was asked."""
    caller = await open_sandbox(lookup_mode="ignores_query")
    ids = [await caller.created(appSignature=each) for each in "abc"]

    heard = await caller.get("/jobs/appSignature", appSignature="never used", numberOfJobs="2")

    assert heard.job_ids == [ids[2], ids[1]]


async def test_a_look_up_that_never_finds_anything(open_sandbox: OpenSandbox) -> None:
    """It is empty for a job that exists."""
    caller = await open_sandbox(lookup_mode="empty")
    await caller.created(appSignature="a")

    heard = await caller.get("/jobs/appSignature", appSignature="a")

    assert (heard.http, heard.job_ids) == (200, [])


async def test_a_look_up_that_is_not_there(open_sandbox: OpenSandbox) -> None:
    """The page is missing: HTML and 404."""
    caller = await open_sandbox(lookup_mode="missing")

    heard = await caller.get("/jobs/appSignature", appSignature="a")

    assert (heard.http, heard.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


async def test_jobs_are_listed_by_date(caller: Caller, clock: HandClock) -> None:
    """Both days are included."""
    first = await caller.created()
    clock.advance(86400)
    second = await caller.created()

    async def listed(**days: str) -> list[int]:
        return (await caller.get("/jobs", **days)).job_ids

    assert await listed(startDate="2025-06-02") == [second, first]
    assert await listed(startDate="2025-06-03", endDate="2025-06-03") == [second]
    assert await listed(startDate="2025-06-01", endDate="2025-06-02") == [first]
    assert await listed(startDate="2025-06-04") == []


@pytest.mark.parametrize("days", [{}, {"startDate": ""}, {"startDate": "June"}, {"endDate": "2025-06-02"}])
async def test_a_listing_needs_a_start(caller: Caller, days: dict[str, str]) -> None:
    """Without a day to start from there is no listing."""
    assert (await caller.get("/jobs", **days)).verdict == (400, 9, "One of the required parameters is missing.")
