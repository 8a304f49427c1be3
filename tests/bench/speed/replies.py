"""What the stub answers: the vendor's documents, as the sandbox has them, behind the head that a web server sends."""

from __future__ import annotations

from typing import Final

_XML: Final = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_JOB: Final = (
    b"<job><id>%d</id><status>0</status><description>Created</description>"
    b"<statusUrl>https://stage-rest.click2mail.com/molpro/jobs/%d</statusUrl></job>"
)
_OTHERS: Final = {
    b"credit": b"<credit><balance>1000000.0</balance><allowNegative>false</allowNegative></credit>",
    b"addressLists": b"<addressList><id>500</id><status>3</status><description>Ready</description></addressList>",
    b"documents": b"<documents></documents>",
    b"costEstimate": b"<costEstimate><status>0</status><description>Success</description></costEstimate>",
}
"""By the first word of the path below the base; each names what the rows of the benchmark have."""

FIRST_JOB: Final = 13_331_417
"""Ids have eight digits from here to 99,999,999, so that every reply has the same length."""


def head(status: bytes, kind: bytes, length: int, date: bytes) -> bytes:
    """A reply up to its body."""
    return (
        b"HTTP/1.1 %b\r\nServer: stub\r\nDate: %b\r\nContent-Type: %b\r\nContent-Length: %d\r\n"
        b"Connection: keep-alive\r\n\r\n" % (status, date, kind, length)
    )


def page(body: bytes, date: bytes, *, status: bytes = b"200 OK", kind: bytes = b"application/xml") -> bytes:
    """A whole reply."""
    return head(status, kind, len(body), date) + body


def created(date: bytes) -> bytes:
    """The reply to a create, with ``%d`` where the id of the job belongs, twice."""
    body = _XML + _JOB
    length = len(body % (FIRST_JOB, FIRST_JOB))
    return head(b"201 Created", b"application/xml", length, date) + body


def listing(job_ids: list[int]) -> bytes:
    """The body of an answer to a look-up."""
    jobs = b"".join(b"<job><id>%d</id><jobStatus>EDITING</jobStatus></job>" % job_id for job_id in job_ids)
    return b"%b<job><jobList>%b</jobList></job>" % (_XML, jobs)


def other(path: bytes) -> bytes | None:
    """The body of an answer to the other questions that a run asks; None where it is none of them."""
    for word, body in _OTHERS.items():
        if b"/" + word in path:
            return _XML + body
    return None
