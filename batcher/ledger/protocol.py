"""
What every backend of the ledger offers. One contract suite, ``tests/contracts``, holds them all to it.

Every method that writes returns only when what it wrote is durable. Moves name the state they start from and change
nothing when it no longer holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from batcher.core.distinct import Distinct
from batcher.core.errors import Exit
from batcher.core.states import Stage, State

from .job_records import Draft, JobCost, JobSeen, Spent, Whereabouts
from .records import (
    Books,
    Campaign,
    Duplicates,
    Intents,
    KnownRow,
    OpenDoubt,
    Outcome,
    Overview,
    Recorded,
    Result,
    SentAgain,
    StoredRow,
    Target,
)
from .staging import Staging

T = TypeVar("T")


class LedgerReader(Protocol):
    """Reads while a run writes, and takes no lock."""

    def campaign(self, name: str) -> Campaign | None: ...

    def overviews(self) -> list[Overview]: ...

    def overview(self, campaign: Campaign) -> Overview: ...

    def results(self, campaign: Campaign, states: Sequence[str] | None = None) -> Iterator[Result]:
        """Results in manifest order; ``states`` are shown states."""

    def with_duplicates(self, campaign: Campaign, limit: int) -> list[Result]:
        """The first rows of which the remote holds more jobs than one, or may hold them."""

    def seen_at_remote(self, campaign: Campaign, remote_states: Sequence[str], limit: int) -> list[Result]:
        """The first submitted rows whose jobs were last heard to be in one of these states at the remote."""

    def close(self) -> None: ...


class Ledger(Protocol):
    """The writing side; one process at a time holds it."""

    async def load(self, work: Callable[[Staging], T], is_stopped: Callable[[], bool] = lambda: False) -> T:
        """
        Runs ``work`` with an empty staging area, in one transaction; an exception leaves nothing behind.

        ``is_stopped`` is asked many times a second, from another thread. Once it is true, the work is broken off.

        Raises:
            LoadInterrupted: ``is_stopped`` said so, and nothing was loaded.
        """

    async def campaign(self, name: str) -> Campaign | None: ...

    async def start_run(self, campaign: Campaign, *, now: str, boot_id: str, host: str, pid: int) -> int:
        """Notes the beginning of a run; returns its id."""

    async def finish_run(self, run_id: int, *, now: str, exit_code: Exit, stopped_by: str | None) -> None: ...

    async def recover(self, campaign: Campaign, run_id: int, *, boot_id: str, boot_now: float) -> int:
        """
        Turns intents without an outcome into doubts; returns how many. Open rows get fresh tries.

        Doubts of another boot or host get ``boot_now`` as their send deadline: from here on this clock counts.
        """

    async def drafts(self, campaign: Campaign, stage: Stage, *, after: int, limit: int) -> list[Draft]:
        """Rows with a number above ``after`` that are in the stage and open, or from which it may begin, in order."""

    async def begin_stage(self, campaign: Campaign, stage: Stage, *, through: int) -> int:
        """
        Puts the rows up to that number from which the stage may begin into it, and failed ones back to pending.

        Returns:
            How many rows up to that number are pending in the stage now.
        """

    async def create_anew(self, campaign: Campaign) -> int:
        """Makes rows whose jobs were deleted pending again, each under another signature; returns how many."""

    async def note_costs(self, campaign: Campaign, costs: Sequence[JobCost]) -> None:
        """Writes what jobs would cost; what one has cost already stays."""

    async def spent(self, campaign: Campaign) -> Spent:
        """What was submitted, or may have been."""

    async def on_their_way(self, campaign: Campaign, *, limit: int) -> list[Draft]:
        """
        Submitted rows whose jobs were not yet seen at rest (``core.job.AT_REST``).

        Those that were never asked for come first, then those asked for longest ago: whoever asks again and again for
        ``limit`` of them gets round.
        """

    async def note_remote_states(self, campaign: Campaign, seen: Sequence[JobSeen], *, now: str) -> None:
        """Writes where rows' jobs stand at the remote; where that was not answered, only that it was asked."""

    async def whereabouts(self, campaign: Campaign) -> Whereabouts:
        """Where the submitted jobs stand at the remote, as far as it was written."""

    async def claim(self, campaign: Campaign, stage: Stage, *, after: int, limit: int) -> list[StoredRow]:
        """Rows pending in the stage with a number above ``after``, in order. Claiming changes nothing."""

    async def record_intents(self, intents: Intents) -> frozenset[int]:
        """Moves pending rows to sending; returns the numbers of those that moved. Only these may be sent."""

    async def record_outcome(self, outcome: Outcome) -> Recorded:
        """
        Writes what became of an attempt, and moves its row if that still has the old state and no later attempt.

        A job that was made after all is taken even by a row that was given up on, and is in doubt by now.

        A job id that another row of the same base URL holds is not taken: see ``Recorded.ID_TAKEN``. A row that is gone
        from the manifest is withdrawn where it turns out to have made nothing.

        Raises:
            IllegalMove: the state machine has no such move, or the row would be created without the id of a job.
        """

    async def record_outcomes(self, group: Sequence[Outcome]) -> list[Recorded]:
        """
        The same for a group of attempts of different rows, in one transaction and in their order.

        Raises:
            IllegalMove: as ``record_outcome``, for any of them; nothing was written.
        """

    async def doubts(self, campaign: Campaign, stage: Stage, states: Sequence[State]) -> list[OpenDoubt]:
        """Rows in these states of the stage, in order of their numbers."""

    async def put_off(self, campaign: Campaign, number: int, attempt: int, settle_from: float) -> None:
        """Moves the moment from which an open doubt's patience counts: for as long as the remote was silent."""

    async def sent_again(self, campaign: Campaign) -> list[SentAgain]:
        """Created rows that were sent more than once and not looked up since, in order of their numbers."""

    async def note_second_look(self, campaign: Campaign, row: SentAgain, extra: Sequence[int], now: str) -> None:
        """Writes that such a row was looked up again, and the ids of the jobs that it should not have."""

    async def known_row(self, campaign: Campaign) -> KnownRow | None:
        """
        A row of this account that was sent just once and created, the latest; None without one.

        Attempts of which nothing was sent do not count. An id that a person gave may be mistyped and proves nothing.
        """

    async def lag_s(self, target: Target) -> float | None:
        """The largest lag of the look-up ever measured for this account."""

    async def note_lag(self, campaign: Campaign, lag_s: float) -> None: ...

    async def release(
        self, campaign: Campaign, stage: Stage, states: Sequence[State], *, keys: Sequence[str] | None = None
    ) -> int:
        """
        Moves rows of the stage that are known to have made nothing back to pending with fresh tries; returns how many.

        Rows that were pruned stay as they are: ``pruned`` counts them.

        Raises:
            IllegalMove: a state is neither rejected nor failed.
        """

    async def pruned(self, campaign: Campaign, states: Sequence[State]) -> int:
        """Rows in these states that cannot be sent again, because what they sent was pruned."""

    async def find_row(self, campaign: Campaign, *, number: int | None, key: str | None) -> OpenDoubt | None: ...

    async def counts(self, campaign: Campaign) -> tuple[int, dict[str, int]]:
        """Rows of the campaign, and rows by shown state."""

    async def books(self, campaign: Campaign, stage: Stage) -> Books:
        """The same, and how the rows stand in that stage; in one scan."""

    async def duplicates(self, campaign: Campaign) -> Duplicates: ...

    async def distinct_to_send(
        self,
        campaign: Campaign,
        questions: Sequence[Sequence[str]],
        *,
        limit: int,
        is_stopped: Callable[[], bool] = lambda: False,
    ) -> list[Distinct]:
        """
        The different values that rows have which a run would send: pending ones, and failed ones.

        Args:
            questions: Names of parameters, for each question one or several.
            limit: Groups to keep of each question; the first ones in the order of the rows.
            is_stopped: As in ``load``.

        Returns:
            An answer for each question, all of one moment.

        Raises:
            LoadInterrupted: ``is_stopped`` said so.
        """

    async def close(self) -> None:
        """Lets go of the lock after the last commit."""
