"""
The backends that the contract suite runs on.

A new one is a ``Backend`` and a name in ``BACKENDS``. Those that other processes can read are in ``READABLE`` too.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

import pytest

from batcher.ledger.protocol import Ledger, LedgerReader
from batcher.ledger.sqlite import SqliteLedger, SqliteReader


class Backend(Protocol):
    """One empty ledger a test, and a way to read it beside its writer."""

    async def open(self) -> Ledger: ...

    def read(self) -> LedgerReader: ...


class SqliteFile:
    def __init__(self, folder: Path) -> None:
        self._path = folder / "batcher.db"

    async def open(self) -> Ledger:
        return await SqliteLedger.open(self._path)

    def read(self) -> LedgerReader:
        return SqliteReader(self._path)


class Temporary:
    """What `validate` writes to."""

    def __init__(self, folder: Path) -> None:
        del folder

    async def open(self) -> Ledger:
        return await SqliteLedger.open(None)

    def read(self) -> LedgerReader:
        raise NotImplementedError("nobody else can read it")


class Copy(Temporary):
    """What a dry run writes to: a copy of the ledger that is there."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "batcher.db"

    async def open(self) -> Ledger:
        await (await SqliteLedger.open(self._path)).close()
        return await SqliteLedger.copy_of(self._path)


BACKENDS = {"sqlite file": SqliteFile, "temporary": Temporary, "copy": Copy}
READABLE = ("sqlite file",)


@pytest.fixture(params=list(BACKENDS))
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    made: Backend = BACKENDS[request.param](tmp_path)
    return made


@pytest.fixture
async def ledger(backend: Backend) -> AsyncIterator[Ledger]:
    opened = await backend.open()
    yield opened
    await opened.close()


readable = pytest.mark.parametrize("backend", READABLE, indirect=True)
"""For what only a reader can tell."""
