"""
What every test needs: a stand-in for what a library lacks, and the rule that in CI nothing is skipped.

aioresponses 0.7.9 builds replies as aiohttp did before 3.14, without its ``stream_writer``. And in CI, where everything
is there that a test may need, a test that is skipped has failed.

Properties are tried with ``usual`` many examples. ``--hypothesis-profile=thorough`` takes a thousand, for some minutes;
with ``--hypothesis-profile=unshrunk`` what fails is shown as it was found: quick, for whoever only wants to see red.
"""

import os
import sys
from collections.abc import Generator
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import Mock

import aiohttp
import aioresponses.core
import pytest
from hypothesis import Phase, settings


class _ReplyWithWriter(aiohttp.ClientResponse):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("stream_writer", Mock(output_size=0))
        super().__init__(*args, **kwargs)


aioresponses.core.ClientResponse = _ReplyWithWriter
settings.register_profile("usual", max_examples=40, deadline=None)
settings.load_profile("usual")
settings.register_profile("unshrunk", phases=[Phase.explicit, Phase.reuse, Phase.generate])
settings.register_profile("thorough", max_examples=1000)


def pytest_configure(config: pytest.Config) -> None:
    """
    Let the commands that tests start share their bytecode, also where Python is told to write none.

    Without it a command compiles batcher anew each time, which takes as long as all else that a short one does.
    """
    if sys.dont_write_bytecode and "PYTHONPYCACHEPREFIX" not in os.environ:
        folder = TemporaryDirectory(prefix="batcher-bytecode-", ignore_cleanup_errors=True)
        patch = pytest.MonkeyPatch()
        patch.setenv("PYTHONPYCACHEPREFIX", folder.name)
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        config.add_cleanup(folder.cleanup)
        config.add_cleanup(patch.undo)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """With ``-n auto`` twice as many as there are processors: tests wait for processes and clocks, too."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ or not hasattr(os, "sched_getaffinity"):
        return None
    return len(os.sched_getaffinity(0)) * 2


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Whoever has nothing left to do takes from the others: a few tests take a hundred times longer than most."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _not_skipped_in_ci((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _not_skipped_in_ci((yield))


def _not_skipped_in_ci(report: Any) -> Any:
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", f"skipped, and nothing may be skipped in CI: {report.longrepr}"
    return report
