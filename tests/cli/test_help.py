"""Help is complete, and quick because it loads nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.main import get_command

from batcher.cli.app import app

COMMANDS = ["run", "validate", "status", "results", "retry", "reconcile", "resolve", "sandbox", "config"]
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

    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)

    assert shown.stdout == "[]\n", shown.stderr
