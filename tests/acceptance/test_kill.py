"""Killed with SIGKILL at any moment and started again, a campaign ends with every row created once."""

from __future__ import annotations

import os
import random
import subprocess

import pytest

from tests.acceptance.conftest import Shell, emulator

FAULTS = """
[[fault]]
on = "create"
do = "error_500"
rate = 0.02
[[fault]]
on = "create"
do = "error_500_after"
rate = 0.02
[[fault]]
on = "create"
do = "reset_after"
rate = 0.02
"""
FLAGS = ("--concurrency", "8", "--timeout", "1", "--settle", "0.5", "--backoff", "0.05", "--max-backoff", "0.2")


@pytest.mark.parametrize(("rows", "kills"), [(160, 4), pytest.param(400, 10, marks=pytest.mark.slow)])
def test_killed_at_random_every_row_is_created_once(shell: Shell, rows: int, kills: int) -> None:
    seed = int(os.environ.get("BATCHER_TEST_SEED", random.randrange(10**6)))
    chance = random.Random(seed)
    shell.manifest(rows)
    shell.env["BATCHER_SEND_WINDOW"] = "1"
    with emulator(shell.folder, "--latency", "0.02-0.2", "--seed", str(seed), faults=FAULTS) as sandbox:
        run = ("run", "letters.csv", "--base-url", sandbox.url, *FLAGS)
        killed = sum(_kill_after(shell.start(*run), chance.uniform(0.3, 1.4)) for _ in range(kills))
        last = shell.here(*run, "--max-attempts", "20")
        stats, jobs = sandbox.stats(), sandbox.jobs()

    assert last.returncode == 0, f"seed {seed}: {last.stderr}"
    assert killed >= kills // 2, f"seed {seed}: the runs ended before they were killed"
    assert (stats["jobs_created"], stats["repeated_signatures"]) == (rows, 0), f"seed {seed}"
    in_results = {row["row_number"]: row["job_id"] for row in shell.results()}
    in_remote = {str(int(job["documentId"]) - 1000): str(job["id"]) for job in jobs}
    assert in_results == in_remote, f"seed {seed}"


def _kill_after(process: subprocess.Popen[str], seconds: float) -> bool:
    """Kills a run after so long; whether it was still there to be killed."""
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return True
    return False
