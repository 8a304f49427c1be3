"""What the ledger and its disk show. A ledger that is not there yet is as good as one that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from batcher.core.errors import Exit, LedgerBusy
from batcher.ledger.disk import Disk
from batcher.ledger.records import Overview
from batcher.ledger.sqlite.inspection import NEWEST, Inspection

from .check import Check, failed, failed_by, ok, skipped, warning

_LITTLE_BYTES: Final = 500_000_000
"""Room for half a million rows: a row and what became of it take some 600 bytes, and as much again while it is read."""

_FEW_FILES: Final = 100
_SLOW_WRITE_S: Final = 0.5
"""A run waits for the disk about twice a second and more."""

_IN_MEMORY: Final = frozenset({"tmpfs", "ramfs"})
_NOT_READ: Final = "no ledger of this version to look into"
_DOUBTFUL: Final = ("in_doubt", "held")


def ledger_check(path: Path, found: Inspection) -> Check:
    """Whether a run could work with the file."""
    if isinstance(found.trouble, LedgerBusy):
        return warning("ledger", *_halves(found.trouble))
    if found.trouble is not None:
        return failed_by("ledger", found.trouble)
    if not found.is_there:
        return ok("ledger", f"none at {path} yet; `batcher run` makes it")
    facts = {"version": found.version, "bytes": found.size_bytes, "campaigns": len(found.overviews)}
    if found.version == 0:
        return ok("ledger", f"{path} has nothing in it yet; `batcher run` fills it", **facts)
    read = "read through and found whole" if found.is_whole else "found whole as far as a few seconds of reading go"
    what = f"{path}: version {found.version}, {_size(found.size_bytes)}, {read}"
    if found.version < NEWEST:
        what += f"; the next `batcher run` brings it to version {NEWEST}, which an older batcher does not read"
        return ok("ledger", what, **facts)
    return ok("ledger", f"{what}, {_campaigns(len(found.overviews))}", **facts)


def lock_check(found: Inspection) -> Check:
    """Whether another run is at work on it."""
    if found.holder is None:
        return ok("lock", "nobody holds the ledger")
    return warning("lock", f"in use by {found.holder}", "wait for it to end: until then a run ends with exit 11")


def doubts_check(found: Inspection) -> Check:
    """Rows that wait for a look-up or for a person; what is on its way in a run that works does not wait."""
    if found.version != NEWEST:
        return skipped("doubts", _NOT_READ)
    states = _DOUBTFUL if found.holder is not None else (*_DOUBTFUL, "sending")
    waiting = {o.campaign.name: sum(o.counts.get(state, 0) for state in states) for o in found.overviews}
    held = sum(overview.counts.get("held", 0) for overview in found.overviews)
    rows = sum(waiting.values())
    if not rows:
        return ok("doubts", "none wait", rows=0)
    where = ", ".join(f"{name} ({count:,})" for name, count in waiting.items() if count)
    next_step = "`batcher run` and `batcher reconcile` look them up; what stays held wants `batcher resolve`"
    return warning("doubts", f"{rows:,} rows in doubt or held: {where}", next_step, rows=rows, held=held)


def drafts_check(found: Inspection) -> Check:
    """Jobs that are created and cost nothing yet: perhaps somebody thinks that they are in the mail."""
    waiting = {o.campaign.name: o.counts.get("created", 0) for o in found.overviews}
    jobs = sum(waiting.values())
    if found.version != NEWEST:
        return skipped("drafts", _NOT_READ)
    if not jobs:
        return ok("drafts", "none wait to be submitted", jobs=0)
    where = ", ".join(f"{name} ({count:,})" for name, count in waiting.items() if count)
    return ok("drafts", f"{jobs:,} created and not submitted: {where}; `batcher submit` shows the bill", jobs=jobs)


def last_run_check(overviews: Sequence[Overview], words: Mapping[str, str]) -> Check:
    """
    How the latest run of the ledger ended.

    Args:
        words: That of every campaign, in words.
    """
    runs = [(o.last_run.run_id, o.campaign.name, o.last_run) for o in overviews if o.last_run is not None]
    if not runs:
        return skipped("last run", "there was none yet")
    _, name, run = max(runs, key=lambda entry: entry[0])
    return ok("last run", f"{name}: {words[name]}", started_at=run.started_at, ended_with=run.exit_code)


def place_check(file_system: str, warnings: Sequence[str]) -> Check:
    """
    Whether locks and writes can be relied upon where the ledger lies.

    Args:
        file_system: Its kind; empty where it is not known.
        warnings: What is known to be wrong with the place, one line each.
    """
    if warnings:
        what, _, next_step = "; ".join(warnings).partition("; ")
        return warning("place", what, next_step, file_system=file_system)
    if file_system in _IN_MEMORY:
        what = f"the ledger lies in memory ({file_system}) and is lost with the next start of the machine"
        return warning("place", what, "put it on a disk (--ledger)", file_system=file_system)
    return ok("place", f"on a file system of its own machine{f' ({file_system})' if file_system else ''}")


def disk_check(disk: Disk) -> Check:
    """Whether there is room, and a write comes through."""
    write_s = None if disk.write_s is None else round(disk.write_s, 6)
    facts = {"free_bytes": disk.free_bytes, "free_files": disk.free_files, "write_s": write_s}
    if disk.write_s is None:
        next_step = "make space or mend the permissions, or name another place with --ledger"
        return failed("disk", disk.trouble or "nothing can be written", next_step, Exit.LEDGER_BROKEN, **facts)
    room = [] if disk.free_bytes is None else [f"{_size(disk.free_bytes)} free"]
    room += [] if disk.free_files is None else [f"{disk.free_files:,} more files"]
    what = f"{', '.join([*room, ''])}a write took {disk.write_s * 1000:,.1f} ms to be safe"
    if disk.free_bytes is not None and disk.free_bytes < _LITTLE_BYTES:
        return warning("disk", what, "make space: a row takes about a kilobyte while it is read in", **facts)
    if disk.free_files is not None and disk.free_files < _FEW_FILES:
        return warning("disk", what, "remove files: a run makes some beside the ledger", **facts)
    if disk.write_s > _SLOW_WRITE_S:
        return warning("disk", what, "use another disk: a run waits for it before rows are sent", **facts)
    return ok("disk", what, **facts)


def _halves(error: LedgerBusy) -> tuple[str, str]:
    what, _, next_step = str(error).partition("; ")
    return what, next_step


def _campaigns(count: int) -> str:
    return "1 campaign" if count == 1 else f"{count:,} campaigns"


def _size(count: int) -> str:
    """``850 kB``, ``1.2 GB``."""
    for unit, size in (("GB", 10**9), ("MB", 10**6)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count / 1000:,.0f} kB"
