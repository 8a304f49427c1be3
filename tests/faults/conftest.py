"""The command in a folder of its own, with a send window short enough to wait for."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.acceptance.conftest import Shell

WINDOW_S = 1.0


@dataclass
class PatientShell(Shell):
    """Its commands have a send window that can be waited for, and none outlives a test that has failed."""

    env: dict[str, str] = field(default_factory=lambda: {"BATCHER_SEND_WINDOW": str(WINDOW_S)})
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def batcher(
        self, *arguments: str, timeout: float = 120.0, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        return super().batcher(*arguments, timeout=timeout, stdin=stdin)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        process = super().start(*arguments)
        self.started.append(process)
        return process

    def end(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.communicate()


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[PatientShell]:
    opened = PatientShell(tmp_path)
    yield opened
    opened.end()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Processes that wait for each other take long on a busy machine, and that is no failure."""
    for item in items:
        if "tests/faults/" in item.path.as_posix() and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(240))
