"""What an answer about a submitted job says of where it stands; the row's own state never follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .job import DRAFT, JobAnswer, JobStatus, RemoteState
from .outcome import in_words
from .status import says_not_found

NOT_FOUND: Final = "not_found"
"""The vendor says that there is no such job."""

NOT_UNDERSTOOD: Final = "not_understood"
"""The remote names a state that nobody knows."""

SEEN_STATES: Final = (*map(str, RemoteState), NOT_FOUND, NOT_UNDERSTOOD)
"""Every word for where a submitted job stands, in the order in which they are shown."""

UNSUBMITTED: Final = tuple(str(state) for state in RemoteState if state in DRAFT)
"""A job that was submitted cannot stand there: the ledger and the remote contradict each other."""

GONE_WRONG: Final = (str(RemoteState.ERROR), NOT_FOUND, NOT_UNDERSTOOD)
"""A job that stands there may never be mailed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """``state`` is one of ``SEEN_STATES``, or None where there was no answer; ``words`` say more, for people."""

    state: str | None
    words: str = ""


def sighting_of(answer: JobAnswer) -> Sighting:
    """Where the job stands, as far as the answer tells."""
    if isinstance(answer, JobStatus):
        if answer.state is None:
            return Sighting(state=NOT_UNDERSTOOD, words=answer.words or "a state without a name")
        return Sighting(state=str(answer.state), words=answer.error)
    return Sighting(state=NOT_FOUND if says_not_found(answer) else None, words=in_words(answer))
