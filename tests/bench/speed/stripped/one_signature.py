"""A remote to which every row goes under the same signature, so that none is prepared for it alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from batcher.click2mail.client import Click2MailClient
from batcher.core.outcome import Answer, Listing, LookUpAnswer, Reply
from batcher.core.sending import Deadline, Sending


class OneSignature:
    """
    The client itself in all other things.

    A look-up is answered from memory, or it could not be proven, and the run would go on with more care than usual.
    """

    def __init__(self, remote: Click2MailClient) -> None:
        self._remote = remote
        self._jobs: dict[str, int] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._remote, name)

    async def create(
        self, parameters: Mapping[str, str], signature: str, send_by: Deadline, sending: Sending | None = None
    ) -> Answer:
        answer = await self._remote.create(parameters, "benchmarks-0", send_by, sending)
        if isinstance(answer, Reply):
            self._jobs[signature] = answer.job_id
        return answer

    async def find(self, signature: str) -> LookUpAnswer:
        job = self._jobs.get(signature)
        return Listing(job_ids=() if job is None else (job,))
