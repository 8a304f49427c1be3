"""What ``batcher ledger verify`` says of a ledger, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from batcher.ledger.soundness import Finding, Inspection

from .show import table
from .status import run_words


def facts_of(inspection: Inspection) -> dict[str, Any]:
    """All of it, by name."""
    return {
        "sound": not inspection.count,
        "damaged": inspection.is_damaged,
        "version": inspection.version,
        "campaigns": inspection.campaigns,
        "rows": inspection.rows,
        "attempts": inspection.attempts,
        "problem_count": inspection.count,
        "problems": [
            {
                "kind": finding.flaw,
                "campaign": finding.campaign,
                "row_number": finding.row_number,
                "problem": finding.what,
                "advice": finding.advice or None,
            }
            for finding in inspection.findings
        ],
        "open_runs": [
            {"campaign": campaign, "started_at": run.started_at, "run": run_words(run)}
            for campaign, run in inspection.open_runs.items()
        ],
    }


def lines_of(inspection: Inspection, ledger: Path) -> Iterator[str]:
    """A line for each problem, and how it all stands."""
    for finding in inspection.findings:
        yield _line(finding)
    if unlisted := inspection.count - len(inspection.findings):
        yield f"… and {unlisted:,} more"
    if inspection.is_damaged:
        return
    found = "sound" if not inspection.count else f"{inspection.count:,} problem{'' if inspection.count == 1 else 's'}"
    old = inspection.version < inspection.newest
    version = (
        f"{inspection.version}, which `batcher run` brings up to {inspection.newest}" if old else inspection.version
    )
    books = {"campaigns": inspection.campaigns, "rows": inspection.rows, "attempts": inspection.attempts}
    yield table({"ledger": str(ledger), "found": found, "version": version, **books})
    for campaign, run in inspection.open_runs.items():
        yield f"{campaign}: its last run, of {run.started_at}, has no end: {run_words(run)}"


def _line(finding: Finding) -> str:
    where = "" if finding.campaign is None else f"{finding.campaign}, "
    where += "" if finding.row_number is None else f"row {finding.row_number}"
    where = where.removesuffix(", ")
    return f"{where}{': ' if where else ''}{finding.what}{'; ' if finding.advice else ''}{finding.advice}"
