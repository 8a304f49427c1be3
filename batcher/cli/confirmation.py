"""Nothing that costs money or deletes is done before somebody has named the number of jobs."""

from __future__ import annotations

import signal
import sys
from typing import ClassVar

from batcher.core.errors import BatcherError, Exit


class NotConfirmed(BatcherError):
    """Nobody said that it may be done, or it is over a limit; nothing was done."""

    exit_code: ClassVar[Exit] = Exit.NOT_CONFIRMED


def may_ask() -> bool:
    """Whether somebody sits at a terminal to be asked."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def require_confirmation(given: int | None, wanted: int, what: str, *, ask: bool) -> None:
    """
    Compares the number that was given with that of the jobs; asks for it where nobody gave one.

    Args:
        what: What would be done, as in ``submit 12 jobs for 9.48``.

    Raises:
        NotConfirmed: It was not given, or is another.
        KeyboardInterrupt: Ctrl-C was the answer.
    """
    if given is None and ask:
        given = _ask(what)
        if given is None:
            raise NotConfirmed("nothing was done: that was not the number of jobs")
    if given is None:
        raise NotConfirmed(f"nothing was done; --confirm {wanted} would {what}")
    if given != wanted:
        raise NotConfirmed(
            f"nothing was done: {given} was confirmed, and there are {wanted}; look at them, then --confirm {wanted}"
        )


def _ask(what: str) -> int | None:
    """The number that was typed; None for anything else."""
    sys.stderr.write(f"This will {what}. Type the number of jobs to go ahead: ")
    sys.stderr.flush()
    # The event loop has taken Ctrl-C for itself, and hears it only when this returns.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        answer = sys.stdin.readline().strip().replace(",", "")
    finally:
        signal.signal(signal.SIGINT, before)
    return int(answer) if answer.isascii() and answer.isdecimal() and len(answer) < 19 else None
