"""Help is complete, and quick because it loads nothing heavy."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from typer.main import get_command

from batcher.cli.app import app

COMMANDS = [
    *("run", "validate", "status", "results", "retry", "reconcile", "resolve"),
    *("submit", "undo", "doctor", "sandbox", "products", "ledger", "config"),
]
HEAVY = "{'aiohttp', 'pydantic_settings', 'structlog', 'tenacity', 'sqlite3', 'asyncio', 'ijson', 'uvloop'}"


def test_these_are_the_commands() -> None:
    assert sorted(get_command(app).commands) == sorted(COMMANDS)  # type: ignore[attr-defined]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_does(command: str) -> None:
    found = get_command(app).commands[command]  # type: ignore[attr-defined]

    assert len(found.help or "") > 15
    assert [parameter.name for parameter in found.params if not getattr(parameter, "help", None)] == []


def test_help_loads_nothing_heavy() -> None:
    program = f"import sys; import batcher.cli.app; print(sorted({HEAVY} & set(sys.modules)))"

    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=240)

    assert shown.stdout == "[]\n", shown.stderr


@pytest.mark.parametrize("width", [80, 120])
def test_help_flows_and_is_plain(width: int) -> None:
    """No types where there is nothing to give, and no line that breaks in the middle of a paragraph."""
    shown = subprocess.run(
        [sys.executable, "-m", "batcher", "run", "--help"],
        capture_output=True,
        text=True,
        timeout=240,
        env=os.environ | {"COLUMNS": str(width), "NO_COLOR": "1"},
    )

    lines = [line.rstrip() for line in shown.stdout.splitlines()]
    paragraph = lines[lines.index(" Validate all, load, create all; run it again to carry on.") + 2 :]
    paragraph = paragraph[: paragraph.index("")]
    assert shown.stdout.count("<") == 0
    assert " Usage: batcher run [OPTIONS] MANIFEST" in lines
    assert all(len(line) > width - 20 for line in paragraph[:-1])
    assert max(map(len, lines)) <= width
