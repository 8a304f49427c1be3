"""
The remote over HTTP.

What the remote or the network does comes back as a value: a ``Reply``, a ``Listing``, a ``JobStatus`` or a ``Fault``
that knows its phase. Nothing is sent twice here and no redirect is followed; whether to try again is somebody else's
decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from batcher.core.job import BalanceAnswer, CostAnswer, JobAnswer
from batcher.core.material import DocumentPage, ListAnswer, ListPage, ProductOptions
from batcher.core.outcome import Answer, Fault, LookUpAnswer
from batcher.core.product import Combination
from batcher.core.sending import Deadline, Sending

from .clocks import Clocks
from .form import encode_form, encode_plain_form
from .job import read_balance, read_cost, read_job_status
from .listing import read_listing
from .material import read_document_page, read_list_page, read_list_status
from .page import Page
from .product import read_estimate, read_product_options
from .remote import Addresses, RemoteSettings
from .reply import read_reply
from .wire import Wire

__all__ = ["Click2MailClient", "Clocks", "Deadline", "RemoteSettings", "Sending"]


class Click2MailClient:
    """
    One account of the remote; use it as an async context manager.

    Raises (at construction):
        ConfigError: An address, the user name or the CA file cannot be used.
    """

    def __init__(self, settings: RemoteSettings, clocks: Clocks | None = None) -> None:
        self._settings = settings
        self.addresses = Addresses.of(settings)
        self.wire = Wire(settings, self.addresses.jobs, clocks)

    async def __aenter__(self) -> Self:
        await self.wire.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.wire.__aexit__(kind, error, trace)

    async def create(
        self, parameters: Mapping[str, str], signature: str, send_by: Deadline, sending: Sending | None = None
    ) -> Answer:
        """
        One attempt to create a job: one POST, or none.

        Args:
            send_by: The end of the intent's send window, judged where the first byte would be written. Too late means
                ``Fault(STALE_INTENT)``, and not a byte has left.
            sending: Filled in on the way, for a caller that may be cancelled: cancellation propagates, and
                ``sending.started`` then says whether the remote may have the request.

        Raises:
            asyncio.CancelledError: The connection is aborted; nothing more is sent.
            UnicodeEncodeError: A parameter holds a lone surrogate; nothing was sent.
        """
        form = encode_form(parameters, signature)
        return _verdict(await self.wire.post(self.addresses.jobs, form, send_by, sending or Sending()))

    async def submit(
        self, job_id: int, payment: Mapping[str, str], send_by: Deadline, sending: Sending | None = None
    ) -> Answer:
        """
        One attempt to submit a draft, the call that spends money; arguments and errors as those of ``create``.

        Args:
            payment: ``billingType`` and what belongs to it. API reference, "Submit a job".
        """
        url, form = self.addresses.job(job_id, "submit"), encode_plain_form(payment)
        return _verdict(await self.wire.post(url, form, send_by, sending or Sending()))

    async def delete(self, job_id: int, send_by: Deadline, sending: Sending | None = None) -> Answer:
        """One attempt to delete a draft; arguments and errors as those of ``create``."""
        return _verdict(await self.wire.post(self.addresses.job(job_id, "delete"), b"", send_by, sending or Sending()))

    async def find(self, signature: str) -> LookUpAnswer:
        """The jobs that carry a signature: one page, at most 100. A ``Reply`` or ``Fault`` is no news about them."""
        page = await self.wire.get(self.addresses.lookup_of(signature), self._settings.listing_cap_bytes)
        return page if isinstance(page, Fault) else read_listing(page.http_status, page.body, page.retry_after_s)

    async def status(self, job_id: int) -> JobAnswer:
        """Where a job stands. A ``Reply`` or ``Fault`` is no news about it."""
        page = await self.wire.get(self.addresses.job(job_id), self._settings.reply_cap_bytes)
        return page if isinstance(page, Fault) else read_job_status(page, job_id)

    async def cost(self, job_id: int, billing_type: str) -> CostAnswer:
        """What submitting a job would cost with that way of payment."""
        page = await self.wire.get(self.addresses.cost_of(job_id, billing_type), self._settings.reply_cap_bytes)
        return page if isinstance(page, Fault) else read_cost(page, job_id)

    async def balance(self) -> BalanceAnswer:
        """The account's credit."""
        page = await self.wire.get(self.addresses.credit, self._settings.reply_cap_bytes)
        return page if isinstance(page, Fault) else read_balance(page)

    async def list_status(self, list_id: int) -> ListAnswer:
        """How far an address list is. A ``Reply`` is no news about it, or the vendor's word that there is none."""
        page = await self.wire.get(self.addresses.address_list(list_id), self._settings.reply_cap_bytes)
        return page if isinstance(page, Fault) else read_list_status(page, list_id)

    async def address_lists(self, offset: int) -> ListPage | Answer:
        """A page of the account's address lists, from the one of that number on."""
        page = await self.wire.get(self.addresses.address_lists(offset), self._settings.listing_cap_bytes)
        return page if isinstance(page, Fault) else read_list_page(page)

    async def documents(self, offset: int) -> DocumentPage | Answer:
        """A page of the account's documents, from the one of that number on."""
        page = await self.wire.get(self.addresses.documents(offset), self._settings.listing_cap_bytes)
        return page if isinstance(page, Fault) else read_document_page(page)

    async def product_options(self, document_class: str | None) -> ProductOptions | Answer:
        """The combinations that the remote offers in a document class; with None in whatever it lists then."""
        page = await self.wire.get(self.addresses.product_options(document_class), self._settings.listing_cap_bytes)
        return page if isinstance(page, Fault) else read_product_options(page, document_class)

    async def estimate(self, combination: Combination) -> Answer:
        """Whether the options name a product: a cost is estimated, and nothing is made."""
        page = await self.wire.get(self.addresses.cost_estimate(combination.named()), self._settings.reply_cap_bytes)
        return page if isinstance(page, Fault) else read_estimate(page)

    async def credit(self) -> Answer:
        """``GET /credit``, for its HTTP status: 200 with credentials that work, 401 without."""
        return _verdict(await self.wire.get(self.addresses.credit, self._settings.reply_cap_bytes))


def _verdict(page: Page | Fault) -> Answer:
    return page if isinstance(page, Fault) else read_reply(page.http_status, page.body, page.retry_after_s)
