"""The commands of a campaign's life, each a process of its own, and what its log says of the parts of a run."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tests.bench.peers.contestant import package_version
from tests.bench.speed.clients.batcher import Batcher
from tests.bench.speed.clients.client import Errand
from tests.bench.speed.usage import Usage

_BATCHER = (sys.executable, "-m", "batcher")
Clock = Callable[[Usage, str], float]
"""Seconds of a process that used this and said that."""


def by_the_clock(usage: Usage, words: str) -> float:
    """Of the whole process."""
    return usage.wall_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """
    One of them; they come in this order, in one folder.

    Attributes:
        seconds: Of the whole process, or of a part that its log shows; CPU and memory are the whole process's.
        parts: What is shown in lines of their own.
        needs: A package.
        is_quick: Worth a look when there is little time.
    """

    name: str
    command: Callable[[Errand], list[str]]
    seconds: Clock = by_the_clock
    parts: Mapping[str, Clock] = field(default_factory=dict)
    needs: str | None = None
    is_quick: bool = True

    def missing(self) -> str | None:
        """How to install what it needs; None where it is there."""
        return None if self.needs is None or package_version(self.needs) else f"pip install {self.needs}"


def moments(words: str) -> dict[str, float]:
    """The events of a log in JSON, each with its time of day in seconds; the last of each name."""
    entries = (json.loads(line) for line in words.splitlines() if line.startswith('{"timestamp"'))
    return {entry["event"]: datetime.fromisoformat(entry["timestamp"]).timestamp() for entry in entries}


def sending(usage: Usage, words: str) -> float:
    """From the run's start to its end; loading comes before, and results after."""
    known = moments(words)
    return known["run.finished"] - known["run.started"]


def until_finished(usage: Usage, words: str) -> float:
    """From the start of the process to the end of the run; results come after."""
    return moments(words)["run.finished"] - usage.began_at


def _run(errand: Errand) -> list[str]:
    return Batcher().command(errand)


def _dry_run(errand: Errand) -> list[str]:
    return [*_run(errand), "--dry-run"]


def _validate(errand: Errand) -> list[str]:
    return [*_BATCHER, "validate", str(errand.manifest)]


def _reconcile(errand: Errand) -> list[str]:
    return [*_BATCHER, "reconcile", "bench", "--base-url", errand.remote.base_url]


def _status(errand: Errand) -> list[str]:
    return [*_BATCHER, "status", "bench"]


def _results(form: str) -> Callable[[Errand], list[str]]:
    return lambda errand: [*_BATCHER, "results", "bench", "--format", form, "-o", f"exported.{form}"]


PHASES = (
    Phase(name="validate", command=_validate),
    Phase(name="load: `run --dry-run`", command=_dry_run),
    Phase(name="run, whole", command=_run, parts={"… of it dispatch, by the log": sending}),
    Phase(name="results, csv", command=_results("csv")),
    Phase(name="results, json", command=_results("json"), is_quick=False),
    Phase(name="results, jsonl", command=_results("jsonl"), is_quick=False),
    Phase(name="results, parquet", command=_results("parquet"), needs="pyarrow", is_quick=False),
    Phase(name="run again, nothing to do", command=_run),
    Phase(name="resume scan: `reconcile` up to its results", command=_reconcile, seconds=until_finished),
    Phase(name="status", command=_status),
)
