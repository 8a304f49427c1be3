"""Rule 7 broken: success is status 0 and an id above 0, under 200 or 201."""

from __future__ import annotations

from typing import Final

from .breach import breach

_CLASSIFY: Final = "core/test_classify.py"

BREACHES: Final = (
    breach(
        7,
        "success is status 0",
        "core/classify.py",
        "_Line(Verdict.DONE, range(200, 202), code=_ZERO, with_id=True)",
        "_Line(Verdict.DONE, range(200, 202), with_id=True)",
        _CLASSIFY,
    ),
    breach(
        7,
        "success is an id above 0",
        "core/classify.py",
        "_Line(Verdict.DONE, range(200, 202), code=_ZERO, with_id=True)",
        "_Line(Verdict.DONE, range(200, 202), code=_ZERO)",
        _CLASSIFY,
    ),
    breach(
        7,
        "success is under 200 or 201",
        "core/classify.py",
        "_Line(Verdict.DONE, range(200, 202),",
        "_Line(Verdict.DONE, range(200, 300),",
        _CLASSIFY,
    ),
    breach(
        7,
        "200 with another status is a rejection",
        "core/classify.py",
        "    _Line(Verdict.REJECTED, range(200, 202), code=_OTHER, with_id=False),\n",
        "",
        _CLASSIFY,
    ),
    breach(
        7,
        "never act on job id 0: the ledger",
        "ledger/sqlite/outcomes.py",
        "(outcome.job_id is None or outcome.job_id < 1)",
        "outcome.job_id is None",
        "contracts/ledger/test_outcomes.py::test_no_row_is_done_without_the_id_of_its_job",
    ),
    breach(
        7,
        "never act on job id 0: a listing",
        "click2mail/listing.py",
        "if not job_id:",
        "if job_id is None:",
        "click2mail/test_listing.py",
    ),
)
