"""
Whether a look-up by signature may be believed.

Nothing a look-up says is believed, "found" included, until this run has proven it: a signature never used found
nothing, and a job known to exist was found with exactly its id. Later jobs of the run are samples: they measure the
lag anew, and one that is not found takes the proof back.

The conversations are generators: they yield what they want done and are sent what was seen, so they run without a
clock or a socket; ``dispatch.prover`` drives them.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .job import JobAnswer
from .look import LONGEST_PAUSE_S, Look, Pause, Seen
from .outcome import Listing, LookUpAnswer, Reply
from .patience import Patience

_FIRST_PAUSE_S: Final = 0.1
_REFUSALS_ENOUGH: Final = 3
_NOT_FOUND: Final = "a job that exists is not found by its signature"
_NO_ANSWER: Final = "the look-up is not answered"
NOTHING_CREATED: Final = "no job of this account is known that could show that the look-up works"


class Trust(StrEnum):
    """What this run knows of the look-up."""

    UNKNOWN = "unknown"
    PROVEN = "proven"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """
    ``lag_s``: the longest time from a job's request to its first sight; None where it was never measured. It counts
    from the request, because the job may be made long before its reply comes.

    ``missed``: the control was not found at all, rather than contradicted.
    """

    trust: Trust
    reason: str = ""
    lag_s: float | None = None
    missed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownJob:
    """A job of this account that the ledger has the id of. ``sent_at``: boot-time seconds, if in this run."""

    signature: str
    job_id: int
    sent_at: float | None = None


Conversation = Generator[Look | Pause, Seen | None, Proof]
"""Yields what to do, is sent a ``Seen`` for each ``Look``, and comes to what that shows."""


def prove(
    unused_signature: str, known: KnownJob | None, patience: Patience, kept_lag_s: float | None = None
) -> Conversation:
    """
    Shows whether the look-up can be trusted.

    The pauses come to about ``patience.proof_s`` seconds at most. Without a known job it can show only that the
    look-up is broken, and silence does not show that: a job that this run creates later may still prove it.
    ``kept_lag_s`` is the lag that earlier runs have measured.
    """
    refusals, waited_s, pause_s = 0, 0.0, _FIRST_PAUSE_S
    control: KnownJob | None = None  # first comes the signature that was never used
    proof_s = patience.proof_s(is_new=known is not None and known.sent_at is not None, lag_s=kept_lag_s)
    while True:
        seen = yield Look(unused_signature if control is None else control.signature)
        assert seen is not None
        if control is None and seen.answer == Listing(job_ids=()):
            if known is None:
                return Proof(trust=Trust.UNKNOWN, reason=NOTHING_CREATED)
            control = known
            continue
        if (proof := _proof_of(seen, control)) is not None:
            return proof
        refusals += _is_refusal(seen.answer)
        if refusals >= _REFUSALS_ENOUGH and isinstance(seen.answer, Reply):
            reason = f"the look-up is answered with HTTP {seen.answer.http_status} and no list"
            return Proof(trust=Trust.BROKEN, reason=reason)
        is_answered = isinstance(seen.answer, Listing)
        if not is_answered and waited_s >= patience.settle_s:
            return Proof(trust=Trust.UNKNOWN, reason=_NO_ANSWER)
        if is_answered and waited_s >= proof_s:
            return Proof(trust=Trust.BROKEN, reason=_NOT_FOUND, missed=True)
        yield Pause(pause_s)
        waited_s, pause_s = waited_s + pause_s, min(pause_s * 2, LONGEST_PAUSE_S)


def sample(known: KnownJob, patience: Patience) -> Conversation:
    """
    Measures the lag once more, on a later job of the run.

    A look-up that is not answered shows nothing (``UNKNOWN``); one that does not find the job, or finds another, breaks
    the proof.
    """
    waited_s, pause_s = 0.0, _FIRST_PAUSE_S
    while True:
        seen = yield Look(known.signature)
        assert seen is not None
        if (proof := _proof_of(seen, known)) is not None:
            return proof
        if not isinstance(seen.answer, Listing):
            return Proof(trust=Trust.UNKNOWN, reason=_NO_ANSWER)
        if waited_s >= patience.proof_s(is_new=True):
            return Proof(trust=Trust.BROKEN, reason=_NOT_FOUND, missed=True)
        yield Pause(pause_s)
        waited_s, pause_s = waited_s + pause_s, min(pause_s * 2, LONGEST_PAUSE_S)


def _proof_of(seen: Seen, control: KnownJob | None) -> Proof | None:
    """What a list with jobs in it shows; without a control nothing should have been in it."""
    if not isinstance(seen.answer, Listing) or not seen.answer.job_ids:
        return None
    ids = seen.answer.job_ids
    if control is None:
        return Proof(trust=Trust.BROKEN, reason=f"a signature that was never used found {_listed(ids)}")
    if ids != (control.job_id,):
        return Proof(trust=Trust.BROKEN, reason=f"the look-up for job {control.job_id} found {_listed(ids)}")
    lag_s = None if control.sent_at is None else max(0.0, seen.answered_at - control.sent_at)
    return Proof(trust=Trust.PROVEN, lag_s=lag_s)


def _is_refusal(answer: LookUpAnswer | JobAnswer) -> bool:
    """Whether the remote answered, and will not answer otherwise later."""
    return isinstance(answer, Reply) and answer.http_status < 500 and answer.http_status != 429


def _listed(ids: tuple[int, ...]) -> str:
    return f"job {ids[0]}" if len(ids) == 1 else f"{len(ids)} jobs ({ids[0]}, …)"
