"""What an answer means for the row that was sent."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batcher.core.classify import Verdict, classify
from batcher.core.outcome import BEFORE_SENDING, Fault, FaultKind, Reply
from batcher.core.states import Stage

DATE = "Could not parse date. Please add mailingDate parameter in form 'yyyymmdd'."

DOCUMENTED = [
    (201, 0, 13331417, "Created", Verdict.DONE),
    (200, 0, 13331417, "Created", Verdict.DONE),
    (200, 1, 0, "DocumentId not found", Verdict.REJECTED),
    (200, 1, 0, "Job DocumentId not found", Verdict.REJECTED),
    (200, 1, 0, "Job Address list Id not found", Verdict.REJECTED),
    (200, 3, 0, "Address List ID not found", Verdict.REJECTED),
    (200, 4, 0, "Document Type cannot Mail Internationally", Verdict.REJECTED),
    (200, 5, 0, "Project does not exist", Verdict.REJECTED),
    (200, 9, 0, "Address list not valid for selected Product", Verdict.REJECTED),
    (200, 9, 0, "Quantity required for selected product", Verdict.REJECTED),
    (200, 9, 0, "Custom error related to quantity", Verdict.REJECTED),
    (400, 9, 0, "One of the required parameters is missing.", Verdict.REJECTED),
    (400, 9, 0, "Product not authorized for this customer", Verdict.REJECTED),
    (400, 9, 0, "Return address Name OR Return address Organization is required", Verdict.REJECTED),
    (400, 9, 0, "Endorsements not valid for selected product", Verdict.REJECTED),
    (400, 9, 0, "Return Address not valid for selected product", Verdict.REJECTED),
    (400, 9, 0, "Minimum Quantity for selected product is 25", Verdict.REJECTED),
    (400, 9, 0, "Maximum Quantity for selected product is 100", Verdict.REJECTED),
    (400, 9, 0, "Custom error related to enclosures", Verdict.REJECTED),
    (400, 9, 0, "Future date greater than 90 days", Verdict.REJECTED),
    (400, 9, 0, "Mailing date should be greater than current date.", Verdict.REJECTED),
    (400, 9, 0, "Invalid product options. Sku not found.", Verdict.REJECTED),
    (500, 9, 0, "custom error message related to server error", Verdict.REPORTED_FAILURE),
    (500, 9, 0, DATE, Verdict.REJECTED),
    (401, None, 0, "", Verdict.BAD_CREDENTIALS),
    (403, None, 0, "", Verdict.FORBIDDEN),
    (404, None, 0, "", Verdict.NOT_FOUND),
    (429, None, 0, "", Verdict.NOT_MADE),
    (500, None, 0, "", Verdict.NO_VERDICT),
    (502, None, 0, "", Verdict.NO_VERDICT),
    (503, None, 0, "", Verdict.NO_VERDICT),
    (504, None, 0, "", Verdict.NO_VERDICT),
    (524, None, 0, "", Verdict.NO_VERDICT),
]


@pytest.mark.parametrize(
    ("http", "code", "job_id", "says", "expected"), DOCUMENTED, ids=[f"{c[0]}-{c[1]}-{c[3][:30]}" for c in DOCUMENTED]
)
def test_every_documented_answer_has_its_verdict(
    http: int, code: int | None, job_id: int, says: str, expected: Verdict
) -> None:
    assert expected is classify(Reply(http_status=http, code=code, job_id=job_id, description=says))


SOME_CODES = (None, 0, 1, 3, 4, 5, 9, -1, 10**18)
SOME_IDS = (0, 5)


def every_reply() -> list[Reply]:
    return [
        Reply(http_status=http, code=code, job_id=job_id, retry_after_s=wait)
        for http in (*range(100, 600), 0, 99, 600, 999)
        for code in SOME_CODES
        for job_id in SOME_IDS
        for wait in (None, 0.0, 5.0)
    ]


def test_a_job_is_created_only_by_status_0_with_an_id_under_200_or_201() -> None:
    """Design rule: success is ``status == 0`` and ``id > 0``, under 200 or 201; nothing else may count as one."""
    created = {(r.http_status, r.code, r.job_id) for r in every_reply() if classify(r) is Verdict.DONE}

    assert {(200, 0, 5), (201, 0, 5)} == created


def test_nothing_that_names_a_job_is_free_to_be_sent_again_but_where_it_was_refused() -> None:
    """A reply with an id above 0 and no success contradicts itself: under 2xx, 3xx and 5xx only a look-up tells."""
    freed = {
        reply.http_status
        for reply in every_reply()
        if reply.job_id
        and (reply.http_status < 400 or reply.http_status >= 500)
        and reply.retry_after_s is None
        and classify(reply) in {Verdict.REJECTED, Verdict.NOT_MADE, Verdict.REPORTED_FAILURE, Verdict.UNREACHED}
    }

    assert set() == freed


def test_a_date_message_beside_a_job_id_is_in_doubt() -> None:
    reply = Reply(http_status=500, code=9, job_id=5, description=DATE)

    assert classify(reply) is Verdict.NO_VERDICT


def test_what_no_rule_names_is_in_doubt() -> None:
    """Every status outside 200, 201, 3xx, 4xx, 500 and 503 leaves the row in doubt, whatever the body says."""
    named = {200, 201, *range(300, 501), 503}
    verdicts = {classify(reply) for reply in every_reply() if reply.http_status not in named}

    assert {Verdict.NO_VERDICT} == verdicts


@pytest.mark.parametrize("http", [300, 301, 302, 303, 304, 307, 308, 399])
def test_a_redirect_is_not_followed_and_is_told_apart(http: int) -> None:
    assert classify(Reply(http_status=http)) is Verdict.REDIRECTED


def test_a_408_is_in_doubt_even_with_a_code() -> None:
    assert {classify(Reply(http_status=408, code=code)) for code in (None, 0, 9)} == {Verdict.NO_VERDICT}


@pytest.mark.parametrize("http", sorted({*range(400, 500)} - {401, 403, 404, 408, 429}))
def test_every_other_4xx_is_a_rejection_with_or_without_xml(http: int) -> None:
    assert {classify(Reply(http_status=http, code=code)) for code in (None, 9)} == {Verdict.REJECTED}


@pytest.mark.parametrize("http", [502, 503, 504, 520, 521, 522, 523, 524, 525, 530])
def test_an_edge_page_is_in_doubt(http: int) -> None:
    assert classify(Reply(http_status=http)) is Verdict.NO_VERDICT


def test_a_503_that_says_when_to_come_again_made_nothing() -> None:
    assert {classify(Reply(http_status=503, retry_after_s=wait)) for wait in (0.0, 30.0)} == {Verdict.NOT_MADE}


@pytest.mark.parametrize("http", [500, 502, 504, 524])
def test_retry_after_frees_no_other_server_error(http: int) -> None:
    assert classify(Reply(http_status=http, retry_after_s=30.0)) is Verdict.NO_VERDICT


def test_a_429_made_nothing_with_or_without_retry_after() -> None:
    assert {classify(Reply(http_status=429, retry_after_s=wait)) for wait in (None, 5.0)} == {Verdict.NOT_MADE}


@pytest.mark.parametrize("says", [DATE, DATE.upper(), "Error: could not parse date"])
def test_the_date_message_under_500_is_the_callers_mistake(says: str) -> None:
    assert classify(Reply(http_status=500, code=9, description=says)) is Verdict.REJECTED


def test_the_date_message_without_the_vendors_code_is_in_doubt() -> None:
    assert classify(Reply(http_status=500, description=DATE)) is Verdict.NO_VERDICT


def test_a_500_without_xml_is_in_doubt() -> None:
    assert classify(Reply(http_status=500)) is Verdict.NO_VERDICT


def test_a_500_that_says_all_went_well_is_in_doubt() -> None:
    assert classify(Reply(http_status=500, code=0)) is Verdict.NO_VERDICT


@pytest.mark.parametrize("http", [200, 201])
def test_a_success_without_an_id_is_in_doubt(http: int) -> None:
    assert classify(Reply(http_status=http, code=0, job_id=0)) is Verdict.NO_VERDICT


@pytest.mark.parametrize("http", [200, 201])
def test_a_2xx_without_the_vendors_xml_is_in_doubt(http: int) -> None:
    assert classify(Reply(http_status=http)) is Verdict.NO_VERDICT


@pytest.mark.parametrize("http", [202, 204, 206, 226])
def test_a_2xx_that_is_not_documented_is_in_doubt(http: int) -> None:
    assert classify(Reply(http_status=http, code=0, job_id=5)) is Verdict.NO_VERDICT


@pytest.mark.parametrize("kind", list(FaultKind))
def test_a_fault_knows_its_phase(kind: FaultKind) -> None:
    expected = Verdict.UNREACHED if kind in BEFORE_SENDING else Verdict.NO_VERDICT

    assert expected is classify(Fault(kind=kind))


def test_only_these_faults_are_known_to_have_sent_nothing() -> None:
    names = {"dns", "connect", "tls", "pool", "stale_intent", "not_sent", "withheld"}

    assert names == {kind.value for kind in BEFORE_SENDING}


replies = st.builds(
    Reply,
    http_status=st.integers(-1, 1000),
    code=st.none() | st.integers(),
    job_id=st.integers(min_value=0),
    description=st.text(max_size=40),
    retry_after_s=st.none() | st.floats(0, 1e6),
)
faults = st.builds(Fault, kind=st.sampled_from(FaultKind), http_status=st.none() | st.integers(100, 599))


@given(replies | faults)
@settings(max_examples=100, deadline=None)
def test_every_answer_has_a_verdict(answer: Reply | Fault) -> None:
    assert isinstance(classify(answer), Verdict)


def xml(http_status: int, code: int, description: str, job_id: int = 0) -> Reply:
    return Reply(http_status=http_status, code=code, job_id=job_id, description=description)


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        (xml(201, 0, "Success", 7), Verdict.DONE),
        (xml(200, 0, "Success", 7), Verdict.DONE),
        (xml(200, 0, "Success"), Verdict.NO_VERDICT),
        (xml(200, 1, "Job ID not found"), Verdict.REJECTED),
        (xml(200, 2, "User does not have access to this payment method"), Verdict.PAYMENT_REFUSED),
        (xml(200, 2, "payment not authorized"), Verdict.PAYMENT_REFUSED),
        (xml(200, 2, "whatever"), Verdict.PAYMENT_REFUSED),
        (
            xml(400, 9, "Not sufficient credit balance. Please buy more credit and try again. Thanks!"),
            Verdict.PAYMENT_REFUSED,
        ),
        (
            xml(400, 9, "Only Credit Card, Invoice, ACH, User Credit, Apple Pay, Google Pay are allowed."),
            Verdict.PAYMENT_REFUSED,
        ),
        (xml(400, 9, "One of the required parameters is missing."), Verdict.REJECTED),
        (xml(400, 9, "Job with Id 7 is in impermissible state"), Verdict.OTHER_STATE),
        (xml(400, 9, "Job with Id 7 is in impermissible state", 7), Verdict.OTHER_STATE),
        (xml(400, 9, "Not authenticated"), Verdict.BAD_CREDENTIALS),
        (xml(400, 9, "Shipping method information required"), Verdict.REJECTED),
        (xml(500, 9, "Please contact support"), Verdict.REPORTED_FAILURE),
        (xml(500, 9, "Could not parse date"), Verdict.REPORTED_FAILURE),
        (Reply(http_status=524), Verdict.NO_VERDICT),
        (Reply(http_status=429), Verdict.NOT_MADE),
    ],
)
def test_submit(reply: Reply, verdict: Verdict) -> None:
    assert classify(reply, Stage.SUBMIT) is verdict


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        (xml(200, 0, "Deleted", 7), Verdict.DONE),
        (xml(200, 0, "Deleted"), Verdict.NO_VERDICT),
        (xml(200, 1, "Job ID not found"), Verdict.OTHER_STATE),
        (xml(400, 9, "Job with Id 7 is in impermissible state"), Verdict.OTHER_STATE),
        (xml(400, 9, "Something else"), Verdict.REJECTED),
        (xml(500, 9, "Please contact support"), Verdict.REPORTED_FAILURE),
        (Reply(http_status=404), Verdict.NOT_FOUND),
    ],
)
def test_delete(reply: Reply, verdict: Verdict) -> None:
    assert classify(reply, Stage.DELETE) is verdict


def test_what_never_left_is_unreached_in_every_stage() -> None:
    fault = Fault(kind=FaultKind.STALE_INTENT)

    assert {classify(fault, stage) for stage in Stage} == {Verdict.UNREACHED}
