"""Asks where submitted jobs stand at the remote, and writes it down. No row's state follows from it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from batcher.core.classify import Verdict, classify
from batcher.core.events import Observer, StatesRead
from batcher.core.outcome import in_words
from batcher.core.tally import StopReason
from batcher.core.tracking import sighting_of
from batcher.ledger.job_records import Draft, JobSeen
from batcher.ledger.protocol import Ledger
from batcher.ledger.records import Campaign

from .asking import Asking
from .clock import timestamp
from .ports import Remote
from .stop import Stop

_PAGE: Final = 256
"""So many are written in one commit: what ``kill -9`` can lose of what was read."""


@dataclass(slots=True, kw_only=True)
class Tracked:
    """
    What came of asking: how many jobs were asked for, and how many that were worth it were not.

    ``words`` is what the remote said beside the state, by row number; ``silence`` why the first of the ``unanswered``
    was not answered.
    """

    asked: int = 0
    not_asked: int = 0
    unanswered: int = 0
    silence: str = ""
    words: dict[int, str] = field(default_factory=dict)


async def track(
    asking: Asking,
    ledger: Ledger,
    remote: Remote,
    campaign: Campaign,
    *,
    limit: int,
    now: Callable[[], datetime],
    emit: Observer,
    stop: Stop,
) -> Tracked:
    """
    Reads the states of at most ``limit`` jobs into the ledger, those asked for longest ago first.

    Where the run is asked to stop meanwhile, or stops itself because nobody answers, what was read is kept.
    """
    due = (await ledger.whereabouts(campaign)).on_their_way
    drafts = await ledger.on_their_way(campaign, limit=limit)
    tour = _Tour(asking, remote, len(drafts), emit, stop)
    if drafts:
        await tour.look_at_account()
    for first in range(0, len(drafts), _PAGE):
        seen = await tour.look_at(drafts[first : first + _PAGE])
        await ledger.note_remote_states(campaign, seen, now=timestamp(now()))
    tour.tracked.not_asked = due - tour.tracked.asked
    return tour.tracked


class _Tour:
    """One round of questions."""

    def __init__(self, asking: Asking, remote: Remote, total: int, emit: Observer, stop: Stop) -> None:
        self.tracked = Tracked()
        self._asking = asking
        self._remote = remote
        self._total = total
        self._emit = emit
        self._stop = stop

    async def look_at_account(self) -> None:
        """Stops where the account is not there, or not open to us; else every job's answer would have to be doubted."""
        answer = await self._asking.ask(self._remote.credit)
        verdict = classify(answer)
        if verdict is Verdict.FORBIDDEN:
            self._stop.request(StopReason.CREDENTIALS, detail=in_words(answer))
        elif verdict in {Verdict.NOT_FOUND, Verdict.REDIRECTED}:
            self._stop.request(StopReason.ADDRESS, detail=in_words(answer))

    async def look_at(self, drafts: Sequence[Draft]) -> list[JobSeen]:
        """What was heard of these jobs, until somebody asks to stop."""
        seen: list[JobSeen] = []
        if not self._stop.requested:
            await asyncio.gather(*(self._look(draft, seen) for draft in drafts))
        return seen

    async def _look(self, draft: Draft, seen: list[JobSeen]) -> None:
        (job_id,) = draft.jobs
        sighting = sighting_of(await self._asking.ask(lambda: self._remote.status(job_id)))
        tracked = self.tracked
        if sighting.state is None and self._stop.requested:
            return  # this is why it stops, or it would have been asked again
        if sighting.state is None:
            tracked.unanswered += 1
            tracked.silence = tracked.silence or sighting.words
        elif sighting.words:
            tracked.words[draft.number] = sighting.words
        seen.append(JobSeen(number=draft.number, state=sighting.state))
        tracked.asked += 1
        self._emit(StatesRead(jobs=tracked.asked, total=self._total))
