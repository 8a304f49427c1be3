"""
What a look-up by signature may be believed, and how a doubt is settled.

Nothing a look-up says is believed, "found" included, until this run has proven it: a signature never used found
nothing, and a job known to exist was found with exactly its id. "Absent" counts only from a look-up made after the
time in which the remote can still be at work on the row. Both conversations are generators: they yield what they want
done and are sent what was seen, so they run without a clock or a socket; ``dispatch.doubts`` drives them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .outcome import Listing, LookUpAnswer, Reply
from .row import Doubt

FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 30.0
_FIRST_PROOF_PAUSE_S: Final = 0.1
_OLD_JOB_PATIENCE_S: Final = 20.0
_REFUSALS_ENOUGH: Final = 3
_NOT_FOUND: Final = "a job that exists is not found by its signature"
_NO_ANSWER: Final = "the look-up is not answered"
_NOTHING_CREATED: Final = "no job of this account is known that could show that the look-up works"


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


@dataclass(frozen=True, slots=True)
class Look:
    """Ask the remote for the jobs under this signature."""

    signature: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Let this many seconds pass."""

    seconds: float


@dataclass(frozen=True, slots=True)
class AwaitProof:
    """Go on when the run knows whether the look-up can be trusted, or that nothing is left that could show it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The answer to a ``Look``, and when it was asked and answered (boot-time seconds)."""

    answer: LookUpAnswer
    asked_at: float
    answered_at: float


@dataclass(frozen=True, slots=True)
class Found:
    """The remote holds these jobs under the signature; the first is the lowest id."""

    job_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Absent:
    """The remote holds no job under the signature, and can no longer be making one."""


@dataclass(frozen=True, slots=True)
class Untrusted:
    """The look-up cannot be trusted, so nothing is known; ``saw_jobs``: it did list some all the same."""

    reason: str
    saw_jobs: bool = False


Settled = Found | Absent | Untrusted


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """``settle_s``: how long after silence the remote may still be at work (``--settle``)."""

    settle_s: float = 300.0

    def margin_s(self, lag_s: float | None) -> float:
        """How long after its reply a job may still be missing from listings."""
        return self.settle_s if lag_s is None else 2 * lag_s + 1.0

    def proof_s(self, known: KnownJob | None, lag_s: float | None = None) -> float:
        """How long to look for a job that exists; one of an earlier run, which may have ended just now, needs less."""
        is_new = known is not None and known.sent_at is not None
        return self.settle_s if is_new else min(self.settle_s, max(_OLD_JOB_PATIENCE_S, self.margin_s(lag_s)))

    def absent_counts_from(self, doubt: Doubt, lag_s: float | None) -> float:
        """The moment after which an empty look-up means that there is no job; ``settle`` adds the remote's silence."""
        margin_s = self.margin_s(lag_s)
        return doubt.open_until + margin_s + (0.0 if doubt.replied else self.settle_s)


def prove(
    unused_signature: str, known: KnownJob | None, patience: Patience, kept_lag_s: float | None = None
) -> Generator[Look | Pause, Seen | None, Proof]:
    """
    Shows whether the look-up can be trusted.

    Yields what to do and is sent a ``Seen`` for each ``Look``; its pauses come to about ``patience.proof_s`` seconds
    at most. Without a known job it can show only that the look-up is broken, and silence does not show that: a job
    that this run creates later may still prove it. ``kept_lag_s`` is the lag that earlier runs have measured.
    """
    refusals, waited_s, pause_s = 0, 0.0, _FIRST_PROOF_PAUSE_S
    control: KnownJob | None = None  # first comes the signature that was never used
    while True:
        seen = yield Look(unused_signature if control is None else control.signature)
        assert seen is not None
        if control is None and seen.answer == Listing(job_ids=()):
            if known is None:
                return Proof(trust=Trust.UNKNOWN, reason=_NOTHING_CREATED)
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
        if is_answered and waited_s >= patience.proof_s(known, kept_lag_s):
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


def _is_refusal(answer: LookUpAnswer) -> bool:
    """Whether the remote answered, and will not answer otherwise later."""
    return isinstance(answer, Reply) and answer.http_status < 500 and answer.http_status != 429


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
            return Untrusted(proof.reason or _NOTHING_CREATED, saw_jobs=saw_jobs)
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


def _listed(ids: tuple[int, ...]) -> str:
    return f"job {ids[0]}" if len(ids) == 1 else f"{len(ids)} jobs ({ids[0]}, …)"
