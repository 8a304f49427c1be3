"""
What every test needs: a stand-in for what a library lacks, and the rule that in CI nothing is skipped.

aioresponses 0.7.9 builds replies as aiohttp did before 3.14, without its ``stream_writer``. And in CI, where everything
is there that a test may need, a test that is skipped has failed. With ``--hypothesis-profile=unshrunk`` what fails is
shown as it was found: quick, for whoever only wants to see red.
"""

import os
from collections.abc import Generator
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
settings.register_profile("unshrunk", phases=[Phase.explicit, Phase.reuse, Phase.generate])


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
