"""What every backend offers while a manifest is taken in; see ``protocol``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from batcher.core.row import ManifestRow

from .records import (
    Campaign,
    Comparison,
    Duplicate,
    HeldJob,
    Target,
)


class Staging(Protocol):
    """A manifest on its way into the ledger. All of it becomes part of the ledger, or nothing does."""

    def is_stopped(self) -> bool:
        """Whether somebody has asked to stop: then nothing of it will be kept."""

    def recall(self, campaign: Campaign, imprint: str) -> int | None:
        """
        Takes the campaign's rows for those of the manifest, which need not be added then.

        Returns:
            How many there are; None where it is not known that they are the same, row for row.
        """

    def note_imprint(self, campaign: Campaign, imprint: str | None) -> None:
        """Writes what the manifest is recalled by, which now holds the same rows as the campaign."""

    def add(self, rows: Sequence[ManifestRow]) -> None:
        """Takes in the next rows of the manifest."""

    def duplicates(self, limit: int) -> tuple[list[Duplicate], int]:
        """The first keys that stand in more than one row, and how many such rows there are."""

    def number_duplicates(self) -> None:
        """
        Gives the second row of a key the key ``KEY#2``, the third ``KEY#3``.

        Where another row has that key already, the later of the two is numbered again: ``KEY#2#2``.
        """

    def held_elsewhere(self, campaign: str, base_url: str, limit: int) -> tuple[list[HeldJob], int]:
        """
        Keys that other campaigns at this base URL hold as created, submitted, in doubt or held.

        Not those that are jobs in the campaign itself: it will not send them again.

        Returns:
            The first of them, once for each campaign, and how many rows of the manifest there are.
        """

    def compare(self, campaign: Campaign) -> Comparison:
        """What the manifest would change in the campaign."""

    def create(
        self,
        *,
        name: str,
        token: str,
        target: Target,
        manifest: str,
        columns: Sequence[str],
        kept_columns: Sequence[str],
        reading: Mapping[str, Any],
        own_signatures: bool,
        now: str,
    ) -> Campaign:
        """Makes a new campaign of the rows, all pending."""

    def describe(
        self,
        campaign: Campaign,
        *,
        manifest: str,
        columns: Sequence[str],
        kept_columns: Sequence[str],
        reading: Mapping[str, Any],
        own_signatures: bool,
    ) -> Campaign:
        """
        Notes how the manifest was read that the campaign was amended with; returns the campaign as it is then.

        A campaign that once had rows with signatures of their own stays one that has.
        """

    def amend(self, campaign: Campaign) -> None:
        """
        Takes in new rows, changed ones that are pending, rejected or failed, and withdraws what is gone and unmade.

        Conflicts and rows that are gone and may be jobs are left as they are.
        """

    def restore(self, campaign: Campaign) -> int:
        """
        Gives rows that were pruned, and of which nothing was made, what they send; from unchanged rows of the manifest.

        Returns:
            How many. They stay in the state that they are in.
        """

    def is_tied(self, campaign: Campaign) -> bool:
        """Whether a row is a job at the campaign's target, may be one, or was judged there."""

    def retarget(self, campaign: Campaign, target: Target) -> Campaign:
        """Gives a campaign that is not tied another target; returns it as it is then."""

    def correct(self, campaign: Campaign) -> tuple[int, list[HeldJob]]:
        """
        Puts the rows in place of rejected, failed and pending ones with the same ``batcher_key``; all become pending.

        Returns:
            How many were taken, and those that cannot be: unknown keys (state ``unknown``), rows that stand there
            twice (``given twice``) or were pruned (``pruned``), or rows in another state. Where one cannot be taken,
            none is.
        """
