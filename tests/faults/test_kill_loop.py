"""Killed, stopped and asked to end at any moment, behind a proxy that loses what it can, a campaign is made once."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.faults.ordeal import Terms, play
from tests.faults.soak import soak

QUICK = Terms(rows=40, runs=2, worst=0.2, settle_s=2.0, timeout_s=0.5, window_s=0.6, longest_stop_s=1.5, at_work_s=1.2)
SEED = int(os.environ.get("BATCHER_TEST_SEED", random.randrange(10**6)))


def test_whatever_happens_to_its_runs_every_row_becomes_one_job_or_is_rejected(tmp_path: Path) -> None:
    figures = play(tmp_path / "ordeal", f"{SEED}", QUICK)

    assert figures.wrong == []


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_soak_for_so_many_minutes_as_the_environment_says(capsys: pytest.CaptureFixture[str]) -> None:
    """``BATCHER_SOAK_MINUTES=60 pytest -m slow tests/faults -k soak``; shows its figures every minute."""

    def say(text: str) -> None:
        with capsys.disabled():
            print(text, flush=True)  # noqa: T201 - for whoever waits

    figures = soak(minutes=float(os.environ.get("BATCHER_SOAK_MINUTES", "5")), seed=SEED, say=say, at_once=2)

    assert figures.wrong == []
