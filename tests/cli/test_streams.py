"""Standard streams that are closed, cut off or full; and what is said on which of them."""

from __future__ import annotations

import json
import shlex
import sqlite3
import subprocess
from contextlib import closing

import pytest

from tests.acceptance.conftest import Shell

ROWS = 100
PIPE_BYTES = 1 << 16


def through_shell(shell: Shell, line: str) -> subprocess.CompletedProcess[str]:
    """Runs a line of bash, in which ``batcher`` is the command; the exit code is that of the pipe's first command."""
    command = f'batcher() {{ {shlex.join(shell.command)} "$@"; }}; {line}; exit ${{PIPESTATUS[0]}}'
    return subprocess.run(
        ["bash", "-c", command], cwd=shell.folder, env=shell.environment, capture_output=True, text=True, timeout=240
    )


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A folder with a campaign of more results than a pipe holds, one of them rejected."""
    shell = Shell(tmp_path_factory.mktemp("done"))
    shell.manifest(ROWS, documentId={2: "42"}, note=dict.fromkeys(range(1, ROWS + 1), "n" * (PIPE_BYTES // ROWS)))
    (shell.folder / "batcher.toml").write_text('keep = ["note"]')
    ended = shell.here("run", "letters.csv", "--sandbox", "-q", "--settle", "1", "--concurrency", "64")
    assert ended.returncode == 3, ended.stderr
    return shell


def test_nobody_reads_to_the_end(done: Shell) -> None:
    """`| head` is no mistake, and hides no exit code of a run."""
    lines = ("results letters", "run --help", "config show")
    codes = [through_shell(done, f"batcher {line} | true") for line in lines]
    run = through_shell(done, "batcher run letters.csv --sandbox -q | true")

    assert [(ended.returncode, ended.stderr) for ended in codes] == [(0, "")] * 3
    assert (run.returncode, "Traceback" in run.stderr) == (3, False)


def test_results_go_to_standard_output_under_each_of_its_names(done: Shell) -> None:
    ended = [done.here("results", "letters", *to).stdout for to in ((), ("-o", "-"))]
    named = done.batcher("results", "letters", "-o", "/dev/stdout").stdout

    assert len(named) > PIPE_BYTES
    assert len(named.splitlines()) == ROWS + 1
    assert ended == [named, named]


def test_a_full_disk_behind_standard_output_is_said(done: Shell) -> None:
    for line in ("results letters", "status"):
        ended = through_shell(done, f"batcher {line} >/dev/full")

        assert ended.returncode == 12
        assert ended.stderr.startswith("error: standard output cannot be written: No space left")
        assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("line", "code"), [("status letters", 0), ("status nobody", 2), ("run letters.csv --sandbox --log-format json", 3)]
)
def test_a_full_disk_behind_standard_error_leaves_the_exit_code_as_it_is(done: Shell, line: str, code: int) -> None:
    """Nobody can read the words then; the code must still be right."""
    assert through_shell(done, f"batcher {line} 2>/dev/full").returncode == code


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_stop_nothing(shell: Shell, closed: str) -> None:
    """And the ledger never gets the number of one of them."""
    shell.manifest(3)

    ended = through_shell(shell, f"batcher run letters.csv --sandbox {closed}")

    assert ended.returncode == 0, ended.stderr
    assert [row["state"] for row in shell.results()] == ["created"] * 3
    with closing(sqlite3.connect(shell.folder / "batcher.db")) as ledger:
        assert ledger.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize(
    "command",
    [
        "run letters.csv --sandbox",
        "run letters.csv --sandbox --dry-run",
        "validate letters.csv",
        "status",
        "status letters",
        "retry letters",
        "reconcile letters --sandbox",
        "config show",
    ],
)
def test_json_is_one_object_and_the_log_is_json_lines(done: Shell, command: str) -> None:
    """Of every command that knows --json, and nothing else is on either stream."""
    ended = done.here(*command.split(), "--json", "--log-format", "json")

    assert isinstance(json.loads(ended.stdout), dict)
    assert ended.stdout.count("\n") == 1
    assert [line for line in ended.stderr.splitlines() if not isinstance(json.loads(line), dict)] == []
