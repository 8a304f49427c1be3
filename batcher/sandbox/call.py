"""One call, as the answering functions see it: read, decoded, and free of HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from batcher.sandbox.endpoints import Endpoint


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a multipart body."""

    file_name: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """
    One call.

    Attributes:
        ids: The numbers in the path, from left to right.
        base_url: As the caller reached us, up to and with ``/molpro``; replies link to it.
        now: Seconds since the epoch.
        body: Only for a call whose body is a document of its own, such as an address list.
    """

    endpoint: Endpoint
    ids: tuple[int, ...]
    parameters: Mapping[str, str]
    base_url: str
    now: float
    body: bytes = b""
    upload: Upload | None = None

    def job_url(self, job_id: int) -> str:
        """Where the job's status can be read."""
        return f"{self.base_url}/jobs/{job_id}"
