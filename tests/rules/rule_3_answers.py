"""Rule 3 broken: what an answer means, and what a wrong address is."""

from __future__ import annotations

from typing import Final

from .breach import Breach, breach

_CLASSIFY: Final = "core/test_classify.py"


def _verdict(says: str, old: str, new: str, tests: str = _CLASSIFY) -> Breach:
    return breach(3, says, "core/classify.py", old, new, tests)


BREACHES: Final = (
    _verdict("502 is in doubt", "_Line(Verdict.NOT_MADE, _just(429))", "_Line(Verdict.NOT_MADE, range(429, 503))"),
    _verdict("504 is in doubt", "_just(503), retry_after=True", "_just(504)"),
    _verdict("524 is in doubt", "_just(503), retry_after=True", "_just(524)"),
    _verdict("503 without Retry-After is in doubt", "_just(503), retry_after=True", "_just(503)"),
    _verdict("503 with Retry-After made nothing", "_just(503), retry_after=True", "_just(503), retry_after=False"),
    _verdict("429 made nothing", "_Line(Verdict.NOT_MADE, _just(429))", "_Line(Verdict.NO_VERDICT, _just(429))"),
    _verdict(
        "a 500 without the vendor's XML is in doubt",
        "_Line(Verdict.REPORTED_FAILURE, _just(500), code=_OTHER, with_id=False)",
        "_Line(Verdict.REPORTED_FAILURE, _just(500), with_id=False)",
    ),
    _verdict(
        "a 500 with the id of a job is in doubt",
        "_Line(Verdict.REPORTED_FAILURE, _just(500), code=_OTHER, with_id=False)",
        "_Line(Verdict.REPORTED_FAILURE, _just(500), code=_OTHER)",
    ),
    _verdict("any 3xx is in doubt", "_Line(Verdict.REDIRECTED,", "_Line(Verdict.REJECTED,"),
    _verdict("a success without an id above 0 is in doubt", "code=_ZERO, with_id=True", "code=_ZERO"),
    _verdict("408 is in doubt", "    _Line(Verdict.NO_VERDICT, _just(408)),\n", ""),
    _verdict("404 is no rejection", "    _Line(Verdict.NOT_FOUND, _just(404)),\n", ""),
    _verdict("401 is no rejection", "    _Line(Verdict.BAD_CREDENTIALS, _just(401)),\n", ""),
    _verdict("403 is no rejection", "    _Line(Verdict.FORBIDDEN, _just(403)),\n", ""),
    _verdict(
        "any other 4xx is a rejection, with or without XML",
        "_Line(Verdict.REJECTED, range(400, 500))",
        "_Line(Verdict.REJECTED, range(400, 500), code=_OTHER)",
    ),
    breach(
        3,
        "a status that is no number is in doubt",
        "click2mail/reply.py",
        "code = whole_number(statuses[0]) if len(statuses) == 1 else None",
        "code = (whole_number(statuses[0]) or 0) if len(statuses) == 1 else None",
        "click2mail/test_reply.py",
    ),
    breach(
        3,
        "a Retry-After that cannot be read is none",
        "click2mail/retry_after.py",
        "return None if then is None else _clamped(",
        "return 0.0 if then is None else _clamped(",
        "click2mail/test_retry_after.py",
    ),
    breach(
        3,
        "a redirect is not followed",
        "click2mail/session_lane.py",
        "allow_redirects=False",
        "allow_redirects=True",
        "click2mail/test_wire.py::test_a_redirect_is_not_followed",
    ),
    *(
        breach(
            3, f"a wrong address ends the run: {says}", "dispatch/hopeless.py", old, new, "dispatch/test_addresses.py"
        )
        for says, old, new in (
            ("TLS", "answer.kind is FaultKind.TLS or", "answer.kind is FaultKind.POOL or"),
            ("DNS", "answer.kind is FaultKind.DNS and", "answer.kind is FaultKind.POOL and"),
            ("3xx", "in {Verdict.REDIRECTED, Verdict.NOT_FOUND}", "is Verdict.NOT_FOUND"),
            ("404", "in {Verdict.REDIRECTED, Verdict.NOT_FOUND}", "is Verdict.REDIRECTED"),
            ("only before the first success", "elif not context.succeeded and _is", "elif _is"),
        )
    ),
)
