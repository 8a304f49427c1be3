import pytest

from batcher.sandbox.endpoints import Endpoint, Target, find_target, root_of


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("POST", "/molpro/jobs", Target(Endpoint.CREATE, ())),
        ("POST", "/molpro/jobs/", Target(Endpoint.CREATE, ())),
        ("GET", "/molpro/jobs", Target(Endpoint.JOBS, ())),
        ("GET", "/molpro/jobs/17/", Target(Endpoint.STATUS, (17,))),
        ("GET", "/molpro/jobs/info/17", Target(Endpoint.INFO, (17,))),
        ("GET", "/molpro/jobs/17/cost", Target(Endpoint.COST, (17,))),
        ("POST", "/molpro/jobs/17/submit/", Target(Endpoint.SUBMIT, (17,))),
        ("POST", "/molpro/jobs/17/delete", Target(Endpoint.DELETE, (17,))),
        ("POST", "/molpro/jobs/17/update", Target(Endpoint.UPDATE, (17,))),
        ("POST", "/molpro/jobs/17/cancel", Target(Endpoint.CANCEL, (17,))),
        ("POST", "/molpro/jobs/17/proof", Target(Endpoint.PROOF, (17,))),
        ("GET", "/molpro/jobs/17/proof/18/19", Target(Endpoint.PROOF_FILE, (17, 18, 19))),
        ("GET", "/molpro/jobs/appSignature", Target(Endpoint.LOOKUP, ())),
        ("GET", "/molpro/jobs/appSignature2/", Target(Endpoint.LOOKUP, ())),
        ("GET", "/molpro/addressLists/info", Target(Endpoint.LIST_INFO, ())),
        ("GET", "/molpro/addressLists/4", Target(Endpoint.LIST_STATUS, (4,))),
        ("GET", "/molpro//documents//", Target(Endpoint.DOCUMENTS, ())),
    ],
)
def test_a_request_line_names_a_call(method: str, path: str, expected: Target) -> None:
    """Method and path together name the endpoint; slashes at the end or doubled do not matter."""
    assert find_target(method, path) == expected


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/", 404),
        ("GET", "/molpro", 404),
        ("POST", "/jobs", 404),
        ("POST", "/molpro/job", 404),
        ("GET", "/molpro/jobs/abc", 404),
        ("GET", "/molpro/jobs/١٧", 404),
        ("GET", "/molpro/jobs/17/nothing", 404),
        ("PUT", "/molpro/jobs", 405),
        ("GET", "/molpro/jobs/17/submit", 405),
    ],
)
def test_what_is_no_call_gets_the_status_of_a_page(method: str, path: str, expected: int) -> None:
    """An unknown path is 404, a known path under another method is 405."""
    assert find_target(method, path) == expected


def test_a_number_of_any_length_is_read() -> None:
    """A path of a million digits is cut to a number no job has."""
    assert find_target("GET", f"/molpro/jobs/{'9' * 1_000_000}") == Target(Endpoint.STATUS, (10**18 - 1,))


def test_every_endpoint_has_a_root_element() -> None:
    """Jobs answer with <job>, the others with their own."""
    roots = {endpoint: root_of(endpoint) for endpoint in Endpoint}

    assert roots[Endpoint.CREATE] == "job"
    assert roots[Endpoint.LIST_UPLOAD] == "addressList"
    assert roots[Endpoint.CREDIT] == "credit"
