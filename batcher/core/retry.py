"""Which state a row moves to once its attempt has an answer. Waiting itself is tenacity's; see ``dispatch.pursuit``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from .classify import Verdict
from .reconcile import Trust
from .states import State


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


def uses_a_try(verdict: Verdict) -> bool:
    """Whether an attempt counts against ``max_attempts``: only when the remote may have seen the row itself."""
    return verdict not in {Verdict.UNREACHED, Verdict.BAD_CREDENTIALS, Verdict.FORBIDDEN}


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
        case Verdict.CREATED:
            return State.DONE
        case Verdict.REJECTED:
            return State.REJECTED
        case Verdict.UNREACHED | Verdict.BAD_CREDENTIALS | Verdict.FORBIDDEN:
            return State.PENDING
        case Verdict.NOT_MADE | Verdict.NOT_FOUND:
            return free_again(tries, policy)
        case Verdict.REPORTED_FAILURE:
            # Looked up first wherever that can be trusted; where it cannot, the remote's own word is taken.
            takes_its_word = trust is Trust.BROKEN and not policy.strict_500
            return free_again(tries, policy) if takes_its_word else State.IN_DOUBT
        case Verdict.NO_VERDICT | Verdict.REDIRECTED:
            return State.IN_DOUBT
        case _:
            assert_never(verdict)


def free_again(tries: int, policy: RetryPolicy) -> State:
    """Where a row goes that is known to have made nothing."""
    return State.FAILED if tries >= policy.max_attempts else State.PENDING
