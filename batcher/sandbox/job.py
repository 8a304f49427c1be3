"""A job as the remote holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Any, NamedTuple


class JobState(IntEnum):
    """
    Where a job stands, by the number ``GET /jobs/{id}`` shows.

    9 and 4 are documented, the other names too (check job status); the other numbers are not published, these are ours.
    """

    ORDER_SUBMITTED = 2
    ORDER_PROCESSING = 3
    AWAITING_PRODUCTION = 4
    IN_PRODUCTION = 5
    MAILED = 6
    EDITING = 9
    CANCELLED = 90
    DELETED = 91
    ERROR = 92

    @property
    def description(self) -> str:
        """As a status reply words it; a listing has the name itself."""
        return self.name.replace("_", " ").title()


class PrintOptions(NamedTuple):
    """The strings a product is resolved from, kept byte for byte as they came."""

    document_class: str
    layout: str
    production_time: str
    envelope: str
    color: str
    paper_type: str
    print_option: str
    mail_class: str


# Of a hundred thousand jobs in a campaign nearly all share one set of options: keep each set once.
_shared = lru_cache(maxsize=4096)(PrintOptions)

REQUIRED_OPTIONS = ("documentClass", "layout", "productionTime", "envelope", "color", "paperType", "printOption")
DEFAULT_MAIL_CLASS = "First Class"


def print_options(parameters: Mapping[str, str]) -> PrintOptions:
    """The options in the parameters of a call; what is absent is empty."""
    values = [parameters.get(name, "") for name in REQUIRED_OPTIONS]
    return _shared(*values, parameters.get("mailClass") or DEFAULT_MAIL_CLASS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """
    One job.

    Attributes:
        signature: Its ``appSignature``, empty when none was given.
        address_id: 0 for a product that goes to a quantity instead of a list.
        pieces: Letters it will become; ``international`` of them go abroad.
        created_at: Seconds since the epoch, likewise ``submitted_at``, which is 0 before.
        state: The last that somebody brought about; ``production.state_at`` has the one of a moment.
        billing_type: How it was paid for, empty before it was submitted.
        charged_cents: What was taken for it.
    """

    id: int
    signature: str
    document_id: int
    address_id: int
    options: PrintOptions
    pieces: int
    project_id: int
    mailing_date: str
    created_at: float
    state: JobState = JobState.EDITING
    billing_type: str = ""
    submitted_at: float = 0.0
    international: int = 0
    charged_cents: int = 0


def restore_job(record: Mapping[str, Any]) -> Job:
    """
    The job in a record of its attributes, as read back from text that knows numbers, texts and lists only.

    Raises:
        TypeError, ValueError, KeyError: It is no record of a job.
    """
    return Job(**{**record, "options": _shared(*record["options"]), "state": JobState(record["state"])})


# A job works on copies of its document and list, under ids of their own (API reference, job information).
# How the ids relate is not published; a fixed distance keeps them findable without a table.
_JOB_DOCUMENTS_FROM = 100_000_000
_JOB_LISTS_FROM = 200_000_000


def job_document_id(job_id: int) -> int:
    """The id of the job's own copy of its document."""
    return _JOB_DOCUMENTS_FROM + job_id


def job_list_id(job_id: int) -> int:
    """The id of the job's own copy of its address list."""
    return _JOB_LISTS_FROM + job_id


def job_of_document(document_id: int) -> int:
    """The job whose copy this is: the way back from ``job_document_id``."""
    return document_id - _JOB_DOCUMENTS_FROM


def job_of_list(list_id: int) -> int:
    """The job whose copy this is: the way back from ``job_list_id``."""
    return list_id - _JOB_LISTS_FROM
