"""What is skipped at home for want of something fails in CI."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SKIPS = {
    "a mark": "import pytest\n\n@pytest.mark.skipif(True, reason='r')\ndef test_it(): pass\n",
    "a call": "import pytest\n\ndef test_it(): pytest.skip('r')\n",
    "a fixture": "import pytest\n\n@pytest.fixture\ndef f(): pytest.skip('r')\n\ndef test_it(f): pass\n",
    "a module": "import pytest\npytest.importorskip('there_is_no_such_module')\n\ndef test_it(): pass\n",
}
XFAIL = "import pytest\n\n@pytest.mark.xfail\ndef test_it(): assert False\n"


def ended(folder: Path, test: str, ci: str) -> tuple[bool, str]:
    """Whether all was well, and the last word."""
    (folder / "conftest.py").write_text("from tests.conftest import *")
    (folder / "test_it.py").write_text(test)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")} | {"CI": ci}
    run = subprocess.run([*command, f"--rootdir={folder}"], cwd=ROOT, env=environment, capture_output=True, text=True)
    return run.returncode == 0, " ".join(run.stdout.splitlines()[-1].split()[:2])


@pytest.mark.parametrize("how", SKIPS)
def test_a_test_that_is_skipped_fails_in_ci(tmp_path: Path, how: str) -> None:
    assert ended(tmp_path, SKIPS[how], "true") == (False, "1 failed" if how == "a call" else "1 error")


def test_it_is_skipped_at_home(tmp_path: Path) -> None:
    assert ended(tmp_path, SKIPS["a mark"], "") == (True, "1 skipped")


def test_a_failure_that_is_expected_is_none(tmp_path: Path) -> None:
    assert ended(tmp_path, XFAIL, "true") == (True, "1 xfailed")
