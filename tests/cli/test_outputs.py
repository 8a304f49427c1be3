"""Where results go, and what is said when they cannot."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from batcher.cli.outputs import results_path
from batcher.cli.passes import end_pass
from batcher.core.errors import ConfigError, Exit
from batcher.dispatch.run import RunSummary
from batcher.ledger.records import Campaign, Target
from tests.acceptance.conftest import Shell
from tests.cli.conftest import Ended

CAMPAIGN = Campaign(
    campaign_id=1,
    name="letters",
    token="t",
    target=Target(base_url="sandbox", username="sandbox"),
    manifest="letters.csv",
    columns=(),
    kept_columns=(),
    reading={},
    own_signatures=False,
    created_at="",
)


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("r.txt", "end it with one of"),
        ("none/r.csv", "there is no folder"),
        ("folder.csv", "that is a folder"),
    ],
)
def test_a_place_that_cannot_be_is_refused_before_anything_is_sent(
    cli: Callable[..., Ended], shell: Shell, named: str, words: str
) -> None:
    shell.manifest(2)
    (shell.folder / "folder.csv").mkdir()

    ended = cli("run", "letters.csv", "--sandbox", "--results", named)

    assert (ended.code, ended.err.startswith(f"error: --results {named}: "), words in ended.err) == (2, True, True)
    assert not (shell.folder / "batcher.db").exists()


def test_an_ending_may_be_in_capitals() -> None:
    assert results_path(Path("batcher.db"), "letters", Path("R.CSV")) == Path("R.CSV")


def test_a_folder_that_may_not_be_written_to_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)

    with pytest.raises(ConfigError, match="nothing may be written in"):
        results_path(Path("batcher.db"), "letters", tmp_path / "r.csv")


def test_results_that_cannot_be_written_hide_no_summary(
    cli: Callable[..., Ended], shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full at the end: the run is told as it was, and the code says that something is amiss."""
    shell.manifest(2)
    run = ("run", "letters.csv", "--sandbox", "--settle", "1", "--json", "-q", "--results", "gone/r.csv")
    (shell.folder / "gone").mkdir()
    monkeypatch.setattr("batcher.cli.passes.write_outputs", _removing(shell.folder / "gone"))

    ended = cli(*run)

    summary = json.loads(ended.out)
    assert (ended.code, summary["exit_code"], summary["results"]) == (12, 12, None)
    assert summary["counts"] == {"created": 2}
    assert "error: gone/r.csv cannot be written: " in ended.err
    assert "`batcher results` writes it again" in ended.err


def _removing(folder: Path) -> Callable[..., object]:
    from batcher.cli.outputs import write_outputs

    def write(*arguments: object) -> object:
        folder.rmdir()
        return write_outputs(*arguments)  # type: ignore[arg-type]

    return write


def test_a_ledger_that_was_taken_away_is_no_mistake_in_a_flag(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever runs again without it has every row created twice."""
    summary = RunSummary(exit_code=Exit.OK, rows=3, counts={"created": 3}, stopped_by=None, detail="", elapsed_s=2.0)

    code = end_pass(summary, CAMPAIGN, tmp_path / "b.db", tmp_path / "r.csv", as_json=False)()

    said = capsys.readouterr()
    assert code == Exit.LEDGER_BROKEN
    assert "created   3" in said.out
    assert "was taken away or replaced while it was in use" in said.err
    assert "rows would be created twice" in said.err
