"""What a submission will cost, and whether anybody said that it may."""

from __future__ import annotations

from dataclasses import dataclass

from .money import money_words


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLimits:
    """``--max-cost`` for the campaign in all and ``--max-cost-per-job``, in millionths of a dollar; None: no limit."""

    campaign_micros: int | None = None
    job_micros: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpriced:
    """A job whose cost the remote does not tell, and what it said."""

    number: int
    job_id: int
    reason: str


@dataclass(slots=True, kw_only=True)
class Bill:
    """
    The jobs that are about to be submitted. Money is in millionths of a dollar.

    ``through`` is the last row's number. ``pieces`` is None where the remote does not tell of every job how many it
    makes. ``dearest`` is the row whose job costs most, with its cost. ``unpriced`` are the first jobs without a cost,
    ``unpriced_count`` all of them. ``before_micros`` is what the campaign has cost already, as far as that is known.
    """

    jobs: int = 0
    through: int = 0
    pieces: int | None = 0
    micros: int = 0
    dearest: tuple[int, int] | None = None
    unpriced: list[Unpriced]
    unpriced_count: int = 0
    jobs_before: int = 0
    before_micros: int = 0
    credit_micros: int | None = None

    def add(self, number: int, micros: int, pieces: int | None) -> None:
        """One job more."""
        self.jobs += 1
        self.micros += micros
        self.pieces = None if self.pieces is None or pieces is None else self.pieces + pieces
        if self.dearest is None or micros > self.dearest[1]:
            self.dearest = (number, micros)

    @property
    def total_micros(self) -> int:
        """What the campaign will have cost in all."""
        return self.before_micros + self.micros


def refusal(bill: Bill, limits: CostLimits) -> str | None:
    """Why the jobs of the bill may not be submitted, whatever a person says; None where they may."""
    if bill.unpriced:
        first = bill.unpriced[0]
        count = "the cost of one job" if bill.unpriced_count == 1 else f"the cost of {bill.unpriced_count:,} jobs"
        return (
            f"{count} is not known (row {first.number}, job {first.job_id}: {first.reason}); look at it in the account,"
            " then submit again"
        )
    if limits.job_micros is not None and bill.dearest is not None and bill.dearest[1] > limits.job_micros:
        number, micros = bill.dearest
        return (
            f"row {number} alone costs {money_words(micros)}, more than --max-cost-per-job"
            f" {money_words(limits.job_micros)}; look at it, or raise the limit"
        )
    if limits.campaign_micros is not None and bill.total_micros > limits.campaign_micros:
        before = f", {money_words(bill.before_micros)} of it spent already" if bill.before_micros else ""
        return (
            f"the campaign costs {money_words(bill.total_micros)}{before}, more than --max-cost"
            f" {money_words(limits.campaign_micros)}; look at the bill, or raise the limit"
        )
    return None


def is_confirmed(number: int | None, wanted: int) -> bool:
    """Whether the number that was given is the number of jobs."""
    return number == wanted
