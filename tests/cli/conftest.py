"""The command line inside this process: arguments in; exit code, stdout and stderr out."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.acceptance.conftest import Shell, emulator, run_here


class Ended(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture(scope="session")
def campaign_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a campaign of three created letters, to be copied."""
    shell = Shell(tmp_path_factory.mktemp("ran"))
    shell.manifest(3)
    with emulator(shell.folder) as remote:
        assert shell.here("run", "letters.csv", "--base-url", remote.url, "-q").returncode == 0
    return shell.folder


@pytest.fixture
def ran(shell: Shell, campaign_folder: Path) -> Path:
    """The ledger of a campaign of three created letters, in the empty folder."""
    shutil.copytree(campaign_folder, shell.folder, dirs_exist_ok=True)
    return shell.folder / "batcher.db"


@pytest.fixture
def cli(shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Runs a command in an empty folder, with credentials in the environment and nothing else."""
    monkeypatch.chdir(shell.folder)
    for name in [name for name in shell.environment if name.startswith("BATCHER_")]:
        monkeypatch.setenv(name, shell.environment[name])

    def run(*arguments: str) -> Ended:
        code = run_here(monkeypatch, *arguments)
        said = capsys.readouterr()
        return Ended(code, said.out, said.err)

    return run
