"""What a ledger and its disk are taken for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from batcher.core.errors import Exit, LedgerBusy, LedgerError, LedgerTooNew
from batcher.dispatch.checkup import Check, Level
from batcher.dispatch.checkup.ledger import (
    disk_check,
    doubts_check,
    drafts_check,
    last_run_check,
    ledger_check,
    lock_check,
    place_check,
)
from batcher.ledger.disk import Disk
from batcher.ledger.records import Campaign, Duplicates, Overview, RunInfo, Target
from batcher.ledger.sqlite.inspection import NEWEST, Inspection

PATH = Path("data/batcher.db")
DISK = Disk(free_bytes=12_300_000_000, free_files=50_000, write_s=0.0031)


def overview(name: str = "c", run_id: int | None = None, **counts: int) -> Overview:
    run = None
    if run_id is not None:
        run = RunInfo(
            run_id=run_id,
            started_at=f"2026-01-0{run_id}",
            finished_at="later",
            exit_code=run_id,
            stopped_by=None,
            host="h",
            pid=1,
        )
    campaign = Campaign(
        campaign_id=1,
        name=name,
        token="t",
        target=Target(base_url="u", username="n"),
        manifest="m",
        columns=(),
        kept_columns=(),
        reading={},
        own_signatures=False,
        created_at="now",
    )
    return Overview(
        campaign=campaign, rows=9, counts=counts, last_run=run, created_last_minute=0, duplicates=Duplicates()
    )


def inspection(*overviews: Overview, **changes: Any) -> Inspection:
    found = Inspection(size_bytes=1_200_000, version=NEWEST, is_whole=True, overviews=overviews)
    return replace(found, **changes)


def short(check: Check) -> tuple[Level, Exit]:
    return check.level, check.exit_code


OK = (Level.OK, Exit.OK)
WARNED = (Level.WARNING, Exit.OK)
SKIPPED = (Level.SKIPPED, Exit.OK)
BROKEN = (Level.FAILED, Exit.LEDGER_BROKEN)


@pytest.mark.parametrize(
    ("found", "expected", "says"),
    [
        (Inspection(is_there=False), OK, "none at data/batcher.db yet; `batcher run` makes it"),
        (inspection(version=0), OK, "has nothing in it yet"),
        (inspection(overview()), OK, f"version {NEWEST}, 1.2 MB, read through and found whole, 1 campaign"),
        (inspection(is_whole=None), OK, "found whole as far as a few seconds of reading go, 0 campaigns"),
        (inspection(version=NEWEST - 1), OK, f"brings it to version {NEWEST}"),
        (inspection(trouble=LedgerTooNew("newer; update batcher")), BROKEN, "newer"),
        (inspection(trouble=LedgerError("damaged; a backup")), BROKEN, "damaged"),
        (inspection(trouble=LedgerBusy("locked; later")), WARNED, "locked"),
    ],
)
def test_the_ledger(found: Inspection, expected: tuple[Level, Exit], says: str) -> None:
    check = ledger_check(PATH, found)

    assert (short(check), says in check.what) == (expected, True), check.what
    assert (check.next_step is not None) == (check.level is not Level.OK)


def test_a_holder_is_named_and_is_no_failure() -> None:
    check = lock_check(inspection(holder="process 7 on host since noon"))

    assert (short(check), check.what) == (WARNED, "in use by process 7 on host since noon")
    assert short(lock_check(inspection())) == OK


@pytest.mark.parametrize(
    ("found", "expected", "what"),
    [
        (inspection(overview(created=5, rejected=1)), OK, "none wait"),
        (inspection(), OK, "none wait"),
        (inspection(overview("a", in_doubt=2, created=3), overview("b", held=1)), WARNED, "a (2), b (1)"),
        (inspection(overview(sending=4)), WARNED, "c (4)"),
        (inspection(overview(sending=4), holder="a run"), OK, "none wait"),
        (inspection(overview(sending=4, held=1), holder="a run"), WARNED, "c (1)"),
        (Inspection(is_there=False), SKIPPED, "no ledger of this version"),
        (inspection(version=NEWEST - 1), SKIPPED, "no ledger of this version"),
    ],
)
def test_doubts(found: Inspection, expected: tuple[Level, Exit], what: str) -> None:
    check = doubts_check(found)

    assert (short(check), what in check.what) == (expected, True), check.what


@pytest.mark.parametrize(
    ("found", "expected", "what"),
    [
        (inspection(overview("a", created=1200), overview("b", submitted=2), overview("c", created=3)), OK, "1,203 "),
        (inspection(overview("a", created=1200), overview("c", created=3)), OK, "submitted: a (1,200), c (3);"),
        (inspection(overview(submitted=2)), OK, "none wait"),
        (Inspection(is_there=False), SKIPPED, "no ledger of this version"),
    ],
)
def test_drafts(found: Inspection, expected: tuple[Level, Exit], what: str) -> None:
    check = drafts_check(found)

    assert (short(check), what in check.what) == (expected, True), check.what


def test_the_latest_run_of_all_campaigns_is_told() -> None:
    words = {"a": "exit 0, then", "b": "broken off", "none": ""}
    check = last_run_check([overview("a", 1), overview("b", 3), overview("none")], words)

    assert (short(check), check.what) == (OK, "b: broken off")
    assert check.facts == {"started_at": "2026-01-03", "ended_with": 3}
    assert short(last_run_check([overview("none")], words)) == SKIPPED


@pytest.mark.parametrize(
    ("file_system", "warnings", "expected", "says"),
    [
        ("ext4", [], OK, "(ext4)"),
        ("", [], OK, "its own machine"),
        ("tmpfs", [], WARNED, "in memory (tmpfs)"),
        ("nfs4", ["it lies on a network file system (nfs4); put it on a disk"], WARNED, "network file system"),
    ],
)
def test_the_place(file_system: str, warnings: list[str], expected: tuple[Level, Exit], says: str) -> None:
    check = place_check(file_system, warnings)

    assert (short(check), says in check.what) == (expected, True)


@pytest.mark.parametrize(
    ("changes", "expected", "says"),
    [
        ({}, OK, "12.3 GB free, 50,000 more files, a write took 3.1 ms to be safe"),
        ({"free_files": None}, OK, "12.3 GB free, a write took"),
        ({"free_bytes": None, "free_files": None}, OK, "a write took 3.1 ms"),
        ({"free_bytes": 500_000_000}, OK, "500.0 MB free"),
        ({"free_bytes": 499_999_999}, WARNED, "500.0 MB free"),
        ({"free_bytes": 900_000}, WARNED, "900 kB free"),
        ({"free_files": 99}, WARNED, "99 more files"),
        ({"write_s": 0.6}, WARNED, "600.0 ms"),
        ({"write_s": None, "trouble": "no space"}, BROKEN, "no space"),
    ],
)
def test_the_disk(changes: dict[str, Any], expected: tuple[Level, Exit], says: str) -> None:
    check = disk_check(replace(DISK, **changes))

    assert (short(check), says in check.what) == (expected, True), check.what
