"""What a job is made of besides its options: documents and address lists, as the remote tells of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .outcome import Fault, Reply
from .product import Combination


class ListState(StrEnum):
    """How far the remote is with an address list; a job needs one that is ready."""

    PREPARING = "preparing"
    READY = "ready"
    BROKEN = "broken"


_STATES: Final = {
    0: ListState.PREPARING,  # uploaded
    1: ListState.PREPARING,  # mapped
    2: ListState.PREPARING,  # created, in older documents
    3: ListState.READY,  # standardized
    9: ListState.BROKEN,
}


def list_state_of(number: int) -> ListState | None:
    """
    The state that a status number means; None for one of which the sources say nothing, or not the same.

    5 is such a one: a quick start of long ago waits for it, and no other document names it. Such a list is neither
    waited for nor refused. Source: API reference, "Check address list status".
    """
    return _STATES.get(number)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListStatus:
    """What the remote says of one address list: ``words`` as it said them, ``state`` None where it is not known."""

    list_id: int
    number: int
    state: ListState | None
    words: str = ""


ListAnswer = ListStatus | Reply | Fault
"""A reply here names no state of the list that was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """Ids of address lists, a page of them."""

    list_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDocument:
    """``document_class`` is None where the listing does not show it."""

    document_id: int
    document_class: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPage:
    """Documents of the account, a page of them."""

    documents: tuple[ListedDocument, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductOptions:
    """The combinations that the remote lists for one document class, or for all."""

    combinations: tuple[Combination, ...]
