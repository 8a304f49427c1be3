"""What the remote may answer, in words."""

from __future__ import annotations

import pytest

from batcher.core.outcome import Answer, Fault, FaultKind, Reply, in_words


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Reply(http_status=201), "HTTP 201 without a readable body"),
        (Reply(http_status=200), "HTTP 200 without a readable body"),
        (Reply(http_status=500), "HTTP 500 without a readable body"),
        (Reply(http_status=302), "HTTP 302, a redirect"),
        (Reply(http_status=502), "HTTP 502"),
        (Reply(http_status=401), "HTTP 401"),
        (Reply(http_status=201, code=0), "HTTP 201, code 0 without an id above 0"),
        (Reply(http_status=201, code=0, description="Created"), "HTTP 201, code 0 without an id above 0: Created"),
        (Reply(http_status=201, code=7, job_id=5), "HTTP 201, code 7 beside job 5"),
        (Reply(http_status=500, code=9, job_id=5, description="oops"), "HTTP 500, code 9 beside job 5: oops"),
        (Reply(http_status=202, code=0, job_id=5), "HTTP 202, code 0 beside job 5"),
        (Reply(http_status=400, code=9, description="no such document"), "HTTP 400, code 9: no such document"),
        (Reply(http_status=200, code=1), "HTTP 200, code 1"),
        (Fault(kind=FaultKind.RESET), "reset"),
        (Fault(kind=FaultKind.NOT_SENT, detail="broken"), "not sent: broken"),
    ],
    ids=str,
)
def test_an_answer_in_words_says_what_is_wrong_with_it(answer: Answer, words: str) -> None:
    assert in_words(answer) == words
