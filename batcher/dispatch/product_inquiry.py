"""One combination of product options, and what the remote says of it."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from batcher.core.errors import RemoteRefused, RemoteSilent
from batcher.core.material import ProductOptions
from batcher.core.outcome import Answer, Reply, in_words
from batcher.core.preflight import Resolution, resolution_of
from batcher.core.product import REQUIRED_OPTIONS, Combination, Judgement, Standing, judge

from .ports import Inspection

_NOT_LET_IN: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """``listed`` is None where the remote has no list of that class, ``estimate`` where no estimate was needed."""

    listed: Judgement | None
    estimate: Answer | None = None

    @property
    def resolution(self) -> Resolution:
        return resolution_of(self.estimate)


async def inquire(remote: Inspection, combination: Combination) -> Told:
    """
    Asks for the list of the combination's class and, where it is not in it, for an estimate.

    A combination that leaves out a required option is compared with the list alone.

    Raises:
        RemoteRefused: the credentials are rejected.
        RemoteSilent: it told nothing.
    """
    answer = await remote.product_options(combination.document_class)
    _require_let_in(answer)
    listed = None
    if isinstance(answer, ProductOptions) and answer.combinations:
        listed = judge(combination, answer.combinations)
    if listed is not None and listed.standing is Standing.OFFERED:
        return Told(listed=listed)
    if not set(REQUIRED_OPTIONS) <= combination.named().keys():
        if listed is None:
            raise _silent(answer)
        return Told(listed=listed)
    estimate = await remote.estimate(combination)
    _require_let_in(estimate)
    told = Told(listed=listed, estimate=estimate)
    if listed is None and told.resolution is Resolution.NO_NEWS:
        raise _silent(estimate)
    return told


async def offered_in(remote: Inspection, document_class: str | None) -> tuple[Combination, ...]:
    """
    The combinations that the remote lists for a class; without one, what it lists then.

    Raises:
        RemoteRefused: the credentials are rejected.
        RemoteSilent: it told nothing.
    """
    answer = await remote.product_options(document_class)
    _require_let_in(answer)
    if not isinstance(answer, ProductOptions):
        raise _silent(answer)
    return answer.combinations


def _require_let_in(answer: object) -> None:
    if isinstance(answer, Reply) and answer.http_status in _NOT_LET_IN:
        raise RemoteRefused(f"the remote does not let us in ({in_words(answer)}); check the user name and the password")


def _silent(answer: ProductOptions | Answer) -> RemoteSilent:
    said = "an empty list" if isinstance(answer, ProductOptions) else in_words(answer)
    return RemoteSilent(f"the remote does not tell of its products ({said}); try again later, or ask with --offline")
