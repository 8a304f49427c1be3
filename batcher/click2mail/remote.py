"""Where the remote is, who we are there, and how long we wait for it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

from yarl import URL

from batcher import __version__
from batcher.core.errors import ConfigError

_PAGE_SIZE: Final = "100"
"""The most that one page of a listing may hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteSettings:
    """
    One account at one address.

    ``base_url`` goes up to and with ``/molpro``. ``timeout_s`` is for one attempt as a whole, to the reply's last byte;
    the vendor's edge gives up at 100 seconds, and a shorter limit only makes doubt. ``connections`` must be no fewer
    than workers and look-ups together: nobody may wait for a connection, because the timeout runs meanwhile.
    ``direct_posts`` says no where all is to go over aiohttp's session; tests try both.
    ``lookup_path`` and ``lookup_query`` are settings because the vendor does not document them in full.
    """

    base_url: str
    username: str
    password: str = field(repr=False)
    connect_timeout_s: float = 10.0
    timeout_s: float = 120.0
    connections: int = 16
    trust_env: bool = False
    direct_posts: bool = True
    ca_file: Path | None = None
    user_agent: str = f"batcher/{__version__}"
    lookup_path: str = "/jobs/appSignature"
    lookup_query: str = "appSignature"
    reply_cap_bytes: int = 64 * 1024
    listing_cap_bytes: int = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """The addresses under one base URL."""

    base: str
    jobs: URL
    credit: URL
    lookup: str
    lookup_query: str

    @classmethod
    def of(cls, settings: RemoteSettings) -> Addresses:
        """
        Raises:
            ConfigError: The base URL is not a plain ``http(s)://host/path``.
        """
        base = _checked_base(settings.base_url)
        return cls(
            base=base,
            jobs=URL(f"{base}/jobs"),
            credit=URL(f"{base}/credit"),
            lookup=f"{base}/{settings.lookup_path.lstrip('/')}",
            lookup_query=settings.lookup_query,
        )

    def job(self, job_id: int, verb: str = "") -> URL:
        """
        One job, or something to be done with it.

        Raises:
            ValueError: 0 and below are no jobs; some replies name them, and nothing must ever be done to them.
        """
        if job_id < 1:
            raise ValueError(f"{job_id} is no job id")
        return self.jobs / str(job_id) / verb if verb else self.jobs / str(job_id)

    def cost_of(self, job_id: int, billing_type: str) -> URL:
        """What the job would cost, with its parts. API reference, "Check job cost"."""
        return self.job(job_id, "cost").with_query({"details": "true", "paymentType": billing_type})

    def lookup_of(self, signature: str) -> URL:
        """The first page of the jobs with that signature; it may hold any character, a blank goes as ``%20``."""
        return _asking(self.lookup, {self.lookup_query: signature, "offset": "0", "numberOfJobs": _PAGE_SIZE})

    def address_list(self, list_id: int) -> URL:
        """How far one address list is. API reference, "Check address list status"."""
        return URL(f"{self.base}/addressLists/{list_id}")

    def address_lists(self, offset: int) -> URL:
        """A page of the account's address lists."""
        return _asking(f"{self.base}/addressLists", {"numberOfLists": _PAGE_SIZE, "offset": str(offset)})

    def documents(self, offset: int) -> URL:
        """A page of the account's documents, of whatever class."""
        return _asking(f"{self.base}/documents", {"numberOfDocuments": _PAGE_SIZE, "offset": str(offset)})

    def product_options(self, document_class: str | None) -> URL:
        """The combinations of one document class; what is listed without one, no document says."""
        return _asking(
            f"{self.base}/productOptions", {} if document_class is None else {"documentClass": document_class}
        )

    def cost_estimate(self, options: Mapping[str, str]) -> URL:
        """What one piece of one page with these options would cost. API reference, "Cost estimate"."""
        return _asking(f"{self.base}/costEstimate", {**options, "quantity": "1", "numberOfPages": "1"})


def _asking(address: str, query: Mapping[str, str]) -> URL:
    """The values may hold any character; a blank goes as ``%20``, and ``#`` as ``%23``."""
    return URL(f"{address}?{urlencode(query, quote_via=quote, safe='')}" if query else address, encoded=True)


def authorization(settings: RemoteSettings) -> str:
    """
    The value of the ``Authorization`` header, in UTF-8 (RFC 7617, 2.1). Never log it.

    Raises:
        ConfigError: The user name holds a colon, which ends it on the wire.
    """
    if ":" in settings.username:
        raise ConfigError("user name: a colon cannot be sent by HTTP Basic authentication; check BATCHER_USERNAME")
    return "Basic " + b64encode(f"{settings.username}:{settings.password}".encode()).decode("ascii")


def _checked_base(base_url: str) -> str:
    try:
        url = URL(base_url.strip())
        plain = url.scheme in ("http", "https") and bool(url.host) and url.port is not None
    except ValueError:
        plain = False
    # The URL itself is not quoted: it may hold a password.
    if not plain:
        raise ConfigError("base URL: not an address like https://host/molpro; check --base-url")
    if url.user is not None or url.password is not None:
        raise ConfigError("base URL: credentials do not belong into it; use BATCHER_USERNAME and BATCHER_PASSWORD")
    if url.query_string or url.fragment:
        raise ConfigError("base URL: it must end with the path, usually /molpro, without ? or #; check --base-url")
    return str(url).rstrip("/")
