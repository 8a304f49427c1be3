"""What the remote lists under a signature whose reply was lost: for people, as nothing is settled without a proof."""

from __future__ import annotations

from collections.abc import Generator

from .look import FIRST_PAUSE_S, LONGEST_PAUSE_S, Look, Pause, Seen
from .outcome import Listing


def search(signature: str, limit_s: float) -> Generator[Look | Pause, Seen | None, Listing | None]:
    """
    Looks until something is listed, with pauses of about ``limit_s`` seconds together at most.

    Returns:
        The list that is not empty, else an empty one; None where the remote did not even say that.
    """
    waited_s, pause_s, last = 0.0, FIRST_PAUSE_S, None
    while True:
        seen = yield Look(signature)
        assert seen is not None
        if isinstance(seen.answer, Listing):
            last = seen.answer
            if last.job_ids:
                return last
        if waited_s >= limit_s:
            return last
        pause_s = min(pause_s, LONGEST_PAUSE_S, limit_s - waited_s)
        yield Pause(pause_s)
        waited_s, pause_s = waited_s + pause_s, pause_s * 2
