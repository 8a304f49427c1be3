"""What the dispatch needs of the world, named after the need."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from batcher.core.job import BalanceAnswer, CostAnswer, JobAnswer
from batcher.core.material import DocumentPage, ListAnswer, ListPage, ProductOptions
from batcher.core.outcome import Answer, LookUpAnswer
from batcher.core.product import Combination
from batcher.core.sending import Deadline, Sending


class Remote(Protocol):
    """The account at the remote. What happens there is returned as a value; only ``CancelledError`` is raised."""

    async def create(
        self, parameters: Mapping[str, str], signature: str, send_by: Deadline, sending: Sending
    ) -> Answer:
        """
        Asks for one job, once.

        Refuses with a ``STALE_INTENT`` fault, not a byte sent, when ``send_by`` has passed at the moment of writing.
        """

    async def submit(self, job_id: int, payment: Mapping[str, str], send_by: Deadline, sending: Sending) -> Answer:
        """Asks, once, to print and mail a draft; as ``create``."""

    async def delete(self, job_id: int, send_by: Deadline, sending: Sending) -> Answer:
        """Asks, once, to delete a draft; as ``create``."""

    async def status(self, job_id: int) -> JobAnswer:
        """How a job stands."""

    async def cost(self, job_id: int, billing_type: str) -> CostAnswer:
        """What a draft would cost."""

    async def balance(self) -> BalanceAnswer:
        """The account's credit."""

    async def find(self, signature: str) -> LookUpAnswer:
        """The jobs under a signature: one page of them."""

    async def credit(self) -> Answer:
        """A harmless question: do the credentials work, is anybody there?"""


class Inspection(Protocol):
    """
    What can be asked of the account before anything is sent; it changes nothing. All is returned as values.

    A ``Reply`` in place of what was asked for is no news of it, or the vendor's verdict that it is not to be had.
    """

    async def list_status(self, list_id: int) -> ListAnswer: ...

    async def address_lists(self, offset: int) -> ListPage | Answer:
        """A page of the account's lists; an empty one behind the last."""

    async def documents(self, offset: int) -> DocumentPage | Answer:
        """A page of the account's documents; an empty one behind the last."""

    async def product_options(self, document_class: str | None) -> ProductOptions | Answer:
        """The combinations of a document class."""

    async def estimate(self, combination: Combination) -> Answer:
        """Code 0 where the options name a product."""


class Clock(Protocol):
    """Time, so that tests can drive it by hand."""

    def boottime(self) -> float:
        """Seconds since the machine started, sleep included."""

    def monotonic(self) -> float:
        """Seconds of a clock that never jumps."""

    def now(self) -> datetime:
        """The time of day, UTC: for people only, nothing is decided by it."""

    async def sleep(self, seconds: float) -> None: ...
