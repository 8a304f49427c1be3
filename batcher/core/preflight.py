"""
What the remote's answers say of rows that are about to be sent.

Three weights: *wrong* is what the remote itself refuses by name, and every such row would be rejected; *not ready* may
be right in a minute; *doubtful* is all that is odd and proves nothing. Only the first two keep a run from sending.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
from http import HTTPStatus
from typing import Final

from .distinct import Group
from .material import ListState, ListStatus
from .outcome import Answer, Reply, in_words
from .product import Judgement, Standing, may_be_one_class, quoted

MOST_SHOWN: Final = 20

_ADVICE: Final = (
    "mend the manifest and run it with --amend, or the account and run it again; --no-preflight sends it all the same"
)
_NO_VERDICTS: Final = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
_NO_PRODUCT: Final = re.compile(r"sku not found|invalid product option|product not authorized", re.IGNORECASE)
"""Other refusals of an estimate, a quantity that is too small say, tell nothing of the product."""
_NOT_LET_IN: Final = re.compile(r"authenticat", re.IGNORECASE)


class Weight(StrEnum):
    WRONG = "wrong"
    NOT_READY = "not_ready"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something about the rows of a group, in words for people: which value, and what is the matter with it."""

    weight: Weight
    group: Group
    about: str

    @property
    def line(self) -> str:
        return f"{where(self.group)}: {self.about}"


class Resolution(StrEnum):
    """What an estimate says of a product."""

    RESOLVES = auto()
    UNKNOWN = auto()
    NO_NEWS = auto()


def where(group: Group) -> str:
    """``line 3``, ``line 3 and 4 more rows``."""
    more = group.rows - 1
    return f"line {group.line}" + (f" and {more:,} more row{'s' if more > 1 else ''}" if more else "")


def is_refusal(answer: object) -> bool:
    """Whether this is the vendor's own verdict, in its own words, that what was asked for is not to be had."""
    if not isinstance(answer, Reply) or not answer.code or answer.job_id or _NOT_LET_IN.search(answer.description):
        return False
    status = answer.http_status
    return status in (200, 201) or (400 <= status < 500 and status not in _NO_VERDICTS)


def judge_list(group: Group, answer: ListStatus | Reply) -> Finding | None:
    """What is the matter with an address list; ``answer`` is its state, or a refusal."""
    name = f"addressId {group.values[0]}"
    if isinstance(answer, Reply):
        return _wrong(group, f"{name}: the remote has no such list ({in_words(answer)})")
    said = f"{answer.number}, {answer.words}" if answer.words else f"{answer.number}"
    match answer.state:
        case ListState.READY:
            return None
        case ListState.PREPARING:
            about = f"{name}: the remote is not done with this list (state {said})"
            return Finding(weight=Weight.NOT_READY, group=group, about=about)
        case ListState.BROKEN:
            return _wrong(group, f"{name}: the remote could not process this list (state {said}); upload it again")
    return _doubtful(group, f"{name}: the list is in a state that is not known ({said})")


def judge_document(group: Group, listed_class: str | None) -> Finding | None:
    """Whether a document's class at the remote is the one that its rows say: values are documentId, documentClass."""
    document_id, ours = group.values
    if listed_class is None or ours is None or listed_class == ours:
        return None
    about = f"documentId {document_id}: its class is {quoted(listed_class)} at the remote, not {quoted(ours)}"
    return _doubtful(group, about) if may_be_one_class(listed_class, ours) else _wrong(group, about)


def resolution_of(estimate: Answer | None) -> Resolution:
    """What an estimate says; None where none was asked for."""
    if not isinstance(estimate, Reply) or estimate.code is None:
        return Resolution.NO_NEWS
    if estimate.code == 0:
        return Resolution.RESOLVES if estimate.http_status in (200, 201) else Resolution.NO_NEWS
    is_unknown = is_refusal(estimate) and _NO_PRODUCT.search(estimate.description) is not None
    return Resolution.UNKNOWN if is_unknown else Resolution.NO_NEWS


def judge_product(
    group: Group, listed: Judgement | None, estimate: Answer | None, doubts: Sequence[str]
) -> Finding | None:
    """
    Whether the remote knows a product.

    Args:
        group: Its values in the order of ``OPTION_FIELDS``.
        listed: Where the combination stands in the remote's own list; None without a list.
        estimate: What the remote answered to an estimate; None where it was not asked.
        doubts: What a catalogue of seen combinations says, for where the remote says nothing.
    """
    if listed is not None and listed.standing is Standing.OFFERED:
        return None
    name = f"product {quoted(group.values[0] or '')}"
    match resolution_of(estimate):
        case Resolution.UNKNOWN:
            assert estimate is not None
            return _wrong(group, f"{name}: the remote knows no such product ({in_words(estimate)}){_nearest(listed)}")
        case Resolution.RESOLVES if listed is None or listed.standing is Standing.NOT_OFFERED:
            return None
    if listed is None:
        return _doubtful(group, f"{name}: {'; '.join(doubts)}") if doubts else None
    odd = "is spelled otherwise in" if listed.standing is Standing.MISSPELT else "is not among"
    return _doubtful(group, f"{name}: {odd} what the remote lists{_nearest(listed)}")


def refusal(manifest: str, findings: Sequence[Finding]) -> str | None:
    """Why nothing of the manifest is sent, a line each; None where nothing is wrong."""
    wrong = sorted((one for one in findings if one.weight is not Weight.DOUBTFUL), key=lambda one: one.group.line)
    if not any(one.weight is Weight.WRONG for one in wrong):
        return None
    count = len(wrong)
    shown = [f"  {one.line}" for one in wrong[:MOST_SHOWN]]
    if count > MOST_SHOWN:
        shown.append(f"  and {count - MOST_SHOWN:,} more")
    return "\n".join(
        [
            f"{manifest}: the remote would refuse {count:,} value{'s' if count > 1 else ''} in it; nothing was sent",
            *shown,
            "  " + _ADVICE,
        ]
    )


def not_ready(findings: Sequence[Finding]) -> str | None:
    """Which lists a run has waited for in vain, in one line; None where there are none."""
    waiting = [str(one.group.values[0]) for one in findings if one.weight is Weight.NOT_READY]
    if not waiting:
        return None
    return f"addressId {', '.join(waiting[:5])}" + (f" and {len(waiting) - 5:,} more" if len(waiting) > 5 else "")


def _nearest(listed: Judgement | None) -> str:
    if listed is None or not listed.nearest:
        return ""
    return "; the nearest has " + " and ".join(map(str, listed.nearest[0]))


def _wrong(group: Group, about: str) -> Finding:
    return Finding(weight=Weight.WRONG, group=group, about=about)


def _doubtful(group: Group, about: str) -> Finding:
    return Finding(weight=Weight.DOUBTFUL, group=group, about=about)
