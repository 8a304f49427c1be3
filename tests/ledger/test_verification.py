"""A ledger that was written by moves is sound; one that somebody laid hands on says where."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from batcher.core.errors import LedgerError, LedgerMissing
from batcher.core.states import State
from batcher.ledger.records import Via
from batcher.ledger.soundness import Flaw, Inspection
from batcher.ledger.sqlite import SqliteLedger, schema
from batcher.ledger.sqlite.verification import inspect
from tests.ledger.builders import BOOT, bring, load, manifest_row, outcome, send, start_run

STATES = [state for state in State if state is not State.WITHDRAWN]
"""Row n of the campaign "c" is in the n-th of these; two more are pending."""

ROWS = len(STATES) + 2
DONE = STATES.index(State.DONE) + 1
SENDING = STATES.index(State.SENDING) + 1
HELD = STATES.index(State.HELD) + 1
REJECTED = STATES.index(State.REJECTED) + 1


async def written(path: Path) -> None:
    """Two campaigns; a row in every state, each by the moves that lead there."""
    ledger = await SqliteLedger.open(path)
    for name in ("c", "d"):
        campaign = await load(ledger, ROWS, name)
        run_id = await start_run(ledger, campaign)
        assert run_id == campaign.campaign_id
        for number, state in enumerate(STATES, 1):
            job_id = 5000 + campaign.campaign_id * 100 if state is State.DONE else None
            facts = {} if job_id is None else {"job_id": job_id}
            await bring(ledger, campaign, number, state, **facts)
    await ledger.close()
    with laid_hands_on(path) as db:
        db.execute("UPDATE attempt SET run_id = campaign_id")  # which the builders do not know


@contextmanager
def laid_hands_on(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        yield db


def seen(inspection: Inspection) -> list[tuple[Flaw, str | None, int | None, str]]:
    return [(finding.flaw, finding.campaign, finding.row_number, finding.what) for finding in inspection.findings]


async def test_a_ledger_with_a_row_in_every_state_is_sound(path: Path) -> None:
    await written(path)
    inspection = inspect(path, 100)

    assert seen(inspection) == []
    assert (inspection.count, inspection.is_damaged) == (0, False)
    assert (inspection.version, inspection.campaigns, inspection.rows) == (len(schema.MIGRATIONS), 2, 2 * ROWS)
    assert inspection.attempts == 2 * (ROWS - 3)


ROW_1 = "WHERE campaign_id = 1 AND number ="
ATTEMPT_1 = "WHERE campaign_id = 1 AND row_number ="


@pytest.mark.parametrize(
    ("hand", "flaw", "number", "words"),
    [
        (f"DELETE FROM spec {ROW_1} 1", Flaw.NO_SPEC, 1, "what the row was read from is gone"),
        (f"DELETE FROM row {ROW_1} 1", Flaw.NO_ROW, 1, "the row is gone from table row, and spec still has lines"),
        (f"UPDATE spec SET parameters = '{{x' {ROW_1} 1", Flaw.UNREADABLE_SPEC, 1, "cannot be read"),
        (f"UPDATE spec SET kept = '' {ROW_1} {DONE}", Flaw.UNREADABLE_SPEC, DONE, "cannot be read"),
        (
            f"UPDATE spec SET parameters = '' {ROW_1} 1",
            Flaw.PENDING_WITHOUT_PARAMETERS,
            1,
            "it is pending, and what it sends was pruned",
        ),
        (
            f"UPDATE row SET state = 'lost' {ROW_1} 1",
            Flaw.UNKNOWN_WORD,
            1,
            'stage "create", state "lost": no such stage or state',
        ),
        (f"UPDATE row SET stage = 'print' {ROW_1} {DONE}", Flaw.UNKNOWN_WORD, DONE, 'stage "print", state "done"'),
        (
            f"UPDATE row SET attempts = 2 {ROW_1} {DONE}",
            Flaw.ATTEMPTS,
            DONE,
            "it was attempted 2 times, and 1 attempts are written down",
        ),
        (f"DELETE FROM attempt {ATTEMPT_1} {HELD}", Flaw.ATTEMPTS, HELD, "attempted 1 times, and 0 attempts are"),
        (f"UPDATE attempt SET number = 2 {ATTEMPT_1} {DONE}", Flaw.ATTEMPTS, DONE, "attempted 1 times, and 1 attempt"),
        (
            f"UPDATE attempt SET finished_at = 'now' {ATTEMPT_1} {SENDING}",
            Flaw.NO_INTENT,
            SENDING,
            "it is sending, and no open attempt says so",
        ),
        (f"UPDATE row SET state = 'sending' {ROW_1} 1", Flaw.NO_INTENT, 1, "it is sending, and no open attempt"),
        (
            f"UPDATE row SET state = 'in_doubt' {ROW_1} 1",
            Flaw.NO_ATTEMPT,
            1,
            "it is in doubt, and was never attempted",
        ),
        (
            f"UPDATE row SET state = 'pending' {ROW_1} {SENDING}",
            Flaw.OPEN_ATTEMPT,
            SENDING,
            "it is pending, and an attempt has no end: it may have been sent",
        ),
        (
            f"UPDATE attempt SET finished_at = NULL {ATTEMPT_1} {REJECTED}",
            Flaw.OPEN_ATTEMPT,
            REJECTED,
            "it is rejected, and an attempt has no end",
        ),
        (
            f"UPDATE row SET job_id = NULL {ROW_1} {DONE}",
            Flaw.NO_JOB_ID,
            DONE,
            "it is created in stage create, and has no job id",
        ),
        (f"UPDATE row SET job_id = 0 {ROW_1} {DONE}", Flaw.NO_JOB_ID, DONE, "has no job id"),
        (
            f"UPDATE row SET stage = 'submit' {ROW_1} 1",
            Flaw.NO_JOB_ID,
            1,
            "it is created in stage submit, and has no job id",
        ),
        (
            f"UPDATE row SET job_id = 7 {ROW_1} {HELD}",
            Flaw.EARLY_JOB_ID,
            HELD,
            "it is held, and has the job id 7",
        ),
        (
            f"UPDATE row SET job_id = 7 {ROW_1} {DONE}",
            Flaw.UNTOLD_JOB_ID,
            DONE,
            "no attempt, look-up or person has told of its job 7",
        ),
        (
            f"UPDATE attempt SET run_id = 9 {ATTEMPT_1} {DONE}",
            Flaw.NO_RUN,
            DONE,
            "attempt 1 belongs to run 9, which is not there",
        ),
        (f"UPDATE attempt SET run_id = 2 {ATTEMPT_1} {DONE}", Flaw.NO_RUN, DONE, "attempt 1 belongs to run 2"),
    ],
)
async def test_what_moves_cannot_have_left_is_found(path: Path, hand: str, flaw: Flaw, number: int, words: str) -> None:
    await written(path)
    with laid_hands_on(path) as db:
        assert db.execute(hand).rowcount == 1
    found = [each for each in seen(inspect(path, 100)) if each[0] is not Flaw.BOOKS]

    assert [each[:3] for each in found][:1] == [(flaw, "c", number)]
    assert words in found[0][3]
    assert {each[1:3] for each in found} == {("c", number)}


@pytest.mark.parametrize("table", ["spec", "row"])
async def test_books_that_do_not_balance_are_told_with_their_sums(path: Path, table: str) -> None:
    await written(path)
    with laid_hands_on(path) as db:
        db.execute(f"DELETE FROM {table} {ROW_1} {ROWS}")
    words = [what for flaw, campaign, _, what in seen(inspect(path, 100)) if (flaw, campaign) == (Flaw.BOOKS, "c")]
    rows, counted = (ROWS - 1, ROWS) if table == "spec" else (ROWS, ROWS - 1)

    assert words == [f"the manifest gave {rows} rows, and {counted} are in a known state"]


async def test_a_job_that_two_rows_have_is_told_once_with_both(path: Path) -> None:
    await written(path)
    with laid_hands_on(path) as db:
        db.execute("UPDATE row SET job_id = 5100 WHERE campaign_id = 2 AND state = 'done'")
        db.execute("UPDATE attempt SET job_id = 5100 WHERE campaign_id = 2 AND job_id IS NOT NULL")

    assert seen(inspect(path, 100)) == [(Flaw.JOB_TWICE, "d", DONE, f"row {DONE} of c has the same job 5100")]


async def test_one_job_id_at_two_base_urls_is_two_jobs(path: Path) -> None:
    await written(path)
    with laid_hands_on(path) as db:
        db.execute("UPDATE row SET job_id = 5100 WHERE campaign_id = 2 AND state = 'done'")
        db.execute("UPDATE attempt SET job_id = 5100 WHERE campaign_id = 2 AND job_id IS NOT NULL")
        db.execute("UPDATE campaign SET base_url = 'https://elsewhere/molpro' WHERE campaign_id = 2")

    assert seen(inspect(path, 100)) == []


async def test_what_belongs_to_no_campaign_is_told_by_table(path: Path) -> None:
    await written(path)
    with laid_hands_on(path) as db:
        db.execute("DELETE FROM campaign WHERE campaign_id = 2")
    found = [what for flaw, _, _, what in seen(inspect(path, 100)) if flaw is Flaw.NO_CAMPAIGN]

    assert found == [
        f"{count} lines of table {table} belong to a campaign that is not there"
        for table, count in (("attempt", ROWS - 3), ("row", ROWS), ("run", 1), ("spec", ROWS))
    ]


async def test_attempts_of_an_earlier_stage_are_counted_too(path: Path) -> None:
    await written(path)
    with laid_hands_on(path) as db:
        db.execute(f"UPDATE row SET stage = 'submit', state = 'pending', attempts = 0 {ROW_1} {DONE}")
        sound = seen(inspect(path, 100))
        db.execute(f"UPDATE attempt SET number = 2 {ATTEMPT_1} {DONE}")

    assert sound == []
    assert [each[:3] for each in seen(inspect(path, 100))] == [(Flaw.ATTEMPTS, "c", DONE)]


async def test_moves_with_several_attempts_are_sound(path: Path) -> None:
    """A crash, a look-up, a late reply, a person: what they leave is nothing wrong."""
    ledger = await SqliteLedger.open(path)
    campaign = await load(ledger, 4)
    assert await start_run(ledger, campaign) == 1
    await send(ledger, campaign, 1, 2, 3)
    await ledger.recover(campaign, 1, boot_id=BOOT, boot_now=0.0)
    for number in (1, 2):
        await ledger.record_outcome(outcome(campaign, number, State.PENDING, old=State.IN_DOUBT, via=Via.LOOK_UP))
    after_the_crash = inspect(path, 100)
    await send(ledger, campaign, 1, 2, attempt=2)
    await ledger.recover(campaign, 1, boot_id=BOOT, boot_now=0.0)
    await ledger.record_outcome(outcome(campaign, 1, State.DONE))
    await ledger.record_outcome(
        outcome(campaign, 3, State.DONE, old=State.IN_DOUBT, via=Via.PERSON, job_id=77, sent=False)
    )
    await ledger.close()

    assert seen(after_the_crash) == []
    assert seen(inspect(path, 100)) == []


async def test_the_first_are_listed_and_all_are_counted(path: Path) -> None:
    await written(path)
    with laid_hands_on(path) as db:
        db.execute("UPDATE row SET state = 'in_doubt' WHERE state = 'pending'")
    inspection = inspect(path, 2)

    assert ([finding.row_number for finding in inspection.findings], inspection.count) == ([1, ROWS - 1], 6)


async def test_it_sees_one_moment_while_a_run_writes(ledger: SqliteLedger, path: Path) -> None:
    campaign = await load(ledger, 300)
    assert await start_run(ledger, campaign) == 1
    writes = asyncio.gather(*(bring(ledger, campaign, number, State.DONE) for number in range(1, 301)))
    found = []
    while not writes.done():
        found += seen(await asyncio.to_thread(inspect, path, 10))
    await writes

    assert found == []


async def test_a_run_without_an_end_is_told_and_nothing_wrong(ledger: SqliteLedger, path: Path) -> None:
    """Only the latest of a campaign: an earlier one that was broken off has had a run after it."""
    for name in ("c", "d", "e"):
        campaign = await load(ledger, 1, name)
        await start_run(ledger, campaign)
        if name != "e":
            run_id = await start_run(ledger, campaign)
        if name == "c":
            await ledger.finish_run(run_id, now="later", exit_code=0, stopped_by=None)  # type: ignore[arg-type]
    inspection = inspect(path, 100)

    assert (inspection.count, list(inspection.open_runs)) == (0, ["d", "e"])
    assert [run.run_id for run in inspection.open_runs.values()] == [4, 5]


async def test_a_page_that_was_written_over_is_damage_and_the_books_are_left_alone(path: Path) -> None:
    ledger = await SqliteLedger.open(path)
    await load(ledger, [manifest_row(n, parameters={"x": "y" * 500}) for n in range(1, 500)])
    await ledger.close()
    body = bytearray(path.read_bytes())
    body[-3 * 4096 :] = b"\xff" * 3 * 4096
    path.write_bytes(body)
    inspection = inspect(path, 3)

    assert inspection.is_damaged
    assert {finding.flaw for finding in inspection.findings} == {Flaw.DAMAGED}
    assert 0 < len(inspection.findings) == inspection.count <= 3


async def test_an_index_that_lacks_a_row_is_damage(path: Path) -> None:
    """The same row could then be sent by another campaign: it is looked for there."""
    await written(path)
    with laid_hands_on(path) as db:
        db.execute("PRAGMA writable_schema = ON")
        db.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, 'job_id IS NOT NULL', 'job_id > 9999') WHERE name = 'row_job'"
        )
        db.execute("PRAGMA writable_schema = RESET")
        db.execute("PRAGMA user_version = 2")
    inspection = inspect(path, 100)

    assert inspection.is_damaged


async def test_an_older_ledger_is_looked_at_as_it_is(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await written(path)
    monkeypatch.setattr(
        "batcher.ledger.sqlite.verification.MIGRATIONS", (*schema.MIGRATIONS, "ALTER TABLE row ADD COLUMN colour TEXT")
    )
    inspection = inspect(path, 100)

    assert (inspection.count, inspection.newest - inspection.version) == (0, 1)


def test_the_first_version_can_be_looked_at(path: Path) -> None:
    with laid_hands_on(path) as db:
        db.executescript(
            f"{schema.MIGRATIONS[0]}; PRAGMA application_id = {schema.APPLICATION_ID};PRAGMA user_version = 1"
        )

    assert (inspect(path, 100).version, inspect(path, 100).count) == (1, 0)


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "there is no ledger"), (b"", "has nothing in it yet"), (b"rubbish..." * 100, "is not a ledger of batcher")],
)
def test_what_is_no_ledger_is_refused(path: Path, content: bytes | None, words: str) -> None:
    if content is not None:
        path.write_bytes(content)

    with pytest.raises((LedgerError, LedgerMissing), match=words):
        inspect(path, 100)


async def test_it_writes_nothing(path: Path) -> None:
    await written(path)
    before = path.read_bytes()
    inspect(path, 100)

    assert path.read_bytes() == before
