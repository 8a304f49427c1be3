"""The command in a folder of its own, with a send window short enough to wait for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.conftest import Shell

WINDOW_S = 1.0


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path, {"BATCHER_SEND_WINDOW": str(WINDOW_S)})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Processes that wait for each other take long on a busy machine, and that is no failure."""
    for item in items:
        if "tests/faults/" in item.path.as_posix() and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(240))
