"""What was acknowledged is in the ledger, whatever happens to the process."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from batcher.core.states import Stage, State
from batcher.ledger.sqlite import SqliteLedger, SqliteReader
from tests.ledger.builders import NOW, load, send, start_run

ROWS = 3000
KILLS = 3
SEND_AND_SAY = """
import asyncio, sys
from pathlib import Path
from batcher.core.states import Stage, State
from batcher.ledger.records import Intents, Outcome
from batcher.ledger.sqlite import SqliteLedger

async def main():
    ledger = await SqliteLedger.open(Path(sys.argv[1]))
    campaign = await ledger.campaign("c")
    rows = iter(await ledger.claim(campaign, Stage.CREATE, after=0, limit=3000))

    async def work():
        for row in rows:
            await ledger.record_intents(Intents(
                campaign_id=campaign.campaign_id, run_id=1, attempts={row.number: 1}, recorded_at="now",
                send_deadline=1.0, timeout_s=1.0))
            print("intent", row.number, flush=True)
            await ledger.record_outcome(Outcome(
                campaign_id=campaign.campaign_id, number=row.number, attempt=1, old=State.SENDING, new=State.DONE,
                tries=1, job_id=row.number))
            print("done", row.number, flush=True)

    await asyncio.gather(*(work() for _ in range(16)))

asyncio.run(main())
"""


def killed_after(path: Path, lines: int) -> dict[str, set[int]]:
    """Lets a process record rows, and kills it after so many lines; returns all that it has acknowledged."""
    with subprocess.Popen(
        [sys.executable, "-c", SEND_AND_SAY, str(path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(lines)]
        process.send_signal(signal.SIGKILL)
        said += process.stdout.readlines()
    words = [line.split() for line in said if line.endswith("\n")]
    return {kind: {int(number) for word, number in words if word == kind} for kind in ("intent", "done")}


async def test_what_a_killed_process_acknowledged_is_in_the_ledger(path: Path) -> None:
    ledger = await SqliteLedger.open(path)
    campaign = await load(ledger, ROWS)
    await ledger.close()
    acknowledged: dict[str, set[int]] = {"intent": set(), "done": set()}
    for kill in range(KILLS):
        for kind, numbers in killed_after(path, 150 + 97 * kill).items():
            acknowledged[kind] |= numbers
    with closing(SqliteReader(path)) as reader:
        states = {result.row_number: result.state for result in reader.results(campaign)}

    assert [n for n in acknowledged["intent"] if states[n] not in {"sending", "created"}] == []
    assert [n for n in acknowledged["done"] if states[n] != "created"] == []
    assert len(acknowledged["done"]) >= KILLS


async def test_every_row_of_a_killed_process_is_in_exactly_one_state(path: Path) -> None:
    """And those that were being sent come back as doubts, each with its intent."""
    ledger = await SqliteLedger.open(path)
    campaign = await load(ledger, ROWS)
    await ledger.close()
    killed_after(path, 300)
    ledger = await SqliteLedger.open(path)
    run_id = await start_run(ledger, campaign)
    orphans = await ledger.recover(campaign, run_id, boot_id="other", boot_now=50.0)
    rows, counts = await ledger.counts(campaign)
    doubts = await ledger.doubts(campaign, Stage.CREATE, (State.IN_DOUBT,))
    await ledger.close()

    assert (rows, sum(counts.values())) == (ROWS, ROWS)
    assert (counts.get("in_doubt", 0), {doubt.attempts for doubt in doubts}) == (orphans, {1} if orphans else set())


async def test_a_commit_waits_for_the_disk(ledger: SqliteLedger) -> None:
    """WAL with synchronous=FULL: a commit that returned survives a power cut."""

    def pragmas(db: sqlite3.Connection) -> tuple[str, int]:
        return db.execute("PRAGMA journal_mode").fetchone()[0], db.execute("PRAGMA synchronous").fetchone()[0]

    assert await ledger._writer.submit(pragmas) == ("wal", 2)


async def test_an_intent_is_seen_by_others_as_soon_as_it_is_acknowledged(ledger: SqliteLedger, path: Path) -> None:
    campaign = await load(ledger, 1)
    await send(ledger, campaign, 1)
    with closing(SqliteReader(path)) as reader:
        (result,) = reader.results(campaign)

    assert (result.state, result.first_sent_at) == ("sending", NOW)
