"""
A disk without space, from the first moment on: one line, and the code that says "make space".

No file may grow in these processes. To a program that is a full disk, and it takes no rights to make.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.acceptance.conftest import Shell

QUICK = ("--settle", "0.5", "--backoff", "0.05", "--max-backoff", "0.2", "-q")


def full(shell: Shell) -> Shell:
    return replace(shell, launcher=("bash", "-c", 'ulimit -f 0; exec "$@"', "bash"))


@pytest.mark.parametrize("was_run_before", [False, True], ids=["a new ledger", "a ledger that is there"])
def test_a_run_on_the_sandbox_does_not_start(shell: Shell, was_run_before: bool) -> None:
    shell.manifest(5)
    if was_run_before:
        shell.here("run", "letters.csv", "--sandbox", "--limit", "2", *QUICK)
    ended = full(shell).batcher("run", "letters.csv", "--sandbox", *QUICK)
    (error,) = [line for line in ended.stderr.splitlines() if "ledger.misplaced" not in line]

    assert (ended.returncode, ended.stdout) == (12, "")
    assert error.startswith("error: the ledger batcher.db cannot be locked: ")
    assert error.endswith("check that its folder exists, can be written and has space")


def test_a_run_goes_on_once_there_is_space(shell: Shell) -> None:
    shell.manifest(5)
    shell.here("run", "letters.csv", "--sandbox", "--limit", "2", *QUICK)
    stopped = full(shell).batcher("run", "letters.csv", "--sandbox", *QUICK)
    ended = shell.here("run", "letters.csv", "--sandbox", *QUICK)

    assert (stopped.returncode, ended.returncode) == (12, 0), ended.stderr
    assert len({row["job_id"] for row in shell.results()}) == 5
