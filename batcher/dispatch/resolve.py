"""A person settles one row that is in doubt or held."""

from __future__ import annotations

from batcher.core.errors import ConfigError
from batcher.core.states import State, shown_state
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import Campaign, OpenDoubt, Outcome, Recorded, Via

_DOUBTFUL = frozenset({State.IN_DOUBT, State.HELD})


async def resolve_row(
    ledger: Ledger, campaign: Campaign, *, number: int | None, key: str | None, job_id: int | None, now: str
) -> OpenDoubt:
    """
    Moves a doubtful row to done with ``job_id``, or without one back to pending; of a later stage, the job is its own.

    Returns:
        The row as it was before.

    Raises:
        ConfigError: there is no such row, it is not doubtful, or the job id is another row's, or not the one it has.
    """
    named = f"row {number}" if key is None else f"the row with key {key!r}"
    row = await ledger.find_row(campaign, number=number, key=key)
    if row is None:
        raise ConfigError(f"there is no such row in campaign {campaign.name!r}: {named}; `batcher results` lists them")
    if row.state not in _DOUBTFUL:
        shown = shown_state(row.stage, row.state)
        raise ConfigError(f"{named} is {shown}, neither in doubt nor held: there is nothing to resolve")
    if row.jobs and job_id is not None and job_id != row.jobs[0]:
        raise ConfigError(f"{named} has job {row.jobs[0]}: give that id, or --not-made if it is still a draft")
    outcome = Outcome(
        campaign_id=campaign.campaign_id,
        number=row.number,
        stage=row.stage,
        attempt=row.attempts,
        old=row.state,
        new=State.PENDING if job_id is None else State.DONE,
        tries=0,
        via=Via.PERSON,
        job_id=job_id,
        finished_at=now,
    )
    recorded = await ledger.record_outcome(outcome)
    if recorded is Recorded.ID_TAKEN:
        raise ConfigError(f"job {job_id} belongs to another row of this ledger; {named} stays as it is")
    return row
