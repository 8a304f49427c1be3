"""One tool in one scenario: a remote of its own, a run, a kill where the scenario wants one, and the run after it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.acceptance.conftest import Sandbox, emulator
from tests.bench.peers.contestant import PASSWORD, USER, Contestant, Desk, Words, lay_out
from tests.bench.peers.scenario import Scenario, document_of
from tests.bench.peers.score import Job, Score, score

_LONGEST_S = 300
_LOOK_EVERY_S = 0.02
_LATENCY_S = "0.02"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """
    What became of it.

    Attributes:
        ends: How each run ended, in order: ``exit 0``, or ``killed``.
        summary: What the last run told its user.
    """

    score: Score
    ends: tuple[str, ...]
    summary: str


def play(contestant: Contestant, scenario: Scenario) -> Result:
    """
    Let a tool that is installed do all rows, as often as its user would: once, and once more where it failed.

    A run that was killed is no run that failed: the next one comes in any case, if the tool can resume.
    """
    with (
        TemporaryDirectory(prefix="peers-") as place,
        emulator(Path(place), "--latency", _LATENCY_S, faults=scenario.faults()) as remote,
    ):
        (Path(place) / "desk").mkdir()
        desk = lay_out(scenario, Path(place) / "desk", remote.url)
        ends = []
        if scenario.kill_at is not None:
            ends.append(_run(contestant, desk, remote, kill_at=scenario.kill_at))
        if contestant.resumes or not ends:
            ends.append(_run(contestant, desk, remote))
        if contestant.resumes and ends[-1] != "exit 0":
            ends.append(_run(contestant, desk, remote))
        return Result(
            score=_score(contestant, scenario, desk, remote),
            ends=tuple(ends),
            summary="–" if ends[-1] == "killed" else contestant.summary(_words(desk), desk),
        )


def _run(contestant: Contestant, desk: Desk, remote: Sandbox, *, kill_at: int | None = None) -> str:
    with (desk.folder / "stdout").open("w") as out, (desk.folder / "stderr").open("w") as err:
        process = subprocess.Popen(
            contestant.command(desk),
            cwd=desk.folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        try:
            return _wait(process, remote, kill_at)
        finally:
            if process.poll() is None:
                _kill(process)


def _wait(process: subprocess.Popen[bytes], remote: Sandbox, kill_at: int | None) -> str:
    deadline = time.monotonic() + _LONGEST_S
    while process.poll() is None:
        if kill_at is not None and remote.stats()["jobs"] >= kill_at:
            _kill(process)
            return "killed"
        if time.monotonic() > deadline:
            raise TimeoutError(f"{process.args!r} does not end")
        time.sleep(_LOOK_EVERY_S)
    return f"exit {process.returncode}"


def _kill(process: subprocess.Popen[bytes]) -> None:
    """All that belongs to it, as the end of a container or a machine does."""
    process.kill()
    for pid in _session_of(process.pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def _session_of(leader: int) -> Iterator[int]:
    # GNU parallel gives each of its jobs a process group of its own, so the group is not enough.
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if os.getsid(int(entry.name)) == leader:
                yield int(entry.name)


def _environment() -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BATCHER_")}
    return clean | {"BATCHER_USERNAME": USER, "BATCHER_PASSWORD": PASSWORD}


def _words(desk: Desk) -> Words:
    return Words(stdout=desk.read("stdout"), stderr=desk.read("stderr"))


def _score(contestant: Contestant, scenario: Scenario, desk: Desk, remote: Sandbox) -> Score:
    return score(
        asked=remote.stats()["calls"].get("create", 0),
        documents=[document_of(row) for row in range(1, scenario.rows + 1)],
        jobs=[Job(id=str(job["id"]), document=job["documentId"]) for job in remote.jobs()],
        known=contestant.known_jobs(desk),
    )
