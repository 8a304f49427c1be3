"""What a job is made of and paid with: documents, address lists, credit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

# Of what was made elsewhere, this number has something wrong with it: the list is in error, and a job of the document
# ends in error. Like the card number that processors keep for trying out a decline.
SPOILT_ID = 999


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An uploaded document. Its content is not kept."""

    id: int
    name: str
    document_class: str
    document_format: str
    size_bytes: int
    created_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressList:
    """An uploaded address list. Of the addresses only the number is kept, and of how many are abroad."""

    id: int
    name: str
    mapping_id: int
    addresses: int
    created_at: float
    international: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """The prepaid balance."""

    cents: int


class ListState(IntEnum):
    """How far the remote is with a list, by the numbers of the reference (check address list status)."""

    UPLOADED = 0
    MAPPED = 1
    STANDARDIZED = 3
    ERROR = 9

    @property
    def description(self) -> str:
        """As the reference words it."""
        return {0: "Uploaded", 1: "Mapped", 3: "CASS Standardized", 9: "Error"}[self]


def state_of_list(created_at: float, *, now: float, delay: float) -> ListState:
    """
    The state of a list ``now`` when it takes ``delay`` seconds to become usable.

    It is mapped half way; a job needs it standardized.
    """
    age = now - created_at
    if age >= delay:
        return ListState.STANDARDIZED
    return ListState.MAPPED if age >= delay / 2 else ListState.UPLOADED
