"""
What must hold of any file that is given to ``retry --with``.

Either all its rows are taken, in place of rows that made nothing and are pending then, or nothing has changed and the
refusal says why.
"""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import sqlite3
import sys
from collections.abc import Mapping
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from batcher.cli.app import run_command_line
from batcher.click2mail.form import encode_form
from batcher.core.errors import Exit
from batcher.core.states import State
from batcher.dispatch.load import LoadPolicy, load_manifest
from batcher.ledger.export import write_failed
from batcher.ledger.records import Campaign
from batcher.ledger.sqlite import SqliteLedger, SqliteReader
from batcher.ledger.staging import Staging
from batcher.manifest import Reading, open_manifest
from tests.fuzz.manifests import records_in
from tests.ledger.builders import NOW, TARGET, bring, start_run

STATES = (State.REJECTED, State.FAILED, State.PENDING, State.DONE, State.IN_DOUBT, State.HELD, State.SENDING)


@dataclass(frozen=True, slots=True)
class Finished:
    """A campaign with rows in many states: its ledger, and the failed file of it."""

    ledger: Path
    failed: bytes


@dataclass(frozen=True, slots=True)
class Row:
    """A row as the ledger has it."""

    key: str
    state: str
    tries: int
    attempts: int
    job_id: int | None
    digest: bytes
    parameters: str
    kept: str

    @property
    def may_be_corrected(self) -> bool:
        return self.state in ("pending", "rejected", "failed")


def finished_campaign(folder: Path, manifest: bytes, reading: Reading, *states: State) -> Finished:
    """A campaign of this manifest; its rows are in these states, one after the other."""
    ledger = folder / "batcher.db"
    ledger.unlink(missing_ok=True)
    asyncio.run(_finish(ledger, manifest, reading, states))
    with closing(SqliteReader(ledger)) as reader:
        campaign = reader.campaign("c")
        assert campaign is not None
        out = io.StringIO(newline="")
        write_failed(out, campaign, reader.results(campaign, ("rejected", "failed")))
    return Finished(ledger, out.getvalue().encode())


async def _finish(path: Path, manifest: bytes, reading: Reading, states: tuple[State, ...]) -> None:
    ledger = await SqliteLedger.open(path)
    try:
        campaign = await _load(ledger, manifest, reading)
        await start_run(ledger, campaign)
        for number, state in enumerate(states, 1):
            await bring(ledger, campaign, number, state)
    finally:
        await ledger.close()


async def _load(ledger: SqliteLedger, manifest: bytes, reading: Reading) -> Campaign:
    def work(staging: Staging) -> Campaign:
        read1 = io.BytesIO(manifest).read
        standard_input: Any = type("Stdin", (), {"buffer": type("Buffer", (), {"read1": staticmethod(read1)})})
        with patch.object(sys, "stdin", standard_input), open_manifest("-", reading) as opened:
            return load_manifest(
                staging,
                opened,
                existing=None,
                name="c",
                target=TARGET,
                reading=reading,
                policy=LoadPolicy(allow_duplicates=True),
                now=NOW,
            ).campaign

    return await ledger.load(work)


def check_correction(finished: Finished, content: bytes, folder: Path) -> int:
    """Gives these bytes to ``retry --with``; returns how many rows it changed."""
    ledger = folder / "copy.db"
    for leftover in folder.glob("copy.db*"):
        leftover.unlink()
    shutil.copyfile(finished.ledger, ledger)
    (folder / "mended.csv").write_bytes(content)
    before = rows_in(ledger)

    code, said = run_batcher("retry", "c", "--ledger", str(ledger), "--with", str(folder / "mended.csv"))

    after = rows_in(ledger)
    assert code in (Exit.OK, Exit.MANIFEST), said
    changed = [number for number in before if before[number] != after[number]]
    if code == Exit.MANIFEST:
        assert not changed
        assert said.startswith("error: mended.csv: ")
    else:
        taken = {record["batcher_key"] for record in records_in(content, "csv", columns=["batcher_key"])}
        assert {row.key for row in after.values() if row.key in taken and row.state == "pending"} == taken
    for number in changed:
        _check_row(before[number], after[number])
    return len(changed)


def _check_row(before: Row, after: Row) -> None:
    assert before.may_be_corrected
    assert (after.state, after.tries) == ("pending", 0)
    assert (after.key, after.attempts, after.job_id, after.digest) == (
        before.key,
        before.attempts,
        before.job_id,
        before.digest,
    )


def run_batcher(*arguments: str) -> tuple[int, str]:
    """Runs the command line in this process; its exit code, and what it said of trouble."""
    said = io.StringIO()
    with patch.object(sys, "argv", ["batcher", *arguments]), redirect_stdout(io.StringIO()), redirect_stderr(said):
        try:
            run_command_line()
        except SystemExit as end:
            return int(str(end.code)), said.getvalue()


def rows_in(ledger: Path) -> Mapping[int, Row]:
    """All rows by number; what they would send can be sent."""
    with closing(sqlite3.connect(ledger)) as db:
        rows = db.execute(
            "SELECT number, key, state, tries, attempts, job_id, digest, parameters, kept"
            " FROM row JOIN spec USING (campaign_id, number)"
        )
        found = {number: Row(*rest) for number, *rest in rows}
    for row in found.values():
        encode_form(json.loads(row.parameters), "abc-1")
    return found
