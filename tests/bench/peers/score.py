"""What a tool's run came to: the jobs there are, against the rows there were and the jobs it knows of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job that exists, by the remote's own word."""

    id: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """
    The counts.

    Attributes:
        asked: Requests to create a job that reached the remote.
        duplicates: Jobs beyond the first of their row.
        lost: Rows without a job.
        unrecorded: Jobs whose id stands nowhere in the tool's own record.
    """

    asked: int
    made: int
    duplicates: int
    lost: int
    unrecorded: int


def score(*, asked: int, documents: Collection[str], jobs: Collection[Job], known: Collection[str]) -> Score:
    """
    Compare.

    Args:
        documents: One a row.
        known: Ids of jobs in the tool's own record.
    """
    jobs_of = Counter(job.document for job in jobs)
    return Score(
        asked=asked,
        made=len(jobs),
        duplicates=sum(count - 1 for count in jobs_of.values()),
        lost=sum(document not in jobs_of for document in documents),
        unrecorded=sum(job.id not in known for job in jobs),
    )
