"""The examples do what the README says of them, and nothing that is secret or personal is said aloud."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.acceptance.conftest import Shell, emulator

EXAMPLES = Path(__file__).parents[2] / "config" / "examples"


@pytest.mark.parametrize(
    ("name", "rows", "code"),
    [("campaign.csv", 200, 0), ("rejections.csv", 12, 3), ("campaign.json", None, 0), ("campaign.jsonl", None, 0)],
)
def test_an_example_runs_on_the_sandbox(shell: Shell, name: str, rows: int | None, code: int) -> None:
    shutil.copy(EXAMPLES / name, shell.folder)
    unseen = ("--no-preflight",) if code else ()

    ended = shell.here("run", name, "--sandbox", "--json", *unseen)

    assert ended.returncode == code, ended.stderr
    summary = json.loads(ended.stdout)
    assert rows in {None, summary["rows"]}
    assert summary["counts"].get("rejected", 0) == (4 if code else 0)
    assert len(shell.results(f"{Path(name).stem}.results.csv")) == summary["rows"]


def test_no_secret_and_no_address_is_ever_said(shell: Shell) -> None:
    """A canary in the password and in every personal field; the log at its most talkative."""
    columns = {"rtnName": {1: "Canary Person", 2: "Canary Person"}, "rtnaddress1": {1: "7 Canary Lane"}}
    shell.manifest(8, documentId={2: "42"}, **columns)
    faults = """
    [[fault]]
    on = "create"
    do = "error_500"
    call = 1
    [[fault]]
    on = "create"
    do = "reset_after"
    call = 2
    """
    quick = ("--timeout", "20", "--settle", "1", "-v", "--log-level", "debug")
    with emulator(shell.folder, faults=faults) as sandbox:
        ended = shell.batcher("run", "letters.csv", "--base-url", sandbox.url, *quick)
        shell.env["BATCHER_PASSWORD"] = "canary-wrong"
        shown = shell.batcher("config", "show")

    said = ended.stdout + ended.stderr + shown.stdout + (shell.folder / "letters.results.csv").read_text()
    assert ended.returncode == 3
    assert "canary" not in said.lower()


def test_a_wrong_path_ends_the_run_in_seconds(shell: Shell) -> None:
    shell.manifest(100)
    with emulator(shell.folder) as sandbox:
        ended = shell.batcher("run", "letters.csv", "--base-url", sandbox.url.replace("/molpro", "/elsewhere"))

    assert ended.returncode == 2
    assert "wrong address (HTTP 404)" in ended.stdout
    assert not (shell.folder / "letters.results.csv").exists()
