"""Signals while something is stuck: the third one always ends the process, and the next run carries on."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest

from tests.acceptance.conftest import Shell, emulator, wait_until

QUICK = ("--settle", "0.5", "--backoff", "0.05", "--max-backoff", "0.2")


def interrupt_until_it_ends(process: subprocess.Popen[str], limit_s: float = 120.0) -> int:
    """Ctrl-C again and again; what comes while another is being heard is not heard."""
    deadline = time.monotonic() + limit_s
    while process.poll() is None:
        if time.monotonic() > deadline:
            process.kill()
            pytest.fail("it does not end")
        process.send_signal(signal.SIGINT)
        time.sleep(0.1)
    return process.returncode


def test_a_third_interrupt_ends_a_run_whose_manifest_does_not_come(shell: Shell) -> None:
    text = shell.manifest(700).read_text()  # fewer than are asked for at a time: it waits for more
    process = subprocess.Popen(
        [*shell.command, "run", "-", "--format", "csv", "--campaign", "c", "--sandbox"],
        cwd=shell.folder,
        env=shell.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(text)
    process.stdin.flush()
    wait_until((shell.folder / "batcher.db").exists)
    code = interrupt_until_it_ends(process)
    process.stdin.close()
    status = shell.here("status")

    assert code == -signal.SIGINT
    assert (status.returncode, status.stdout) == (0, "the ledger has no campaigns yet\n")


def test_a_third_interrupt_ends_a_run_that_cannot_get_its_results_written(shell: Shell) -> None:
    """Nobody reads from the pipe; a million rows on a slow disk take as long."""
    shell.manifest(3)
    os.mkfifo(shell.folder / "pipe.csv")
    with emulator(shell.folder) as sandbox:
        process = shell.start("run", "letters.csv", "--base-url", sandbox.url, "--results", "pipe.csv", *QUICK)
        assert process.stderr is not None
        said = process.stderr
        wait_until(lambda: "run.finished" in said.readline())
        code = interrupt_until_it_ends(process)
        process.communicate()

    assert code == -signal.SIGINT
