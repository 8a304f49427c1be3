"""Whether a draft is gone, by what the remote answers to its deletion and what it shows afterwards."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from batcher.core.classify import Verdict, classify
from batcher.core.job import JobAnswer, JobStatus, RemoteState
from batcher.core.outcome import Answer, Reply, in_words

_NO_SUCH_JOB: Final = re.compile(r"not found", re.IGNORECASE)
"""``Job ID not found``. API reference, "Submit a job", return codes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """``is_gone`` is None where the remote says so and does not show it. ``words`` say what it answered."""

    is_gone: bool | None
    words: str


def removal_of(answer: Answer, after: JobAnswer, *, was_shown: bool) -> Removal:
    """
    What became of the draft.

    Args:
        answer: To its deletion.
        after: To the question where it stands, asked afterwards.
        was_shown: The same question had been answered before.
    """
    was_taken = classify(answer) is Verdict.DONE
    if isinstance(after, JobStatus):
        shown = f"{after.words or 'a state without a name'} afterwards"
        said = "deleted" if was_taken else in_words(answer)
        return Removal(is_gone=after.state is RemoteState.DELETED, words=f"{said}, and {shown}")
    if _knows_no_such_job(after) and (was_taken or was_shown):
        return Removal(is_gone=True, words=in_words(after))
    return Removal(is_gone=None if was_taken else False, words=in_words(after if was_taken else answer))


def _knows_no_such_job(answer: Answer) -> bool:
    """Whether the remote says so; any other refusal, of us for one, is no news about the job."""
    if not isinstance(answer, Reply):
        return False
    return answer.http_status == HTTPStatus.NOT_FOUND or _NO_SUCH_JOB.search(answer.description) is not None
