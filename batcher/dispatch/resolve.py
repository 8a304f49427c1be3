"""A person settles one row that is in doubt or held."""

from __future__ import annotations

from batcher.core.errors import ConfigError
from batcher.core.states import Stage, State, shown_state
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import Campaign, OpenDoubt, Outcome, Recorded, Via

_DOUBTFUL = frozenset({State.IN_DOUBT, State.HELD})


async def resolve_row(
    ledger: Ledger, campaign: Campaign, *, number: int | None, key: str | None, job_id: int | None, now: str
) -> OpenDoubt:
    """
    Moves a doubtful row to created with ``job_id``, or without one back to pending.

    Returns:
        The row as it was before.

    Raises:
        ConfigError: there is no such row, it is not doubtful, or another row holds the job id.
    """
    named = f"row {number}" if key is None else f"the row with key {key!r}"
    row = await ledger.find_row(campaign, number=number, key=key)
    if row is None:
        raise ConfigError(f"there is no such row in campaign {campaign.name!r}: {named}; `batcher results` lists them")
    if row.state not in _DOUBTFUL:
        shown = shown_state(Stage.CREATE, row.state)
        raise ConfigError(f"{named} is {shown}, neither in doubt nor held: there is nothing to resolve")
    outcome = Outcome(
        campaign_id=campaign.campaign_id,
        number=row.number,
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
