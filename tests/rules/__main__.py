"""
Breaks every rule, one at a time, in a copy of the tree, and says which test saw it.

    python -m tests.rules                     all of them, with the tests named for each (some minutes)
    python -m tests.rules --rule 4            one rule
    python -m tests.rules --only "lag"        those whose sentence holds this text (may be given again)
    python -m tests.rules --tests tests/properties   other tests than the named ones

Exit 1 where a breach survived.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from .breach import Breach
from .breaches import BREACHES

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("batcher", "tests", "config", "pyproject.toml", "README.md", "CHANGELOG.md")
LONGEST_S = 300.0
_GREEN = "all green"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.rules", description=__doc__)
    parser.add_argument("--rule", type=int)
    parser.add_argument("--only", action="append")
    parser.add_argument("--tests", help="arguments of pytest, instead of those named for each breach")
    chosen = parser.parse_args(arguments)
    texts = chosen.only or [""]
    breaches = [
        each for each in BREACHES if chosen.rule in (None, each.rule) and any(text in each.says for text in texts)
    ]
    with tempfile.TemporaryDirectory(prefix="batcher-rules-") as folder:
        copy = Path(folder, "tree")
        _copy_tree(copy)
        if sound := _failures_of_the_sound_tree(copy, breaches, chosen.tests):
            say(f"the tests fail before anything is broken:\n{sound}")
            return 2
        survivors = [each for each in breaches if not _is_caught(copy, each, chosen.tests or each.tests)]
    say(f"\n{len(breaches)} breaches, {len(survivors)} survived")
    return 1 if survivors else 0


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _copy_tree(copy: Path) -> None:
    copy.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, copy / name)


def _failures_of_the_sound_tree(copy: Path, breaches: Sequence[Breach], instead: str | None) -> str:
    named = sorted({each.tests for each in breaches})
    together = " ".join(dict.fromkeys(" ".join(tests for tests in named if " -k " not in tests).split()))
    for tests in [instead] if instead else [together, *(tests for tests in named if " -k " in tests)]:
        last_line = _run(copy, tests)[1] if tests else _GREEN
        if last_line != _GREEN:
            return f"{tests}: {last_line}"
    return ""


def _is_caught(copy: Path, broken: Breach, tests: str) -> bool:
    sound = {copy / edit.file: (copy / edit.file).read_bytes() for edit in broken.edits}
    for edit in broken.edits:
        edit.make(copy)
    began = time.monotonic()
    is_red, last_line = _run(copy, tests)
    for path, contents in sound.items():
        path.write_bytes(contents)
    caught = last_line.removeprefix("FAILED ") if is_red else f"SURVIVED: {last_line}"
    say(f"rule {broken.rule:<2}  {broken.says}\n         {caught}  ({time.monotonic() - began:.1f} s)")
    return is_red


def _run(copy: Path, tests: str) -> tuple[bool, str]:
    """Whether a test fails, and which one did first."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=no", "-rf"]
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "250"}
    try:
        done = subprocess.run(
            [*command, *tests.split()], cwd=copy, env=environment, capture_output=True, text=True, timeout=LONGEST_S
        )
    except subprocess.TimeoutExpired:
        return True, f"no end after {LONGEST_S:.0f} s: {tests}"
    failed = next((line for line in done.stdout.splitlines() if line.startswith("FAILED")), None)
    if failed is None and done.returncode != 0:
        return False, f"cannot be run: {done.stdout[-500:]}{done.stderr[-500:]}"
    return failed is not None, failed or _GREEN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
