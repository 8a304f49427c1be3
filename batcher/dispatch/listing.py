"""A listing of the account, page by page, as far as it is worth reading."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from batcher.core.outcome import Answer, Fault, Reply

from .asking import Asking
from .findings import MOST_READ

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Generic[T]):
    """
    Entries by id. ``whole``: all that the account has was listed; ``trouble`` is the answer that ended it otherwise.
    """

    entries: dict[int, T]
    whole: bool
    trouble: Answer | None = None


async def read_listing(
    asking: Asking,
    page_from: Callable[[int], Awaitable[dict[int, T] | Answer]],
    wanted: set[int],
) -> Listed[T]:
    """
    Reads pages until all that is wanted was listed, or there are no more, or there were too many.

    A page may be shorter than was asked for without being the last, and a remote may ignore the offset: only a page
    with nothing new on it is the end.
    """
    entries: dict[int, T] = {}
    offset = 0
    for _ in range(MOST_READ):
        page = await asking.ask(lambda offset=offset: page_from(offset))  # type: ignore[misc] # mypy knows no defaults
        if isinstance(page, Reply | Fault):
            return Listed(entries=entries, whole=False, trouble=page)
        offset += len(page)
        news = page.keys() - entries.keys()
        entries |= page
        if not news or wanted <= entries.keys():
            return Listed(entries=entries, whole=not news)
    return Listed(entries=entries, whole=False)
