"""
How a doubt about a row is settled by look-ups.

"Absent" counts only from a look-up made after the time in which the remote can still be at work on the row, and
nothing counts before the look-up is proven (``core.proof``). The conversation is a generator, driven by
``dispatch.doubts``.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

from .look import FIRST_PAUSE_S, LONGEST_PAUSE_S, Look, Pause, Seen
from .outcome import Listing
from .patience import Patience
from .proof import NOTHING_CREATED, Proof, Trust
from .row import Doubt


@dataclass(frozen=True, slots=True)
class AwaitProof:
    """Go on when the run knows whether the look-up can be trusted, or that nothing is left that could show it."""


@dataclass(frozen=True, slots=True)
class Found:
    """The remote holds these jobs under the signature; the first is the lowest id."""

    job_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Absent:
    """The remote holds no job under the signature, and can no longer be making one."""


@dataclass(frozen=True, slots=True)
class Refused:
    """It was not done, and cannot be done any more."""

    reason: str


@dataclass(frozen=True, slots=True)
class Untrusted:
    """The look-up cannot be trusted, so nothing is known; ``saw_jobs``: it did list some all the same."""

    reason: str
    saw_jobs: bool = False


Settled = Found | Absent | Refused | Untrusted


def settle(
    doubt: Doubt,
    patience: Patience,
    proof_now: Callable[[], Proof],
    now: Callable[[], float],
    silence_after: Callable[[float], float],
) -> Generator[Look | Pause | AwaitProof, Seen | None, Settled]:
    """
    Finds out what became of a doubtful row.

    Looks early and often, because "found" ends the doubt at once; "absent" must wait for its time. ``proof_now`` tells
    what the run knows of the look-up at that moment, ``now`` is the boot-time clock. ``silence_after`` tells for how
    many seconds since a moment the remote has not answered look-ups; they do not count, because what it was at work on
    may go on when it is back.
    """
    if proof_now().trust is Trust.UNKNOWN:
        yield AwaitProof()
    pause_s, saw_jobs = FIRST_PAUSE_S, False
    while (before := proof_now()).trust is not Trust.BROKEN:
        seen = yield Look(doubt.row.signature)
        assert seen is not None
        proof, listed = proof_now(), isinstance(seen.answer, Listing)
        job_ids = seen.answer.job_ids if isinstance(seen.answer, Listing) else ()
        saw_jobs = saw_jobs or bool(job_ids)
        if proof.trust is Trust.UNKNOWN:
            # Nothing can prove the look-up any more. What it lists is not believed, but it forbids to send again.
            return Untrusted(proof.reason or NOTHING_CREATED, saw_jobs=saw_jobs)
        counts_from = patience.absent_counts_from(doubt, proof.lag_s) + silence_after(doubt.open_until)
        if listed and before.trust is proof.trust is Trust.PROVEN:
            if job_ids:
                return Found(tuple(sorted(job_ids)))
            if seen.asked_at >= counts_from:
                return Absent()
        left_s = counts_from - now()
        yield Pause(min(pause_s, left_s) if left_s > 0 else pause_s)
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
    return Untrusted(before.reason, saw_jobs=saw_jobs)
