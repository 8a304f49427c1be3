"""A caller of the emulator over a real socket, and what it heard."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import aiohttp

from batcher.sandbox.world import World

LETTER: Mapping[str, str] = {
    "documentClass": "Letter 8.5 x 11",
    "layout": "Address on Separate Page",
    "productionTime": "Next Day",
    "envelope": "#10 Double Window",
    "color": "Black and White",
    "paperType": "White 24#",
    "printOption": "Printing One side",
    "documentId": "5000",
    "addressId": "6000",
}
CREDIT: Mapping[str, str] = {"billingType": "User Credit"}
CARD: Mapping[str, str] = {
    "billingType": "Credit Card",
    "billingName": "Ann Other",
    "billingAddress1": "1 Main St",
    "billingCity": "Arlington",
    "billingState": "VA",
    "billingZip": "22201",
    "billingNumber": "4111111111111111",
    "billingMonth": "08",
    "billingYear": "30",
    "billingCvv": "123",
    "billingCcType": "VI",
}


def basic(credentials: str) -> dict[str, str]:
    """The header that gives ``user:password``."""
    return {"Authorization": f"Basic {b64encode(credentials.encode()).decode()}"}


@dataclass(frozen=True, slots=True)
class Heard:
    """One reply."""

    http: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def xml(self) -> Element:
        return fromstring(self.body)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def verdict(self) -> tuple[int, int, str]:
        """HTTP status, return code, description."""
        return self.http, int(self["status"]), self["description"]

    @property
    def job_ids(self) -> list[int]:
        """Ids of the jobs in a listing, in order."""
        return [int(each.text or "") for each in self.xml.findall("jobList/job/id")]

    def __getitem__(self, tag: str) -> str:
        found = self.xml.find(tag)
        assert found is not None, f"no <{tag}> in {self.body!r}"
        return found.text or ""


class Caller:
    """Calls the emulator as a client of the API does."""

    def __init__(self, session: aiohttp.ClientSession, root: str, world: World) -> None:
        self.session = session
        self.root = root
        self.world = world

    async def call(self, method: str, path: str, /, **options: Any) -> Heard:
        url = self.root + (path if path.startswith("/_sandbox") else f"/molpro{path}")
        headers = {**basic("ann:secret"), **options.pop("headers", {})}
        async with self.session.request(method, url, headers=headers, allow_redirects=False, **options) as reply:
            return Heard(reply.status, reply.headers, await reply.read())

    async def get(self, path: str, /, **parameters: str) -> Heard:
        return await self.call("GET", path, params=parameters)

    async def post(self, path: str, parameters: Mapping[str, str] | None = None, /, **more: str) -> Heard:
        return await self.call("POST", path, data={**(parameters or {}), **more})

    async def create(self, **changes: str) -> Heard:
        """Create a letter, with these parameters changed."""
        return await self.post("/jobs", LETTER, **changes)

    async def created(self, **changes: str) -> int:
        """Create a letter and give its id."""
        heard = await self.create(**changes)
        assert heard.verdict == (201, 0, "Created")
        return int(heard["id"])

    async def stats(self) -> Any:
        return (await self.get("/_sandbox/stats")).json
