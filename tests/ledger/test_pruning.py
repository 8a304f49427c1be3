"""What is pruned is gone from the file, what stays still keeps a row from being sent twice, and a kill does no harm."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from batcher.core.errors import Exit, IllegalMove, LedgerBusy, LedgerMissing
from batcher.core.retention import Fate, Usage
from batcher.core.states import Stage, State
from batcher.ledger.records import Campaign, Comparison, HeldJob
from batcher.ledger.sqlite import SqliteLedger, SqliteReader
from batcher.ledger.sqlite.pruning import prune, usages
from batcher.ledger.sqlite.verification import inspect
from batcher.ledger.staging import Staging
from tests.ledger.builders import (
    NOW,
    TARGET,
    bring,
    changed,
    load,
    manifest_row,
    outcome,
    send,
    start_run,
)

CANARY = "canary-in-a-coal-mine"
READING = {"key": "note", "constants": {"rtnName": CANARY}, "field_of": {"documentId": "documentId"}}
SAID = {"description": f"said {CANARY}", "error": f"HTTP 200, code 1: said {CANARY}", "error_type": "rejected"}
WRITE_AND_DIE = """
import os, sys
from pathlib import Path
from batcher.ledger.sqlite.connection import open_for_writing

db = open_for_writing(Path(sys.argv[1]))
db.execute("UPDATE spec SET kept = json_array(?)", (sys.argv[2],))
os._exit(9)
"""
CREATED, REJECTED, WITHDRAWN = 1, 2, 3


def row(number: int, **changes: Any) -> Any:
    facts: dict[str, Any] = {
        "parameters": {"documentId": f"{CANARY} {number} " + "x" * 300},
        "kept": {"note": f"{CANARY} {number}"},
    }
    return manifest_row(number, **facts | changes)


def stripped(usage: Usage) -> Fate:
    return Fate.STRIPPED


def dropped(usage: Usage) -> Fate:
    return Fate.DROPPED


async def finished(path: Path, name: str = "c", rows: int = 3) -> Campaign:
    """A campaign whose rows are created, rejected, withdrawn, and created from there on."""
    ledger = await SqliteLedger.open(path)
    campaign = await load(ledger, [row(number) for number in range(1, rows + 1)], name, reading=READING)
    run_id = await start_run(ledger, campaign)
    await bring(ledger, campaign, CREATED, State.DONE, **SAID, job_id=10_000 * campaign.campaign_id)
    await bring(ledger, campaign, REJECTED, State.REJECTED, **SAID)
    await ledger.load(lambda staging: amended(staging, campaign, [n for n in range(1, rows + 1) if n != WITHDRAWN]))
    for number in range(4, rows + 1):
        await bring(ledger, campaign, number, State.DONE, job_id=10_000 * campaign.campaign_id + number)
    await ledger.finish_run(run_id, now=NOW, exit_code=Exit.REJECTED, stopped_by=None)
    await ledger.close()
    return campaign


def amended(staging: Staging, campaign: Campaign, numbers: list[int]) -> Comparison:
    staging.add([row(number) for number in numbers])
    comparison = staging.compare(campaign)
    staging.amend(campaign)
    return comparison


def bytes_of(path: Path) -> bytes:
    """Of the ledger and all that lies beside it."""
    return b"".join(file.read_bytes() for file in sorted(path.parent.iterdir()) if file.is_file())


def results_of(path: Path, name: str = "c") -> list[Any]:
    with closing(SqliteReader(path)) as reader:
        campaign = reader.campaign(name)
        assert campaign is not None
        return list(reader.results(campaign))


def names_in(path: Path) -> list[str]:
    return [usage.campaign for usage in usages(path)]


async def reopened(path: Path, work: Any) -> Any:
    """What a later command does with the ledger, and with its campaign "c"."""
    ledger = await SqliteLedger.open(path)
    try:
        return await work(ledger, await ledger.campaign("c"))
    finally:
        await ledger.close()


# Gone


@pytest.mark.parametrize("fate_of", [stripped, dropped])
async def test_what_was_sent_kept_and_said_is_gone_from_every_byte(path: Path, fate_of: Any) -> None:
    await finished(path, rows=200)
    assert bytes_of(path).count(CANARY.encode()) > 400
    done = prune(path, fate_of)

    assert CANARY.encode() not in bytes_of(path)
    assert done.freed_bytes > 50_000


async def test_the_space_is_given_back(path: Path) -> None:
    await finished(path, rows=2000)
    before = path.stat().st_size
    done = prune(path, stripped)

    assert path.stat().st_size < before / 2
    assert before - path.stat().st_size == done.freed_bytes


async def test_what_a_killed_run_has_left_in_the_log_goes_too(path: Path) -> None:
    await finished(path)
    died = subprocess.run([sys.executable, "-c", WRITE_AND_DIE, str(path), f"{CANARY} again"])
    assert died.returncode == 9
    assert f"{CANARY} again".encode() in path.with_name(path.name + "-wal").read_bytes()
    prune(path, stripped)

    assert CANARY.encode() not in bytes_of(path)


async def test_only_what_is_to_go_goes(path: Path) -> None:
    for name in ("c", "d", "e"):
        await finished(path, name)
    before = {name: results_of(path, name) for name in ("c", "e")}
    prune(path, lambda usage: {"c": Fate.KEPT, "d": Fate.DROPPED, "e": Fate.STRIPPED}[usage.campaign])

    assert names_in(path) == ["c", "e"]
    assert results_of(path, "c") == before["c"]
    assert results_of(path, "e") == [
        result._replace(description="", error=None, kept={}, parameters_json="") for result in before["e"]
    ]


async def test_nothing_of_a_campaign_that_goes_as_a_whole_is_left_in_any_table(path: Path) -> None:
    for name in ("c", "d"):
        await finished(path, name)
    prune(path, lambda usage: Fate.DROPPED if usage.campaign == "c" else Fate.KEPT)

    with closing(sqlite3.connect(path)) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        found = {table: {c for (c,) in db.execute(f"SELECT campaign_id FROM {table}")} for table in tables}
    assert found == {table: {2} for table in ("campaign", "row", "spec", "attempt", "run")} | {"job": set()}


async def test_a_pruned_ledger_is_sound(path: Path) -> None:
    for name in ("c", "d"):
        await finished(path, name)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE attempt SET run_id = campaign_id")  # which the builders do not know
    prune(path, lambda usage: Fate.DROPPED if usage.campaign == "c" else Fate.STRIPPED)

    assert inspect(path, 10).findings == ()


async def test_what_was_pruned_before_is_not_pruned_again(path: Path) -> None:
    await finished(path)
    prune(path, stripped)

    assert [usage.has_parameters for usage in usages(path)] == [False]
    assert prune(path, stripped).freed_bytes == 0


# What a campaign is judged by


async def test_a_campaign_is_judged_by_its_rows_and_its_latest_time(path: Path) -> None:
    await finished(path)
    ledger = await SqliteLedger.open(path)
    campaign = await load(ledger, 6, "d", now="2026-02-01T00:00:00.000Z")
    for number, state in enumerate((State.PENDING, State.SENDING, State.IN_DOUBT, State.HELD, State.FAILED), 1):
        await bring(ledger, campaign, number, state)
    await ledger.close()

    assert usages(path) == [
        Usage(campaign="c", rows=3, last_used=NOW, open_rows={}, possible_duplicates=0, has_parameters=True),
        Usage(
            campaign="d",
            rows=6,
            last_used="2026-02-01T00:00:00.000Z",
            open_rows={"pending": 2, "sending": 1, "in_doubt": 1, "held": 1, "failed": 1},
            possible_duplicates=0,
            has_parameters=True,
        ),
    ]


@pytest.mark.parametrize(
    "use",
    [
        "UPDATE campaign SET created_at = '2027'",
        "UPDATE run SET started_at = '2027'",
        "UPDATE run SET finished_at = '2027'",
        "UPDATE attempt SET intent_at = '2027' WHERE row_number = 2",
        "UPDATE attempt SET finished_at = '2027' WHERE row_number = 2",
        "UPDATE attempt SET second_look_at = '2027' WHERE row_number = 2",
        "UPDATE run SET finished_at = NULL, started_at = '2027'",
    ],
)
async def test_whatever_happened_last_counts(path: Path, use: str) -> None:
    await finished(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(use)

    assert [usage.last_used for usage in usages(path)] == ["2027"]


async def test_rows_that_may_be_more_jobs_than_one_are_counted(path: Path) -> None:
    ledger = await SqliteLedger.open(path)
    campaign = await load(ledger, 1)
    await bring(ledger, campaign, 1, State.IN_DOUBT)
    await ledger.record_outcome(outcome(campaign, 1, State.PENDING, old=State.IN_DOUBT, unchecked=True))
    await send(ledger, campaign, 1, attempt=2)
    await ledger.record_outcome(outcome(campaign, 1, State.DONE, attempt=2))
    await ledger.close()

    assert [usage.possible_duplicates for usage in usages(path)] == [1]


async def test_it_is_asked_under_the_lock_and_told_what_is_there_then(path: Path) -> None:
    await finished(path)
    asked: list[Usage] = []

    def fate_of(usage: Usage) -> Fate:
        with pytest.raises(LedgerBusy):
            prune(path, stripped)
        asked.append(usage)
        return Fate.KEPT

    done = prune(path, fate_of)

    assert (asked, done.usages) == (usages(path), tuple(asked))


# What stays


async def test_keys_states_jobs_and_times_stay(path: Path) -> None:
    await finished(path)
    before = results_of(path)
    prune(path, stripped)

    assert [(r.row_number, r.key, r.state, r.job_id, r.error_type, r.first_sent_at) for r in results_of(path)] == [
        (r.row_number, r.key, r.state, r.job_id, r.error_type, r.first_sent_at) for r in before
    ]
    assert [r.state for r in before] == ["created", "rejected", "withdrawn"]


async def test_another_campaign_still_does_not_send_what_is_a_job(path: Path) -> None:
    await finished(path)

    async def ask(ledger: SqliteLedger, campaign: Campaign) -> tuple[list[HeldJob], int]:
        def work(staging: Staging) -> tuple[list[HeldJob], int]:
            staging.add([row(number) for number in (1, 2, 3)])
            return staging.held_elsewhere("another", TARGET.base_url, 9)

        return await ledger.load(work)

    job = HeldJob(key="k1", state="created", job_id=10_000, campaign="c", line=2)
    prune(path, stripped)
    assert await reopened(path, ask) == ([job], 1)
    prune(path, dropped)
    assert await reopened(path, ask) == ([], 0)


async def test_a_job_id_stays_taken(path: Path) -> None:
    await finished(path)
    prune(path, stripped)

    async def take(ledger: SqliteLedger, campaign: Campaign) -> Any:
        other = await load(ledger, 1, "d")
        await send(ledger, other, 1)
        return await ledger.record_outcome(outcome(other, 1, State.DONE, job_id=10_000))

    assert await reopened(path, take) == "id_taken"


async def test_a_created_row_is_still_a_control_for_the_look_up(path: Path) -> None:
    await finished(path)
    prune(path, stripped)

    async def control(ledger: SqliteLedger, campaign: Campaign) -> Any:
        return await ledger.known_row(campaign)

    known = await reopened(path, control)
    assert (known.number, known.job_id) == (CREATED, 10_000)


# The same manifest again


def same_again(staging: Staging, campaign: Campaign) -> tuple[Comparison, int]:
    staging.add([row(number) for number in (CREATED, REJECTED)])
    return staging.compare(campaign), staging.restore(campaign)


async def test_the_same_manifest_is_the_same_and_brings_back_what_rows_sent_that_are_no_jobs(path: Path) -> None:
    await finished(path)
    prune(path, stripped)

    async def load_again(ledger: SqliteLedger, campaign: Campaign) -> Any:
        return await ledger.load(lambda staging: same_again(staging, campaign))

    comparison, restored = await reopened(path, load_again)

    assert (comparison.same, restored) == (True, 1)
    assert [bool(result.parameters) for result in results_of(path)] == [False, True, False]
    assert results_of(path)[REJECTED - 1].kept == row(REJECTED).kept
    assert await reopened(path, load_again) == (comparison, 0)
    assert [usage.has_parameters for usage in usages(path)] == [True]


async def test_a_row_that_has_changed_does_not_bring_back_anything(path: Path) -> None:
    await finished(path)
    prune(path, stripped)

    async def load_other(ledger: SqliteLedger, campaign: Campaign) -> int:
        def work(staging: Staging) -> int:
            staging.add([row(CREATED), changed(REJECTED)])
            return staging.restore(campaign)

        return await ledger.load(work)

    assert await reopened(path, load_other) == 0


async def test_a_withdrawn_row_that_is_back_in_the_manifest_is_sent_with_all_that_it_sends(path: Path) -> None:
    await finished(path)
    prune(path, stripped)

    async def amend(ledger: SqliteLedger, campaign: Campaign) -> Any:
        comparison = await ledger.load(lambda staging: amended(staging, campaign, [CREATED, REJECTED, WITHDRAWN]))
        return comparison, await ledger.claim(campaign, Stage.CREATE, after=0, limit=9)

    comparison, claimed = await reopened(path, amend)

    assert (comparison.changed, comparison.conflict_count) == (1, 0)
    assert [(stored.number, stored.parameters) for stored in claimed] == [(WITHDRAWN, row(WITHDRAWN).parameters)]


async def test_new_rows_of_an_amended_manifest_are_as_in_any_campaign(path: Path) -> None:
    await finished(path)
    prune(path, stripped)

    async def amend(ledger: SqliteLedger, campaign: Campaign) -> Any:
        await ledger.load(lambda staging: amended(staging, campaign, [CREATED, REJECTED, 4]))
        return await ledger.claim(campaign, Stage.CREATE, after=0, limit=9)

    assert [stored.parameters for stored in await reopened(path, amend)] == [row(4).parameters]


# Never sent without its parameters


async def test_a_rejected_row_that_was_pruned_is_not_released(path: Path) -> None:
    await finished(path)
    prune(path, stripped)

    async def retry(ledger: SqliteLedger, campaign: Campaign) -> Any:
        states = (State.REJECTED,)
        blocked = await ledger.pruned(campaign, states)
        released = await ledger.release(campaign, Stage.CREATE, states)
        await ledger.load(lambda staging: same_again(staging, campaign))
        return (
            blocked,
            released,
            await ledger.pruned(campaign, states),
            await ledger.release(campaign, Stage.CREATE, states),
        )

    assert await reopened(path, retry) == (1, 0, 0, 1)


async def test_corrections_of_pruned_rows_are_refused_because_constants_are_gone(path: Path) -> None:
    await finished(path)

    async def correct(ledger: SqliteLedger, campaign: Campaign) -> Any:
        def work(staging: Staging) -> tuple[int, list[HeldJob]]:
            staging.add([changed(REJECTED, batcher_key=f"k{REJECTED}")])
            return staging.correct(campaign)

        return campaign.reading, await ledger.load(work)

    prune(path, stripped)
    reading, (taken, refused) = await reopened(path, correct)

    assert reading == READING | {"constants": {}}
    assert (taken, [(job.key, job.state) for job in refused]) == (0, [("k2", "pruned")])


@pytest.mark.parametrize("state", [State.PENDING, State.IN_DOUBT])
async def test_a_row_without_parameters_that_waits_all_the_same_is_never_handed_out(path: Path, state: State) -> None:
    """Prune leaves no such row; hands on the file may."""
    ledger = await SqliteLedger.open(path)
    campaign = await load(ledger, 2)
    await bring(ledger, campaign, 2, state)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE spec SET parameters = '' WHERE number = 2")

    with pytest.raises(IllegalMove, match=r"row 2 is .+ although it was pruned"):
        await (
            ledger.claim(campaign, Stage.CREATE, after=0, limit=9)
            if state is State.PENDING
            else ledger.doubts(campaign, Stage.CREATE, [state])
        )
    await ledger.close()


async def test_a_person_is_told_how_a_pruned_row_stands(path: Path) -> None:
    await finished(path)
    prune(path, stripped)

    async def find(ledger: SqliteLedger, campaign: Campaign) -> Any:
        return await ledger.find_row(campaign, number=CREATED, key=None)

    assert (await reopened(path, find)).state is State.DONE


# Trouble


def test_where_no_ledger_is_none_is_made(path: Path) -> None:
    for work in (usages, lambda place: prune(place, stripped)):
        with pytest.raises(LedgerMissing):
            work(path)
    assert list(path.parent.iterdir()) == []


async def test_a_ledger_in_use_is_left_alone(ledger: SqliteLedger, path: Path) -> None:
    await load(ledger, 1)

    with pytest.raises(LedgerBusy, match="is in use by process"):
        prune(path, dropped)
    assert names_in(path) == ["c"]


async def test_somebody_who_still_reads_what_was_there_is_told_of(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batcher.ledger.sqlite.pruning.LOCK_PATIENCE_S", 0.05)
    await finished(path)
    with closing(SqliteReader(path)) as reader:
        campaign = reader.campaign("c")
        assert campaign is not None
        reading = reader.results(campaign)
        next(reading)
        with pytest.raises(LedgerBusy, match=r"somebody still reads it as it was, .*; run the same command again"):
            prune(path, stripped)
        assert [usage.has_parameters for usage in usages(path)] == [False]
        assert len(list(reading)) == 2
    assert CANARY.encode() in bytes_of(path)
    prune(path, stripped)

    assert CANARY.encode() not in bytes_of(path)


@pytest.fixture(scope="module")
def many_rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of two finished campaigns, to be copied."""
    path = tmp_path_factory.mktemp("many") / "batcher.db"
    for name in ("c", "d"):
        asyncio.run(finished(path, name, rows=200))
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE attempt SET run_id = campaign_id")
    return path


