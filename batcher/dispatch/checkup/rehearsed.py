"""What a rehearsal has shown: of the row, of the look-up, and of what is left of the draft."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from batcher.core.classify import Verdict, classify
from batcher.core.errors import Exit
from batcher.core.job import Cost, CostAnswer, JobAnswer, JobStatus
from batcher.core.money import money_words
from batcher.core.outcome import Answer, Listing, Reply, in_words
from batcher.core.proof import NOTHING_CREATED, Proof, Trust

from .check import Check, failed, ok, skipped, warning
from .removal import Removal

_LOST: Final = frozenset({Verdict.NO_VERDICT, Verdict.REPORTED_FAILURE})
_FREE: Final = "a draft costs nothing"


@dataclass(slots=True, kw_only=True)
class Rehearsed:
    """
    How far a rehearsal came, filled in on the way. What it did not come to is None.

    ``control`` is the look before the POST, ``answer`` that to the POST, ``listed`` what is found where it was lost,
    ``proof`` what looking for the draft has shown.
    """

    signature: str
    control: Proof | None = None
    answer: Answer | None = None
    listed: Listing | None = None
    proof: Proof | None = None
    status: JobAnswer | None = None
    cost: CostAnswer | None = None
    removal: Removal | None = None

    @property
    def job_id(self) -> int | None:
        """The draft's, by the reply to the POST."""
        is_made = isinstance(self.answer, Reply) and classify(self.answer) is Verdict.DONE
        return self.answer.job_id if is_made and isinstance(self.answer, Reply) else None

    @property
    def is_lost(self) -> bool:
        """Whether there may be a draft that nobody has told the id of."""
        return self.answer is not None and classify(self.answer) in _LOST


def checks_of(seen: Rehearsed, *, row: str, jobs_url: str, own_signatures: bool) -> list[Check]:
    """
    Args:
        row: What the draft was made of, in words.
        jobs_url: Where jobs are posted, to say how one is deleted by hand.
        own_signatures: ``--keep-app-signature`` is set.
    """
    checks = [_draft_check(seen, row, jobs_url), _lookup_check(seen, own_signatures=own_signatures)]
    if seen.job_id is not None:
        checks.append(_removal_check(seen.job_id, seen.removal, jobs_url))
    return checks


def _draft_check(seen: Rehearsed, row: str, jobs_url: str) -> Check:
    if seen.control is None:
        return skipped("draft", "stopped before one was made")
    if seen.answer is None:
        return skipped("draft", "none was made, because the look-up does not work")
    if seen.job_id is not None:
        return _made(seen, seen.job_id, row)
    if seen.is_lost:
        return _lost(seen, jobs_url)
    return _not_made(seen.answer, row)


def _made(seen: Rehearsed, job_id: int, row: str) -> Check:
    state = seen.status.words if isinstance(seen.status, JobStatus) else None
    micros = seen.cost.micros if isinstance(seen.cost, Cost) else None
    price = "" if micros is None else f", {money_words(micros)} USD to submit"
    what = f"{row} became job {job_id}{f' ({state})' if state else ''}{price}"
    facts = {"job_id": job_id, "state": state, "cost_usd": None if micros is None else micros / 1_000_000}
    return ok("draft", what, signature=seen.signature, **facts)


def _lost(seen: Rehearsed, jobs_url: str) -> Check:
    assert seen.answer is not None
    what = f"the reply to the POST was lost ({in_words(seen.answer)})"
    if seen.listed is not None and seen.listed.job_ids:
        ids = ", ".join(map(str, seen.listed.job_ids))
        what += f"; under its signature {seen.signature} the look-up lists job {ids}, which proves nothing by itself"
        by_hand = _by_hand(seen.listed.job_ids[0], jobs_url)
        next_step = f"see in the account whether that is the draft, and delete it there or with {by_hand}; {_FREE}"
    else:
        what += f"; nothing was seen under its signature {seen.signature}"
        next_step = f"should it turn up in the account, delete it there; {_FREE}"
    return warning("draft", what, next_step, signature=seen.signature)


def _not_made(answer: Answer, row: str) -> Check:
    said = in_words(answer)
    match classify(answer):
        case Verdict.BAD_CREDENTIALS:
            return failed("draft", f"refused: {said}", "check the user name and the password", Exit.REFUSED)
        case Verdict.NOT_FOUND | Verdict.REDIRECTED:
            next_step = "check the address (--base-url); it usually ends with /molpro"
            return failed("draft", f"jobs are not made at this address: {said}", next_step, Exit.USAGE)
        case Verdict.REJECTED | Verdict.FORBIDDEN:
            return failed("draft", f"{row} is refused: {said}", "mend it, or name another with --row", Exit.USAGE)
    return warning("draft", f"none was made: {said}", "try again later")


def _lookup_check(seen: Rehearsed, *, own_signatures: bool) -> Check:
    proof = seen.control if seen.proof is None else seen.proof
    if proof is None or proof.reason == NOTHING_CREATED:
        why = "there was no draft to look for" if seen.job_id is None else "the draft was not looked for to the end"
        return skipped("look-up", f"not known whether it can be trusted: {why}", "probe again")
    if proof.trust is Trust.UNKNOWN:
        return warning("look-up", f"not known whether it can be trusted: {proof.reason}", "probe again later")
    lag_s = None if proof.lag_s is None else round(proof.lag_s, 3)
    if proof.trust is Trust.BROKEN:
        what = f"cannot be trusted here: {proof.reason}; rows whose replies are lost would be held for a person"
        next_step = "check --lookup-path and --lookup-query, ask the vendor, and see --on-doubt"
        return warning("look-up", what, next_step, trusted=False)
    what = f"can be trusted here: lag {lag_s} s from the request to its first sight"
    if own_signatures:
        what += "; but with --keep-app-signature rows are not found by ours, and held when their replies are lost"
        return warning("look-up", what, "leave --keep-app-signature off", trusted=True, lag_s=lag_s)
    return ok("look-up", what, trusted=True, lag_s=lag_s)


def _removal_check(job_id: int, removal: Removal | None, jobs_url: str) -> Check:
    if removal is not None and removal.is_gone:
        return ok("clean-up", f"job {job_id} is deleted again", job_id=job_id)
    next_step = f"look for it in the account, and delete it there or with {_by_hand(job_id, jobs_url)}; {_FREE}"
    if removal is None:
        return warning(
            "clean-up",
            f"job {job_id} was not seen to be gone, because you asked twice to stop",
            next_step,
            job_id=job_id,
        )
    if removal.is_gone is None:
        what = f"job {job_id} is deleted by the remote's word, which could not be checked: {removal.words}"
    else:
        what = f"job {job_id} could not be deleted: {removal.words}"
    return warning("clean-up", what, next_step, job_id=job_id)


def _by_hand(job_id: int, jobs_url: str) -> str:
    return f"POST {jobs_url}/{job_id}/delete"
