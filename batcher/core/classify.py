"""
One table a stage, from what the remote answered to what it means for the row.

HTTP status, return code and description are judged together, because none of them says it alone: code 9 stands under
200, 400 and 500, and one of the 500s is the caller's mistake. Source: API reference, "Create a job" and "Submit a
job", return codes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from .outcome import Answer, Fault, Reply
from .states import Stage


class Verdict(StrEnum):
    """What an answer means for the row that was sent."""

    DONE = "done"
    REJECTED = "rejected"
    UNREACHED = "unreached"
    """Not a byte was sent."""
    NOT_MADE = "not_made"
    """It was sent, and the remote made nothing of it; later it may."""
    REPORTED_FAILURE = "reported_failure"
    """The remote itself reports that it failed, in its own XML under a 500."""
    NO_VERDICT = "no_verdict"
    """The remote may have made the job; we do not know."""
    BAD_CREDENTIALS = "bad_credentials"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    """404: nothing is served at that address."""
    REDIRECTED = "redirected"
    """3xx, never followed: in doubt, and before the run's first success a wrong address."""
    PAYMENT_REFUSED = "payment_refused"
    """The account cannot pay like that: no row of the run can."""
    OTHER_STATE = "other_state"
    """The job is not where we think it is: its status tells."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the table; a field that is None matches anything."""

    verdict: Verdict
    http: range
    code: range | None = None
    with_id: bool | None = None
    retry_after: bool | None = None
    says: re.Pattern[str] | None = None

    def fits(self, reply: Reply) -> bool:
        return (
            reply.http_status in self.http
            and (self.code is None or (reply.code is not None and reply.code in self.code))
            and (self.with_id is None or (reply.job_id > 0) == self.with_id)
            and (self.retry_after is None or (reply.retry_after_s is not None) == self.retry_after)
            and (self.says is None or self.says.search(reply.description) is not None)
        )


def _just(number: int) -> range:
    return range(number, number + 1)


_ZERO: Final = _just(0)
_OTHER: Final = range(1, 10**18)
_ANY_ERROR: Final = range(200, 600)


def _says(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_FOR_ALL_STAGES: Final = (
    _Line(Verdict.DONE, range(200, 202), code=_ZERO, with_id=True),
    _Line(Verdict.REJECTED, range(200, 202), code=_OTHER, with_id=False),
    # A code other than 0 beside a real id contradicts itself: only a look-up tells.
    _Line(Verdict.NO_VERDICT, range(200, 300)),
    _Line(Verdict.REDIRECTED, range(300, 400)),
    _Line(Verdict.BAD_CREDENTIALS, _just(401)),
    _Line(Verdict.FORBIDDEN, _just(403)),
    _Line(Verdict.NOT_FOUND, _just(404)),
    _Line(Verdict.NO_VERDICT, _just(408)),
    _Line(Verdict.NOT_MADE, _just(429)),
    _Line(Verdict.REJECTED, range(400, 500)),
    _Line(Verdict.REPORTED_FAILURE, _just(500), code=_OTHER, with_id=False),
    _Line(Verdict.NOT_MADE, _just(503), retry_after=True),
)
_CREATE: Final = (
    _Line(Verdict.REJECTED, _just(500), code=_OTHER, with_id=False, says=_says("could not parse date")),
    *_FOR_ALL_STAGES,
)
# The words count whatever stands around them: where they stand is documented for some of them only.
_MOVED_ON: Final = _Line(Verdict.OTHER_STATE, _ANY_ERROR, code=_OTHER, says=_says("impermissible state"))
_SUBMIT: Final = (
    _MOVED_ON,
    _Line(Verdict.BAD_CREDENTIALS, _just(400), code=_OTHER, says=_says("not authenticated")),
    _Line(Verdict.PAYMENT_REFUSED, range(200, 202), code=_just(2)),
    _Line(
        Verdict.PAYMENT_REFUSED,
        range(200, 500),
        code=_OTHER,
        says=_says(r"credit balance|buy more credit|payment not authorized|payment method|credit card, .*are allowed"),
    ),
    *_FOR_ALL_STAGES,
)
_DELETE: Final = (
    _MOVED_ON,
    _Line(Verdict.BAD_CREDENTIALS, _just(400), code=_OTHER, says=_says("not authenticated")),
    _Line(Verdict.OTHER_STATE, range(200, 500), code=_OTHER, says=_says("not found")),
    *_FOR_ALL_STAGES,
)
_TABLES: Final = {Stage.CREATE: _CREATE, Stage.SUBMIT: _SUBMIT, Stage.DELETE: _DELETE}


def classify(answer: Answer, stage: Stage = Stage.CREATE) -> Verdict:
    """
    The meaning of an answer to a POST of that stage. Total: what no line of its table names is ``NO_VERDICT``.
    """
    match answer:
        case Fault():
            return Verdict.UNREACHED if answer.reached_nothing else Verdict.NO_VERDICT
        case Reply():
            for line in _TABLES[stage]:
                if line.fits(answer):
                    return line.verdict
            return Verdict.NO_VERDICT
        case _:
            assert_never(answer)