PRUNE_AND_DIE = """
import os, signal, sqlite3, sys
from pathlib import Path
from batcher.core.retention import Fate
from batcher.ledger.sqlite import pruning

open_for_writing, step = pruning.open_for_writing, sys.argv[2]

def die(*anything):
    os.kill(os.getpid(), signal.SIGKILL)

def traced(path):
    db = open_for_writing(path)
    seen = []
    def see(statement):
        seen.append(statement)
        if statement.startswith(step) and sum(s.startswith(step) for s in seen) == int(sys.argv[3]):
            die() if sys.argv[4] == "before" else db.set_progress_handler(die, 100)
    db.set_trace_callback(see)
    return db

pruning.open_for_writing = traced
pruning.prune(Path(sys.argv[1]), lambda usage: Fate(sys.argv[5]))
"""


@pytest.mark.parametrize("fate", [Fate.STRIPPED, Fate.DROPPED])
@pytest.mark.parametrize(
    ("step", "nth", "when", "left"),
    [
        ("UPDATE spec", 1, "before", 2),
        ("BEGIN IMMEDIATE", 1, "in it", 2),
        ("COMMIT", 1, "before", 2),
        ("BEGIN IMMEDIATE", 2, "before", 1),
        ("COMMIT", 2, "before", 1),
        ("VACUUM", 1, "before", 0),
        ("VACUUM", 1, "in it", 0),
        ("PRAGMA wal_checkpoint", 1, "before", 0),
    ],
)
async def test_a_process_that_is_killed_leaves_each_campaign_whole_or_pruned(
    path: Path, many_rows: Path, fate: Fate, step: str, nth: int, when: str, left: int
) -> None:
    shutil.copyfile(many_rows, path)
    if fate is Fate.DROPPED:
        step = step.replace("UPDATE spec", "DELETE FROM spec")
    died = subprocess.run([sys.executable, "-c", PRUNE_AND_DIE, str(path), step, str(nth), when, fate])

    assert died.returncode == -signal.SIGKILL
    assert sum(usage.has_parameters for usage in usages(path)) == left
    assert inspect(path, 10).findings == ()
    if left == 0:
        # Zeros stand where it stood, whatever became of the space.
        ledger = await SqliteLedger.open(path)
        await ledger.close()
        assert CANARY.encode() not in bytes_of(path)
    prune(path, lambda usage: fate)
    assert CANARY.encode() not in bytes_of(path)
    assert [usage.has_parameters for usage in usages(path)] == ([False, False] if fate is Fate.STRIPPED else [])
