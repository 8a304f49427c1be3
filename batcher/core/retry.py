"""Which state a row moves to once its attempt has an answer. Waiting itself is tenacity's; see ``dispatch.pursuit``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from .classify import Verdict
from .proof import Trust
from .reconcile import Absent, Found, Refused, Settled, Untrusted
from .row import Doubt
from .states import State


class OnDoubt(StrEnum):
    """What to do with a row of which the remote may hold a job (``--on-doubt``)."""

    CHECK = "check"
    """Look it up; hold it where no look-up can be trusted."""
    HOLD = "hold"
    """Leave it to a person, without a look."""
    RESEND = "resend"
    """Look it up; send it again where no look-up can be trusted, and count it as a possible duplicate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """
    How often and how patiently a row is tried.

    ``max_attempts`` counts the tries of one run; the wait before try n is drawn from 0 to ``backoff_s * 2 ** (n - 1)``
    seconds, at most ``max_backoff_s``. With ``strict_500`` a failure that the remote reports itself is treated like
    silence: never sent again unless a proven look-up says that there is no job.
    """

    max_attempts: int = 5
    backoff_s: float = 0.5
    max_backoff_s: float = 30.0
    strict_500: bool = False
    on_doubt: OnDoubt = OnDoubt.CHECK


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """
    Where a settled doubt leads, and what to say of it where it is not good.

    ``unchecked``: the row goes on although the remote may hold a job of it.
    """

    state: State
    error: str | None = None
    unchecked: bool = False


LEFT_TO_A_PERSON: Final = Ending(state=State.HELD, error="in doubt, and --on-doubt hold asks for no look-up")


_THE_RUNS_TROUBLE: Final = frozenset(
    {Verdict.UNREACHED, Verdict.BAD_CREDENTIALS, Verdict.FORBIDDEN, Verdict.PAYMENT_REFUSED}
)


def uses_a_try(verdict: Verdict) -> bool:
    """Whether an attempt counts against ``max_attempts``: only when the remote may have seen the row itself."""
    return verdict not in _THE_RUNS_TROUBLE


def state_after(verdict: Verdict, *, tries: int, trust: Trust, policy: RetryPolicy) -> State:
    """
    Where a row goes from ``sending``.

    Args:
        verdict: What the answer means.
        tries: Tries used up so far, this one included.
        trust: What this run knows of the look-up.
        policy: The run's.
    """
    match verdict:
        case Verdict.DONE:
            return State.DONE
        case Verdict.REJECTED:
            return State.REJECTED
        case Verdict.UNREACHED | Verdict.BAD_CREDENTIALS | Verdict.FORBIDDEN | Verdict.PAYMENT_REFUSED:
            return State.PENDING
        case Verdict.NOT_MADE | Verdict.NOT_FOUND:
            return free_again(tries, policy)
        case Verdict.REPORTED_FAILURE:
            # Looked up first wherever that can be trusted; where it cannot, the remote's own word is taken.
            takes_its_word = trust is Trust.BROKEN and not policy.strict_500
            return free_again(tries, policy) if takes_its_word else State.IN_DOUBT
        case Verdict.NO_VERDICT | Verdict.REDIRECTED | Verdict.OTHER_STATE:
            return State.IN_DOUBT
        case _:
            assert_never(verdict)


def is_unchecked(verdict: Verdict, state: State) -> bool:
    """Whether an attempt that may have made a job led to a state from which the row is sent again, without a look."""
    return verdict is Verdict.REPORTED_FAILURE and state is not State.IN_DOUBT


def is_looked_up(doubt: Doubt, policy: RetryPolicy) -> bool:
    """Whether a doubt is anybody's but a person's to settle; a failure that the remote reports itself always is."""
    return doubt.replied or policy.on_doubt is not OnDoubt.HOLD


def state_once_settled(doubt: Doubt, settled: Settled, policy: RetryPolicy) -> Ending:
    """Where a row goes whose doubt was settled, as far as that was possible."""
    match settled:
        case Found():
            return Ending(state=State.DONE)
        case Absent():
            return Ending(state=_state_of_a_free_row(doubt, policy))
        case Refused(reason=reason):
            return Ending(state=State.REJECTED, error=reason)
        case Untrusted(reason=reason, saw_jobs=saw_jobs):
            takes_its_word = doubt.replied and doubt.row.state is State.IN_DOUBT and not policy.strict_500
            if not saw_jobs and (takes_its_word or policy.on_doubt is OnDoubt.RESEND):
                return Ending(state=_state_of_a_free_row(doubt, policy), unchecked=True)
            return Ending(state=State.HELD, error=f"no look-up can be trusted: {reason}")
        case _:
            assert_never(settled)


def _state_of_a_free_row(doubt: Doubt, policy: RetryPolicy) -> State:
    return State.PENDING if doubt.row.state is State.HELD else free_again(doubt.row.tries, policy)


def free_again(tries: int, policy: RetryPolicy) -> State:
    """Where a row goes that is known to have made nothing."""
    return State.FAILED if tries >= policy.max_attempts else State.PENDING
