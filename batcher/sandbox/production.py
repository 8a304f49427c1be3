"""
How a submitted job moves on: a matter of the time since its submission, and of nothing else.

How long the vendor takes is published for one step only: what is ordered before 20:00 US Eastern goes into production
then. The times here are made up in that manner. Nothing is kept of a step, so a job that nobody asked about, or whose
emulator was stopped meanwhile, stands where it would have stood anyway.
"""

from __future__ import annotations

from batcher.sandbox.job import Job, JobState
from batcher.sandbox.materials import SPOILT_ID

_STEPS: tuple[tuple[JobState, float], ...] = (
    (JobState.ORDER_SUBMITTED, 60.0),
    (JobState.ORDER_PROCESSING, 240.0),
    (JobState.AWAITING_PRODUCTION, 6 * 3600.0),
    (JobState.IN_PRODUCTION, 12 * 3600.0),
)
"""Seconds a job spends in each state. After the last it is mailed, for good."""

_AT_REST = (JobState.EDITING, JobState.CANCELLED, JobState.DELETED)

ERROR_MESSAGE = "The document could not be prepared for production."


def state_at(job: Job, now: float, *, speed: float) -> JobState:
    """
    Where the job stands.

    A job of the spoilt document ends in error where others begin to await production.

    Args:
        speed: How many seconds of the vendor's pass in one of ``now``; 0 keeps a job in its first state.
    """
    if job.state in _AT_REST:
        return job.state
    age_s = (now - job.submitted_at) * speed
    for state, lasts_s in _STEPS:
        if state is JobState.AWAITING_PRODUCTION and job.document_id == SPOILT_ID:
            return JobState.ERROR
        if age_s < lasts_s:
            return state
        age_s -= lasts_s
    return JobState.MAILED
