"""What is skipped at home for want of something fails in CI."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = {
    "mark": "import pytest\n\n@pytest.mark.skipif(True, reason='r')\ndef test_it(): pass\n",
    "call": "import pytest\n\ndef test_it(): pytest.skip('r')\n",
    "fixture": "import pytest\n\n@pytest.fixture\ndef f(): pytest.skip('r')\n\ndef test_it(f): pass\n",
    "xfail": "import pytest\n\n@pytest.mark.xfail\ndef test_it(): assert False\n",
    "good": "def test_it(): pass\n",
}
MODULE = "import pytest\npytest.importorskip('there_is_no_such_module')\n\ndef test_it(): pass\n"


def ended(folder: Path, ci: str, **tests: str) -> tuple[bool, set[tuple[str, str]]]:
    """Whether all was well; and how each test ended, in pytest's word, by its name here."""
    (folder / "conftest.py").write_text("from tests.conftest import *")
    for name, test in tests.items():
        (folder / f"test_{name}.py").write_text(test)
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", str(folder)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")} | {"CI": ci}
    run = subprocess.run([*command, f"--rootdir={folder}"], cwd=ROOT, env=environment, capture_output=True, text=True)
    told = re.findall(r"(?m)^([A-Z]+) .*?\btest_(\w+)\.py", run.stdout.partition("short test summary info")[2])
    return run.returncode == 0, {(name, word) for word, name in told}


def test_a_test_that_is_skipped_fails_in_ci(tmp_path: Path) -> None:
    """However it comes to be skipped; one that is expected to fail, and does, is none of them."""
    is_well, ends = ended(tmp_path, "true", **TESTS)

    assert ends == {("mark", "ERROR"), ("call", "FAILED"), ("fixture", "ERROR"), ("xfail", "XFAIL"), ("good", "PASSED")}
    assert not is_well


def test_a_module_that_is_skipped_fails_in_ci(tmp_path: Path) -> None:
    """It is not even collected, and nothing else is tried then."""
    assert ended(tmp_path, "true", module=MODULE) == (False, {("module", "ERROR")})


def test_they_are_skipped_at_home(tmp_path: Path) -> None:
    is_well, ends = ended(tmp_path, "", **TESTS, module=MODULE)

    skipped = {(name, "SKIPPED") for name in ("mark", "call", "fixture", "module")}
    assert ends == {*skipped, ("xfail", "XFAIL"), ("good", "PASSED")}
    assert is_well
