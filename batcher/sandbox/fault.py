"""The ways a call can go wrong, by the names a fault plan uses."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from batcher.sandbox.verdicts import Verdict


class FaultKind(StrEnum):
    """
    What goes wrong.

    A name that ends in ``_after`` does the work first and then fails to say so: the job exists, the caller
    cannot know. Of the others ``cut``, ``garbage``, ``empty``, ``slow`` and ``json`` do the work too.
    """

    REFUSE = "refuse"
    RESET = "reset"
    RESET_AFTER = "reset_after"
    STALL = "stall"
    STALL_AFTER = "stall_after"
    SLOW = "slow"
    CUT = "cut"
    GARBAGE = "garbage"
    EMPTY = "empty"
    JSON = "json"
    ERROR_500 = "error_500"
    ERROR_500_AFTER = "error_500_after"
    PAGE_500 = "page_500"
    PAGE_500_AFTER = "page_500_after"
    PAGE_502 = "page_502"
    PAGE_502_AFTER = "page_502_after"
    PAGE_503 = "page_503"
    PAGE_503_AFTER = "page_503_after"
    PAGE_504 = "page_504"
    PAGE_504_AFTER = "page_504_after"
    PAGE_524 = "page_524"
    PAGE_524_AFTER = "page_524_after"
    BUSY_503 = "busy_503"
    LIMIT_429 = "limit_429"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    REDIRECT = "redirect"
    NOT_FOUND = "not_found"
    VERDICT = "verdict"

    @property
    def acts_first(self) -> bool:
        """Whether the call does its work before it goes wrong."""
        return self.endswith("_after") or self in _ACTING

    @property
    def page_status(self) -> int | None:
        """The HTTP status of the edge's page this fault answers with, where it does."""
        return int(self[5:8]) if self.startswith("page_") else None


_ACTING = frozenset((FaultKind.SLOW, FaultKind.CUT, FaultKind.GARBAGE, FaultKind.EMPTY, FaultKind.JSON))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """
    One thing that goes wrong.

    Attributes:
        seconds: How long ``slow`` takes.
        retry_after: The header as sent, or ``date+N`` for an HTTP date N seconds ahead of the reply.
        verdict: The refusal that ``verdict`` gives.
    """

    kind: FaultKind
    seconds: float = 0.0
    retry_after: str | None = None
    verdict: Verdict | None = None
