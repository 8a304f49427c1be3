"""A plain user without a home, as the container has one: what may not be written is told in one line."""

from __future__ import annotations

import json
import shutil
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.acceptance.conftest import Shell, emulator, wait_until

QUICK = ("--settle", "0.5", "--backoff", "0.05", "--max-backoff", "0.2", "-q")
READ_ONLY = stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH
FOR_ALL = stat.S_IRWXU | stat.S_IRWXG | stat.S_IRWXO


@pytest.fixture
def shell() -> Iterator[Shell]:
    """In a folder that everybody may come to; pytest's own are closed."""
    with TemporaryDirectory(prefix="batcher-") as name:
        Path(name).chmod(READ_ONLY | stat.S_IRWXU | stat.S_IXGRP | stat.S_IXOTH)
        yield Shell(Path(name))


@pytest.fixture(scope="module")
def campaign() -> Iterator[Path]:
    """A folder with a campaign of five created rows, to be copied."""
    with TemporaryDirectory(prefix="batcher-") as name:
        shell = Shell(Path(name))
        shell.manifest(5)
        shell.here("run", "letters.csv", "--sandbox", *QUICK)
        yield shell.folder


@pytest.fixture
def done(shell: Shell, campaign: Path) -> Shell:
    """A folder with that campaign, which root has made."""
    shutil.copytree(campaign, shell.folder, dirs_exist_ok=True)
    shell.folder.chmod(READ_ONLY | stat.S_IRWXU | stat.S_IXGRP | stat.S_IXOTH)
    return shell


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """While inside, nobody but root may write in the folder, or to what is in it."""
    inside = [folder, *folder.iterdir()]
    before = {path: stat.S_IMODE(path.stat().st_mode) for path in inside}
    for path in inside:
        path.chmod(READ_ONLY | (stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH if path.is_dir() else 0))
    try:
        yield
    finally:
        for path, mode in before.items():
            if path.exists():
                path.chmod(mode)


def errors(text: str) -> list[str]:
    return [line for line in text.splitlines() if "ledger.misplaced" not in line]


def test_a_run_works_where_a_plain_user_may_write(shell: Shell) -> None:
    """The manifest lies where nothing may be written, the ledger on a volume."""
    shell.manifest(5)
    volume = shell.folder / "volume"
    volume.mkdir()
    with read_only(shell.folder):
        volume.chmod(FOR_ALL)
        ended = shell.by_a_plain_user().batcher("run", "letters.csv", "--sandbox", "--ledger", "volume/b.db", *QUICK)

    assert ended.returncode == 0, ended.stderr
    assert {row["state"] for row in shell.results("volume/letters.results.csv")} == {"created"}


def test_a_folder_that_may_not_be_written_is_told_at_once(shell: Shell) -> None:
    shell.manifest(5)
    with read_only(shell.folder):
        ended = shell.by_a_plain_user().batcher("run", "letters.csv", "--sandbox", *QUICK)

    assert (ended.returncode, ended.stdout) == (12, "")
    (error,) = errors(ended.stderr)
    assert error.startswith("error: the ledger batcher.db cannot be locked: Permission denied; check that its folder")
    assert [path.name for path in shell.folder.iterdir()] == ["letters.csv"]


def test_checking_needs_nothing_to_be_written(shell: Shell) -> None:
    shell.manifest(5)
    with read_only(shell.folder):
        plain = shell.by_a_plain_user()
        ended = [
            plain.batcher("validate", "letters.csv"),
            plain.batcher("run", "letters.csv", "--sandbox", "--dry-run"),
        ]

    assert [run.returncode for run in ended] == [0, 0], ended


def test_a_ledger_of_somebody_else_is_read(done: Shell) -> None:
    with read_only(done.folder):
        plain = done.by_a_plain_user()
        status, results = plain.batcher("status", "letters", "--json"), plain.batcher("results", "letters")

    assert (status.returncode, json.loads(status.stdout)["counts"]) == (0, {"created": 5}), status.stderr
    assert (results.returncode, results.stdout) == (0, (done.folder / "letters.results.csv").read_text())


def test_a_ledger_of_somebody_else_is_read_while_it_is_written(shell: Shell) -> None:
    """And after its writer was killed."""
    shell.manifest(100)
    with emulator(shell.folder) as sandbox:
        process = shell.start("run", "letters.csv", "--base-url", sandbox.url, "--rate", "10/s", *QUICK)
        wait_until(lambda: sandbox.stats()["jobs_created"] > 10)
        with read_only(shell.folder):
            plain = shell.by_a_plain_user()
            during = plain.batcher("status", "letters", "--json")
            process.send_signal(signal.SIGKILL)
            process.communicate()
            after = plain.batcher("status", "letters", "--json")

    assert (during.returncode, after.returncode) == (0, 0), during.stderr + after.stderr
    assert json.loads(during.stdout)["run"] == f"at work, process {process.pid}"
    assert json.loads(after.stdout)["run"].startswith("broken off")
    assert [sum(json.loads(said.stdout)["counts"].values()) for said in (during, after)] == [100, 100]


@pytest.mark.parametrize(
    "command",
    [
        ("retry", "letters"),
        ("resolve", "letters", "--row", "1", "--not-made"),
        ("reconcile", "letters", "--sandbox"),
        ("run", "letters.csv", "--sandbox"),
    ],
    ids=lambda command: command[0],
)
def test_a_ledger_of_somebody_else_is_not_changed(done: Shell, command: tuple[str, ...]) -> None:
    before = (done.folder / "batcher.db").read_bytes()
    with read_only(done.folder):
        ended = done.by_a_plain_user().batcher(*command)

    assert (ended.returncode, ended.stdout, len(errors(ended.stderr))) == (12, "", 1), ended.stderr
    assert "the ledger batcher.db cannot be locked: Permission denied" in ended.stderr
    assert (done.folder / "batcher.db").read_bytes() == before


def test_results_that_may_not_be_written_are_told(done: Shell) -> None:
    with read_only(done.folder):
        ended = done.by_a_plain_user().batcher("results", "letters", "-o", "mine.csv")

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "error: --output mine.csv: nothing may be written in .; name another place\n"
