"""A whole campaign against a bad remote: from the manifest to submitted jobs, or to none."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import urllib.parse
import urllib.request
from base64 import b64encode
from pathlib import Path

import pytest

from tests.acceptance.conftest import Sandbox, Shell, emulator
from tests.sandbox.caller import CARD

QUICK = (
    *("--timeout", "2", "--settle", "0.5", "--connect-timeout", "2", "--backoff", "0.02", "--max-backoff", "0.1"),
    *("--concurrency", "64", "--no-adaptive", "--log-format", "json"),
)
CREDIT = ("--billing-type", "User Credit")
BAD_EVERYWHERE = """
[[fault]]
on = "create"
rate = 0.03
times_each = 1
do = "reset_after"
[[fault]]
on = "create"
rate = 0.03
times_each = 2
do = "error_500"
[[fault]]
on = "cost"
rate = 0.03
times_each = 1
do = "reset"
[[fault]]
on = "cost"
rate = 0.02
times_each = 1
do = "page_502"
[[fault]]
on = "submit"
rate = 0.03
times_each = 1
do = "reset_after"
[[fault]]
on = "submit"
rate = 0.02
times_each = 1
do = "reset"
[[fault]]
on = "submit"
rate = 0.02
times_each = 1
do = "error_500_after"
[[fault]]
on = "submit"
rate = 0.02
times_each = 2
do = "error_500"
[[fault]]
on = "submit"
rate = 0.02
times_each = 1
do = "page_524_after"
[[fault]]
on = "status"
rate = 0.05
times_each = 1
do = "page_502"
[[fault]]
on = "delete"
rate = 0.05
times_each = 1
do = "reset_after"
[[fault]]
on = "delete"
rate = 0.05
times_each = 1
do = "reset"
[[fault]]
on = "delete"
rate = 0.03
times_each = 2
do = "error_500"
"""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Quick: what rows name is not asked for first, and an intent is good for a second."""
    return Shell(tmp_path, env={"BATCHER_PREFLIGHT": "false", "BATCHER_SEND_WINDOW": "1"})


def charged(remote: Sandbox) -> list[int]:
    """Cents by job, of those that were paid for."""
    return [job["chargedCents"] for job in remote.jobs() if job["chargedCents"]]


def top_up(remote: Sandbox, dollars: int) -> None:
    card = {**CARD, "billingAmount": str(dollars)}
    login = b64encode(b"user:canary-secret").decode()
    request = urllib.request.Request(
        f"{remote.url}/credit/purchase",
        data=urllib.parse.urlencode(card).encode(),
        headers={"Authorization": f"Basic {login}"},
    )
    with urllib.request.urlopen(request, timeout=60) as reply:
        assert reply.status == 201


def test_a_thousand_rows_with_replies_lost_at_every_stage(shell: Shell) -> None:
    shell.manifest(1000)
    with emulator(shell.folder, faults=BAD_EVERYWHERE) as remote:
        target = ("--base-url", remote.url)
        created = shell.here("run", "letters.csv", *target, *QUICK)
        submitted = shell.here(
            "submit", "letters", *target, *QUICK, *CREDIT, "--confirm", "1000", "--max-cost", "910", "--json"
        )
        jobs, cents, stats = remote.jobs(), charged(remote), remote.stats()

    assert created.returncode == 0, created.stderr[-2000:]
    assert submitted.returncode == 0, submitted.stderr[-2000:]
    told, results = json.loads(submitted.stdout), shell.results()
    assert told["counts"] == {"submitted": 1000}
    assert len(jobs) == len(cents) == 1000
    assert told["bill"]["cost"] == "910.00"
    assert sum(cents) == 91_000
    assert sum(round(float(row["cost"]) * 100) for row in results) == sum(cents)
    assert {row["job_id"] for row in results} == {str(job["id"]) for job in jobs}
    assert {"reset_after", "reset", "error_500_after", "error_500", "page_524_after"} <= stats["faults"].keys()
    assert stats["repeated_submits"] == 0


def test_killed_again_and_again_on_its_way(shell: Shell) -> None:
    """kill -9 at any moment of both stages; each job is paid for once."""
    dice, kills = random.Random(20261122), 0
    shell.manifest(80)
    night = ("--submit", *CREDIT, "--max-cost", "1000", "--concurrency", "4")
    with emulator(shell.folder, "--latency", "0.02-0.06", faults=BAD_EVERYWHERE) as remote:
        arguments = ("run", "letters.csv", "--base-url", remote.url, *QUICK, *night)
        for _ in range(5):
            run = shell.start(*arguments)
            try:
                run.wait(timeout=dice.uniform(0.8, 3.0))
            except subprocess.TimeoutExpired:
                run.send_signal(signal.SIGKILL)
                kills += 1
            run.communicate()
        last = shell.here(*arguments, "--json")
        jobs, cents = remote.jobs(), charged(remote)

    assert kills
    assert last.returncode == 0, last.stderr[-2000:]
    assert json.loads(last.stdout)["counts"] == {"submitted": 80}
    assert cents == [91] * 80
    assert len(jobs) == 80


def test_credit_that_runs_out_stops_in_the_middle_and_a_top_up_finishes(shell: Shell) -> None:
    shell.manifest(40)
    with emulator(shell.folder, "--credit", "20") as remote:
        target = ("--base-url", remote.url, *QUICK)
        assert shell.here("run", "letters.csv", *target).returncode == 0
        first = shell.here("submit", "letters", *target, *CREDIT, "--confirm", "40", "--json")
        so_far = len(charged(remote))
        top_up(remote, 50)
        left = str(40 - so_far)
        second = shell.here("submit", "letters", *target, *CREDIT, "--confirm", left, "--json")
        cents = charged(remote)

    assert first.returncode == 7, first.stderr
    assert so_far == 21
    assert json.loads(first.stdout)["counts"] == {"submitted": 21, "created": 19}
    assert second.returncode == 0, second.stderr
    assert json.loads(second.stdout)["counts"] == {"submitted": 40}
    assert cents == [91] * 40


def test_undo_leaves_nothing_behind(shell: Shell) -> None:
    shell.manifest(100)
    with emulator(shell.folder, faults=BAD_EVERYWHERE) as remote:
        target = ("--base-url", remote.url, *QUICK)
        assert shell.here("run", "letters.csv", *target).returncode == 0
        undone = shell.here("undo", "letters", *target, "--confirm", "100", "--json")
        states = {job["state"] for job in remote.jobs()}

    assert undone.returncode == 0, undone.stderr[-2000:]
    assert json.loads(undone.stdout)["counts"] == {"deleted": 100}
    assert states == {"DELETED"}
    assert {row["state"] for row in shell.results()} == {"deleted"}
